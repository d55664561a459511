/*
 * Business hours: a week of a zone's clock, less holidays. A desk is open whenever that clock shows
 * a time at which it is: the hour that summer time skips is never open, the one that comes twice is
 * so twice. Filled first, then immutable: any thread may read it.
 */
#ifndef CORE_HOURS_H
#define CORE_HOURS_H

#include "base/when.h"

struct hash;
struct hours;

/* Closed all week, in a zone that there is (when_zone_is). Asks the C library with another TZ, so
 * not while another thread asks for local times. */
struct hours *hours_new(const char *zone);
void hours_free(struct hours *h);
/* Open on a weekday (0 is Sunday) from minute to minute of the day; where the end is not behind the
 * beginning, it is the next day's. What is open already stays so. */
void hours_open(struct hours *h, int weekday, int from, int to);
/* A holiday: closed on that date from midnight to midnight. After the last hours_open. */
void hours_close(struct hours *h, const struct civil *date);
/* ms that it is open from one time to another; 0 where the second is not later. */
int64_t hours_between(const struct hours *h, int64_t from, int64_t to);
/* Whether they always give the same answer. */
bool hours_same(const struct hours *a, const struct hours *b);
/* Adds all that the answers of hours_between depend on. */
void hours_hash(const struct hours *h, struct hash *to);

#endif
