/* A block has so many columns: a fact that has more would be written past its end. */
#include "core/store/blocks_part.h"
#include "core/store/internal.h"
#include "unit.h"

/* The generation and the customer come first. */
static int columns_of(size_t table)
{
	int n = 3;

	for (const char *p = facts_columns(table); *p; p++)
		n += *p == ',';
	return n;
}

int main(void)
{
	for (size_t t = 0; t < FACT_TABLES; t++) {
		if (columns_of(t) > BLOCK_COLUMNS)
			printf("%s: %d columns of %d\n", facts_table(t), columns_of(t),
				BLOCK_COLUMNS);
		CHECK(columns_of(t) <= BLOCK_COLUMNS);
	}
	return unit_end();
}
