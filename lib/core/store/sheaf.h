/* The facts of some customers by columns, as their folds have them: from here they go into rows of
 * the tables and into blocks. Needs no connection. */
#ifndef CORE_STORE_SHEAF_H
#define CORE_STORE_SHEAF_H

#include "core/fold/fold.h"
#include "core/store/column.h"

struct sheaf;

struct sheaf *sheaf_new(void);
void sheaf_free(struct sheaf *s);
void sheaf_clear(struct sheaf *s);
/* The facts of the next customer; f NULL: she has none. Numbers ascend. */
void sheaf_add(struct sheaf *s, int64_t customer, const struct fold *f);
/* Makes the bytes of a block of all that was added (blocks.h). */
void sheaf_pack(struct sheaf *s);
/* Customers, and rows of the i-th in all tables; 0: she has no facts. */
size_t sheaf_count(const struct sheaf *s);
size_t sheaf_rows(const struct sheaf *s, size_t i);

#endif
