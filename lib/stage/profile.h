/* A profile (profile/1): who we are in the exports, the same as jnorm's options. */
#ifndef STAGE_PROFILE_H
#define STAGE_PROFILE_H

#include "io/yaml.h"

struct profile {
	const char *account, *tz, *region; /* NULL: not said */
	const char **self, **bots;
	size_t selves, self_cap, botn, bot_cap;
	struct yaml *root; /* holds the strings */
};

/* -1 and "file:line:column: reason". Release with profile_release either way. */
int profile_read(struct profile *p, const char *path, struct buf *err);
void profile_release(struct profile *p);

#endif
