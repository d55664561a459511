/* What the files of jroute's stage share. Nobody else includes it. */
#ifndef STAGE_ROUTE_PART_H
#define STAGE_ROUTE_PART_H

#include "stage/route.h"
#include "stage/situation.h"

/* Append as JSON where a choice goes, and why a person has it. */
void route_put_target(struct buf *out, const struct choice *c);
void route_put_reasons(struct buf *out, const struct choice *c);
/* Appends as JSON how to answer: of a choice that has a delivery, and the situation of its event.
 */
void route_put_delivery(
	struct buf *out, struct situation *s, const struct event *ev, const struct choice *c);
/* Appends, as one JSON object, each rule and why it did or did not take the event. */
void route_explain(struct buf *out, struct rules *r, const struct event *ev, struct situation *s,
	const struct choice *c);
/* Appends such an object laid out for people. */
void route_lay_out(struct buf *out, struct str object, bool colour);

#endif
