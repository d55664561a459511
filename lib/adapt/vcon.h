/* A conversation container (draft-ietf-vcon-vcon-core) that is being read. */
#ifndef ADAPT_VCON_H
#define ADAPT_VCON_H

#include "adapt/adapt.h"
#include "adapt/transcript_name.h"

struct vcon_party {
	const struct json *v;
	enum side side;
};

struct vcon_dialog {
	const struct json *v;
	bool whole; /* the record that it was made of is in the container as well */
	struct str transcript, summary; /* that somebody made of it */
};

struct vcon_in {
	struct adapt_run *run;
	const char *file;
	uint64_t line, offset; /* of the container */
	const struct json *root;
	struct str uuid;
	bool signed_by_some; /* it came signed; nobody checks by whom */
	bool told;	     /* what stands in the container beside its parts, with a record */
	struct buf payload;  /* what was signed */
	struct vcon_party *parties;
	size_t party_n, party_cap;
	struct vcon_dialog *dialogs;
	size_t dialog_n, dialog_cap;
	struct buf text, why; /* scratch */
};

struct str vcon_text(const struct json *of, const char *name); /* of a member that is a string */
/* The number that v is, where it is one below n; n where it is none. */
size_t vcon_index(const struct json *v, size_t n);
/* The content of a dialog, an analysis or an attachment as text, decoded; empty where it has none
 * of its own. Borrowed from it or from x->text. */
struct str vcon_body(struct vcon_in *x, const struct json *of);
/* Which side each party is on, by its role and type and by who we are said to be. */
void vcon_sides(struct vcon_in *x);
/* Adds to ext what is read of none: of the dialog, of who speaks in it (NULL: nobody does), and
 * with the first of a container's records of the container. */
void vcon_rest(struct vcon_in *x, const struct json *dialog, const struct json *speaker);
/* An extension without which the container must not be read; empty: there is none. */
struct str vcon_needs(const struct json *root);
/* Emits what a dialog tells, or rejects it. -1 and a reason when that fails. */
int vcon_dialog(struct vcon_in *x, size_t number, struct buf *err);

#endif
