/* FNV-1a (Fowler, Noll and Vo): marks and places in tables, from one byte to the next. Whoever
 * chooses the bytes can make them meet. */
#ifndef BASE_FNV_H
#define BASE_FNV_H

#include "base/buf.h"

#define FNV_START UINT64_C(14695981039346656037)

static inline uint64_t fnv_byte(uint64_t h, unsigned char byte)
{
	return (h ^ byte) * UINT64_C(1099511628211);
}

/* What h is behind the bytes of s; FNV_START is before the first. */
static inline uint64_t fnv_add(uint64_t h, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		h = fnv_byte(h, (unsigned char)s.s[i]);
	return h;
}

/* The same in 32 bits. */
static inline uint32_t fnv32(struct str s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.s[i]) * 16777619u;
	return h;
}

#endif
