/*
 * Time: milliseconds since 1970-01-01T00:00:00Z (int64_t), RFC 3339 on the outside, one zone for
 * local times a process.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "base/buf.h"

#define WHEN_SECOND INT64_C(1000)
#define WHEN_MINUTE (60 * WHEN_SECOND)
#define WHEN_HOUR (60 * WHEN_MINUTE)
#define WHEN_DAY (24 * WHEN_HOUR)
#define WHEN_FIRST                                                                                 \
	INT64_C(-62135596800000) /* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: what RFC    \
				    3339 can write */
#define WHEN_LAST INT64_C(253402300799999)
#define WHEN_TEXT 25 /* bytes of 2026-03-02T14:05:10.000Z with its NUL */

struct civil {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second, ms;
};

bool civil_valid(
	const struct civil *c); /* a date that exists, 0-23 h, 0-59 min, 0-60 s, year 1-9999 */
int64_t civil_utc(const struct civil *c);
void utc_civil(int64_t when, struct civil *c);

/* A time so far from the ends of its type that an offset can be added. */
static inline int64_t when_inside(int64_t when)
{
	const int64_t most = INT64_MAX - 2 * WHEN_DAY;

	return when > most ? most : when < -most ? -most : when;
}

/*
 * Names the zone of local times: an IANA name (America/Sao_Paulo), UTC, or an offset (+02:00, -03).
 * Until it is called the zone is UTC. Returns -1 and a reason where there is no such zone.
 */
int when_zone(const char *name, struct buf *err);
const char *when_zone_name(void);
/* Whether there is such a zone, of those that when_zone takes. */
bool when_zone_is(const char *name);
/* Seconds east of UTC in another zone, which there is, at n times in seconds since 1970. */
void when_offsets(const char *name, const int64_t *seconds, int64_t *offsets, size_t n);
/* A local time in the zone; in a gap as by the clock that was not put forward, in a fold the
 * earlier one. */
int64_t when_local(const struct civil *c);
/* The same in another zone, which there is. It is slow: some 10 us. */
int64_t when_local_in(const char *zone, const struct civil *c);
/* The local reading of `when`; *weekday 0 is Sunday (may be NULL). */
void local_civil(int64_t when, struct civil *c, int *weekday);

/* RFC 3339 with its offset, fraction of any length (cut to ms), 't' and 'z' and a blank for 'T'
 * accepted; false else, and where UTC is in no year of four digits. */
bool when_parse(struct str s, int64_t *when);
void when_format(int64_t when, char out[WHEN_TEXT]);
/* Appends the local minute, as people read it: 2026-03-02 14:05. */
void when_minute(struct buf *out, int64_t when);
/* Appends a span in its two largest units: 2d 3h, -5m, 0s. */
void when_span_text(struct buf *out, int64_t ms);
/* The value of --since and --until: RFC 3339, a date (local midnight), or a span like 7d back from
 * now. */
int when_option(const char *s, int64_t *when, struct buf *err);
/* A day that there is, as 2026-03-02. */
bool when_date(struct str s, struct civil *c);
/* A time of day as 08:30, up to 24:00, in minutes. */
bool when_clock(struct str s, int *minutes);
/* sun, mon and so on: 0 is Sunday; -1: none of them. */
int when_weekday(struct str s);
/* A span: a number with ms, s, m, h, d, w or mo (30 d); bare numbers are refused. */
bool when_span(struct str s, int64_t *ms);
int64_t when_now(void);
int64_t when_steady(void); /* of a clock that nobody sets: for spans alone */

/* From --since on, before --until. */
struct when_range {
	bool has_since, has_until;
	int64_t since, until;
};
static inline bool when_within(const struct when_range *r, int64_t when)
{
	return !(r->has_since && when < r->since) && !(r->has_until && when >= r->until);
}

#endif
