/* Between the files of the sandbox. */
#ifndef CORE_STORE_SANDBOX_PART_H
#define CORE_STORE_SANDBOX_PART_H

#include "core/store/sandbox.h"

#include <sqlite3.h>

/* printf and format of SQL: SQLite's answers, in time that the result bounds. */
void sandbox_format(sqlite3_context *to, int argc, sqlite3_value **argv);

#endif
