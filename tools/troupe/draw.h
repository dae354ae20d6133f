/* Draw: actors as a table, a tree or JSON. */
#ifndef TROUPE_TOOL_DRAW_H
#define TROUPE_TOOL_DRAW_H

#include "column.h"
#include "grid.h"
#include "sight.h"

struct drawing {
    struct grid_style style;
    const struct column *const *columns;
    size_t column_count;
    size_t max_lines; /* 0: all */
};

/* Prints them in the order given; in a tree that is the order of siblings. 0 or -ENOMEM. */
int draw_sights(const struct drawing *drawing, const struct sight *sights, size_t count);

#endif
