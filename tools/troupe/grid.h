/* Grid: libsmartcols in the words of this tool: tables, trees and JSON in one way for all commands. */
#ifndef TROUPE_TOOL_GRID_H
#define TROUPE_TOOL_GRID_H

#include <libsmartcols/libsmartcols.h>
#include <stdbool.h>

struct grid_style {
    const char *name; /* of the list in JSON */
    bool is_json, is_tree, has_no_header, is_coloured;
};

/* A new table; NULL when there is no memory. */
struct libscols_table *grid_new(const struct grid_style *style);
void grid_freep(struct libscols_table **table); /* for TRI_AUTO */

/* Adds a column: header for people, key and SCOLS_JSON_ type for JSON. A list's cells hold
 * an element on each line. The first column of a tree bears its lines.
 *   share   of a terminal's width that is left to it when it must be cut; 0: it is not cut
 * 0 or -ENOMEM. */
int grid_add_column(struct libscols_table *table, const struct grid_style *style,
                    const char *header, const char *key, int json_type, bool is_right,
                    double share);

/* Sets a cell; text is copied. "" is null in JSON. colour may be NULL. 0 or -ENOMEM. */
int grid_set(struct libscols_line *line, size_t column, const char *text, const char *colour);

/* Prints it, cut at the terminal's width when it goes to one. When max_lines is not 0, no more than so many. */
void grid_print(struct libscols_table *table, size_t max_lines);

/* The terminal cannot show UTF-8: draw trees in ASCII. */
void grid_draw_ascii(void);

#endif
