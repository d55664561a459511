#include "base/mem.h"
#include "base/die.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void mem_failed(void)
{
	die("out of memory");
}

static void *checked(void *p)
{
	if (!p)
		mem_failed();
	return p;
}

void *mem_alloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *mem_zero(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *mem_resize(void *p, size_t size)
{
	return checked(realloc(p, size ? size : 1));
}

char *mem_copy(const char *s, size_t len)
{
	char *p = mem_alloc(len + 1);

	if (len)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *mem_string(const char *s)
{
	return mem_copy(s, strlen(s));
}

void *mem_grow(void *p, size_t *cap, size_t need, size_t size)
{
	size_t old = *cap, now = old ? old : 8;

	if (need > old) {
		while (now < need)
			now *= 2;
		if (now > SIZE_MAX / size)
			mem_failed();
		p = mem_resize(p, now * size);
		*cap = now;
	}
	memset((char *)p + (need - 1) * size, 0, size);
	return p;
}
