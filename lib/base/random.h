/*
 * Random numbers that are the same on every machine: whole numbers, and shares that these
 * scale to without rounding; no library's own generator. SplitMix64 (Steele, Lea and Flood, "Fast
 * Splittable Pseudorandom Number Generators", 2014).
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* The stream of its own that belongs to a number of a seed. */
static inline struct random random_stream(uint64_t seed, uint64_t number)
{
	struct random r = {seed ^ UINT64_C(0x6a67656e)};

	r.state = random_next(&r) + number * UINT64_C(0xd1342543de82ef95);
	r.state = random_next(&r);
	return r;
}

/* From 0 to n - 1; n below 2^32. Of 2^32 numbers: the bias is n / 2^32 at most. */
static inline uint64_t random_below(struct random *r, uint64_t n)
{
	return ((random_next(r) >> 32) * n) >> 32;
}

/* Above 0 and up to 1, in steps of 2^-53. */
static inline double random_unit(struct random *r)
{
	return (double)((random_next(r) >> 11) + 1) * 0x1p-53;
}

/* True with the probability of `share` in 10,000. */
static inline bool random_share(struct random *r, int64_t share)
{
	return (int64_t)random_below(r, 10000) < share;
}

#endif
