/* jproject traces: journeys as traces of the OpenTelemetry protocol, a span a contact. */
#ifndef STAGE_TRACES_H
#define STAGE_TRACES_H

#include "stage/show.h"

struct traces {
	struct show *show;   /* its format does not count; since and until: of issues */
	const char *service; /* service.name; NULL: jtools */
	bool text;	     /* what was said, who of ours, and reasons too */
};

/*
 * Writes OTLP/JSON, an ExportTraceServiceRequest a line, each of some customers whole: what is held
 * in memory is a line and one customer's records. Made of the records themselves. Status as the
 * store's.
 */
int traces_show(struct traces *t, struct buf *err);

#endif
