/*
 * Mail: mbox files (adapt_mbox), single messages (adapt_eml) and Maildir folders, all under the
 * source email/<account>, so that one mail read from two of them is one event. A thread's root is
 * its session.
 */
#ifndef ADAPT_MAIL_H
#define ADAPT_MAIL_H

#include "adapt/adapt.h"

/* Reads cur/ and new/ of a Maildir, each in the order of names. -1 and a reason where nothing
 * further can be read. */
int adapt_maildir(struct adapt_run *run, const char *folder, struct buf *err);
/* Whether the folder is a Maildir: it has cur/ and new/. */
bool adapt_is_maildir(const char *folder);
/* Whether a file lies as one of a Maildir does: in a folder that is called cur or new. */
bool adapt_in_maildir(const char *path);
/* Ends what is kept between the inputs of a run: run->mail, which may be NULL. */
void mail_release(struct adapt_run *run);

#endif
