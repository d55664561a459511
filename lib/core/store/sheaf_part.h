/* What a sheaf holds. For the files that fill it and write it. */
#ifndef CORE_STORE_SHEAF_PART_H
#define CORE_STORE_SHEAF_PART_H

#include "core/store/blocks_part.h"
#include "core/store/internal.h"
#include "core/store/sheaf.h"

#define SHEAF_WORDS 256 /* constant texts whose codes are remembered by where they are */

struct sheaf_column {
	enum column_type type;
	union column_value *v; /* texts: codes of the sheaf's */
};

/* Columns as the table has them; that of the generation is empty. */
struct sheaf_table {
	struct sheaf_column v[BLOCK_COLUMNS];
	int columns; /* 0: there was no row yet */
	size_t n, cap;
	size_t key[FACT_KEY], key_n;
};

struct sheaf_customer {
	int64_t customer;
	size_t ends[FACT_TABLES]; /* of her rows */
};

/* One column as bytes of a block. */
struct sheaf_bytes {
	size_t table, column, at, len;
};

struct sheaf {
	struct sheaf_table tables[FACT_TABLES];
	struct codes texts;
	struct sheaf_customer *v;
	size_t n, cap;
	int64_t *of_pool; /* codes of the fold's texts; 0: not looked up yet */
	size_t of_pool_n, of_pool_cap;
	struct {
		const char *s;
		int64_t code;
	} words[SHEAF_WORDS];
	struct buf bytes; /* see sheaf_pack */
	struct sheaf_bytes *packed;
	size_t packed_n, packed_cap;
	bool plain;
};

/* Makes places for n more rows in every column that the table has. */
void sheaf_room(struct sheaf_table *t, size_t n);
/* Adds a fold's rows of a table. */
void sheaf_add_rows(struct sheaf *s, size_t table, int64_t customer, const struct fold *f);
/* Puts rows of a table from one on into the order of its key. */
void sheaf_sort(struct sheaf *s, size_t table, size_t from);
/* The rows of the i-th customer in a table: from *from on. */
size_t sheaf_part(const struct sheaf *s, size_t i, size_t table, size_t *from);

#endif
