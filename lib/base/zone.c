#include "base/zone.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/region.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LIST "/usr/share/zoneinfo/zone.tab"
#define DAY 86400
#define DAYS 64 /* whose offsets are remembered of a zone: a power of two */

struct zone {
	char *name;
	struct {
		int64_t day; /* its number and 1, so that 0 is none */
		int64_t offset;
		bool whole; /* it holds all day long */
	} known[DAYS];
};

/* Regions to the numbers of their zones, from 1; 0: several, so none. */
struct zones {
	struct map set, listed;
	bool read; /* the list, which few need */
	struct zone **v;
	size_t n, cap;
};

static void fold_region(char out[8], struct str region)
{
	size_t n = region.len < 7 ? region.len : 7;

	for (size_t i = 0; i < n; i++)
		out[i] = (char)toupper((unsigned char)region.s[i]);
	out[n] = '\0';
}

static size_t add_zone(struct zones *z, const char *name)
{
	struct zone *new = mem_zero(1, sizeof(*new));

	new->name = mem_string(name);
	*VEC_ADD(z, v, n, cap) = new;
	return z->n;
}

static void read_line(struct zones *z, const char *line)
{
	char region[8] = "", name[64] = "";
	union map_value *v;
	bool fresh;

	if (line[0] == '#' || sscanf(line, "%7s %*s %63s", region, name) != 2)
		return;
	v = map_slot(&z->listed, str_of(region), &fresh);
	v->n = fresh ? (int64_t)add_zone(z, name) : 0;
}

static void read_list(struct zones *z)
{
	FILE *f = fopen(LIST, "re");
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		read_line(z, line);
	if (f)
		fclose(f);
	z->read = true;
}

struct zones *zones_new(void)
{
	return mem_zero(1, sizeof(struct zones));
}

void zones_free(struct zones *z)
{
	if (!z)
		return;
	for (size_t i = 0; i < z->n; i++) {
		free(z->v[i]->name);
		free(z->v[i]);
	}
	free(z->v);
	map_release(&z->set);
	map_release(&z->listed);
	free(z);
}

int zones_set(struct zones *z, struct str region, const char *zone, struct buf *err)
{
	char folded[8];

	if (!region_is(region.s))
		return buf_printf(err, "no region like BR or US-CA: %s", region.s), -1;
	if (!when_zone_is(zone))
		return buf_printf(err, "no such time zone: %s", zone), -1;
	fold_region(folded, region);
	map_slot(&z->set, str_of(folded), NULL)->n = (int64_t)add_zone(z, zone);
	return 0;
}

static const union map_value *number_of(struct zones *z, const char *region)
{
	const union map_value *v = map_get(&z->set, str_of(region));

	if (v)
		return v;
	if (!z->read)
		read_list(z);
	return map_get(&z->listed, str_of(region));
}

static struct zone *find(struct zones *z, struct str region)
{
	char folded[8], *hyphen;
	const union map_value *v;

	fold_region(folded, region);
	v = number_of(z, folded);
	hyphen = strchr(folded, '-');
	if (!v && hyphen) {
		*hyphen = '\0';
		v = number_of(z, folded);
	}
	return v && v->n ? z->v[v->n - 1] : NULL;
}

/* No zone changes twice within a day: what holds at both of its ends holds in it. */
static int64_t offset_of(struct zone *zone, int64_t seconds)
{
	int64_t day = seconds / DAY - (seconds % DAY < 0);
	size_t slot = (size_t)day & (DAYS - 1);
	int64_t ends[2] = {day * DAY, day * DAY + DAY - 1}, offsets[2];

	if (zone->known[slot].day == day + 1 && zone->known[slot].whole)
		return zone->known[slot].offset;
	when_offsets(zone->name, ends, offsets, 2);
	zone->known[slot].day = day + 1;
	zone->known[slot].offset = offsets[0];
	zone->known[slot].whole = offsets[0] == offsets[1];
	if (offsets[0] != offsets[1])
		when_offsets(zone->name, &seconds, offsets, 1);
	return offsets[0];
}

void zones_civil(struct zones *z, struct str region, int64_t when, struct civil *c, int *weekday)
{
	struct zone *zone = region.len ? find(z, region) : NULL;
	int64_t seconds = when / 1000 - (when % 1000 < 0), local, days;

	if (!zone) {
		local_civil(when, c, weekday);
		return;
	}
	local = when_inside(when) + offset_of(zone, seconds) * 1000;
	utc_civil(local, c);
	days = local / WHEN_DAY - (local % WHEN_DAY < 0);
	/* 1970-01-01 was a Thursday. */
	*weekday = (int)(((days + 4) % 7 + 7) % 7);
}
