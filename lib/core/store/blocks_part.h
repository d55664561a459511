/* Where blocks lie. For the files that write and read them. */
#ifndef CORE_STORE_BLOCKS_PART_H
#define CORE_STORE_BLOCKS_PART_H

#include "core/store/column.h"
#include "core/store/facts.h"

/*
 * fact_block: customers in (after, upto] of a generation; plain: no value of theirs is one that
 * columns cannot have. fact_column: the bytes of one column, by this key; none where a table has
 * no rows of theirs.
 */
#define BLOCK_TABLES 16
#define BLOCK_COLUMNS 64

static inline int64_t block_key(int64_t block, size_t table, size_t column)
{
	return (block * BLOCK_TABLES + (int64_t)table) * BLOCK_COLUMNS + (int64_t)column;
}

#define BLOCK_CUSTOMER                                                                             \
	1 /* the column with the customer, in every table; that before it has the                  \
	     generation */

#define CUSTOMERS (FACT_TABLES - 1) /* the table that has a row of everybody with facts */

/* The table that is in no block: hardly two of its values are alike, and it is looked up. */
#define ENTITIES (FACT_TABLES - 2)

enum column_type block_type(const char *declared);

#endif
