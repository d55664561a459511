/* Business hours: the section `hours`. */
#include "core/ontology_part.h"
#include "base/mem.h"
#include "base/region.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT "default"

static int read_days(struct loader *l, const struct yaml *list, bool days[7])
{
	for (int i = 0; !list && i < 7; i++)
		days[i] = true;
	if (list && list->type != YAML_SEQUENCE)
		return loader_refuse(l, list, "days is no list of weekdays");
	for
		YAML_EACH(v, list)
		{
			int day = v->type == YAML_SCALAR ? when_weekday(str_of(v->text)) : -1;

			if (day < 0)
				return loader_refuse(
					l, v, "no weekday (sun, mon, tue, wed, thu, fri, sat)");
			days[day] = true;
		}
	return 0;
}

static int read_clock(struct loader *l, const struct yaml *of, const char *name, int *out)
{
	const struct yaml *v = yaml_get(of, name);

	if (v && v->type == YAML_SCALAR && when_clock(str_of(v->text), out))
		return 0;
	return loader_refuse(l, v ? v : of, "from and to are times of day like \"08:30\"");
}

static void read_open(struct loader *l, const struct yaml *v, struct hours *h)
{
	static const char *const names[] = {"days", "from", "to", NULL};
	bool days[7] = {false};
	int from = 0, to = 0;

	if (loader_known(l, v, names) < 0 || read_days(l, yaml_get(v, "days"), days) < 0 ||
		read_clock(l, v, "from", &from) < 0 || read_clock(l, v, "to", &to) < 0)
		return;
	for (int i = 0; i < 7; i++)
		if (days[i])
			hours_open(h, i, from, to);
}

static void read_holiday(struct loader *l, const struct yaml *v, struct hours *h)
{
	struct civil date;

	if (v->type == YAML_SCALAR && when_date(str_of(v->text), &date))
		hours_close(h, &date);
	else
		loader_refuse(l, v, "a date like 2026-12-25 is expected here");
}

static void read_list(struct loader *l, const struct yaml *list, struct hours *h,
	void (*read)(struct loader *l, const struct yaml *v, struct hours *h))
{
	if (list->type != YAML_SEQUENCE)
		loader_refuse(l, list, "a list is expected here");
	for
		YAML_EACH(v, list->type == YAML_SEQUENCE ? list : NULL)
	read(l, v, h);
}

/* Those of a layer below are replaced. */
static void keep(struct ontology *o, const char *region, struct hours *h)
{
	struct region_hours *to = NULL;

	for (size_t i = 0; i < o->hours_n; i++)
		if (strcmp(o->hours[i].region, region) == 0)
			to = &o->hours[i];
	if (!to) {
		to = VEC_ADD(o, hours, hours_n, hours_cap);
		to->region = mem_string(region);
	}
	hours_free(to->hours);
	to->hours = h;
}

void loader_hours(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {"zone", "open", "holidays", NULL};
	const struct yaml *zone = yaml_get(v, "zone"), *open = yaml_get(v, "open"),
			  *holidays = yaml_get(v, "holidays");
	struct hours *h;

	if (strcmp(v->key, DEFAULT) != 0 && !region_is(v->key)) {
		loader_refuse(l, v, "neither default nor a region like BR or US-CA: %.60s", v->key);
		return;
	}
	if (loader_known(l, v, names) < 0 || loader_take(l, "hours", v, v->key) < 0)
		return;
	if (!zone || !open) {
		loader_refuse(l, v, "no %s", zone ? "open" : "zone");
		return;
	}
	if (zone->type != YAML_SCALAR || !when_zone_is(zone->text)) {
		loader_refuse(l, zone, "no such time zone: %.60s",
			zone->type == YAML_SCALAR ? zone->text : "");
		return;
	}
	h = hours_new(zone->text);
	read_list(l, open, h, read_open);
	if (holidays)
		read_list(l, holidays, h, read_holiday);
	keep(l->o, v->key, h);
}

/* Of those that it is within, the longest name: US-CA before US. */
const struct hours *ontology_hours(const struct ontology *o, struct str region)
{
	const struct hours *found = NULL;
	size_t length = 0;

	for (size_t i = 0; i < o->hours_n; i++) {
		const struct region_hours *one = &o->hours[i];
		size_t n = strcmp(one->region, DEFAULT) == 0 ? 0 : strlen(one->region);

		if (n ? n > length && region_within(region, one->region) : !found) {
			found = one->hours;
			length = n;
		}
	}
	return found;
}
