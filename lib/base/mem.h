/* Memory that is there or ends the program: out of memory is met here and nowhere else. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <string.h>

void mem_failed(void) __attribute__((noreturn)); /* where a library says that there is none */
void *mem_alloc(size_t size);			 /* not cleared; free() */
void *mem_zero(size_t count, size_t size);	 /* cleared; free() */
void *mem_resize(void *p, size_t size);
char *mem_copy(const char *s, size_t len); /* NUL added; free() */
char *mem_string(const char *s);	   /* copy of a C string; free() */

/*
 * Growable arrays are three members of a struct: T *v; size_t n, cap.
 * VEC_ADD(o, v, n, cap) makes room for one more, cleared, and returns its address.
 */
void *mem_grow(void *p, size_t *cap, size_t need, size_t size);
/* The same, in place where there is room: arrays are filled far more often than they grow. */
static inline void *mem_more(void *p, size_t *cap, size_t need, size_t size)
{
	if (!p || need > *cap)
		return mem_grow(p, cap, need, size);
	memset((char *)p + (need - 1) * size, 0, size);
	return p;
}
#define VEC_ADD(o, v, n, cap)                                                                      \
	((o)->v = mem_more((o)->v, &(o)->cap, (o)->n + 1, sizeof(*(o)->v)), &(o)->v[(o)->n++])

#endif
