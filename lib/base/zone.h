/*
 * Clocks of regions (ISO 3166-1 alpha-2, "BR"; of "US-CA" what stands before the hyphen where the
 * whole has none). A region has the zone that it was given, else the one that the zone database
 * lists for it where that is the only one; else the zone of the process (base/when.h) holds.
 * Asks the C library with another TZ, so not while another thread asks for local times.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/when.h"

struct zones;

struct zones *zones_new(void); /* the database's list is read when it is needed; without it no
				  region has a zone but those given one */
void zones_free(struct zones *z);
/* Gives a region a zone of the database; -1 and a reason where there is no such zone, or it is no
 * region. */
int zones_set(struct zones *z, struct str region, const char *zone, struct buf *err);
/* The local reading of `when` in a region; an empty region is none. *weekday 0 is Sunday. */
void zones_civil(struct zones *z, struct str region, int64_t when, struct civil *c, int *weekday);

#endif
