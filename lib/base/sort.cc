extern "C" {
#include "base/sort.h"
}

#include <algorithm>

void sort_numbers(uint64_t *v, size_t n)
{
	std::sort(v, v + n);
}
