/* Telephone numbers by libphonenumber. */
#ifndef IO_PHONE_H
#define IO_PHONE_H

#include "base/buf.h"

/*
 * Appends the number in E.164 (+5511912345678). region: ISO 3166-1 alpha-2 for national numbers, or
 * NULL when only international ones are understood. false, and nothing appended, where s is no
 * possible number.
 */
bool phone_e164(struct buf *out, struct str s, const char *region);
/* The same where the number is one that can have been given out: its beginning and its length are
 * those of its country. */
bool phone_valid(struct buf *out, struct str s, const char *region);
/* Forgets how numbers were read: what follows is read anew. For tests. */
void phone_forget(void);

/* Whether there are national numbers of that name: ISO 3166-1 alpha-2, in capitals. */
bool phone_region(const char *region);

#endif
