/* Grid: the few settings of libsmartcols that all tables of this tool share. */
#include "grid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "base/auto.h"
#include "term/utf8.h"

static bool is_ascii;

void grid_draw_ascii(void) { is_ascii = true; }

struct libscols_table *grid_new(const struct grid_style *style)
{
    struct libscols_table *table = scols_new_table();
    if (!table)
        return NULL;
    scols_table_set_name(table, style->name);
    scols_table_enable_json(table, style->is_json);
    scols_table_enable_noheadings(table, style->has_no_header);
    scols_table_enable_colors(table, style->is_coloured);
    scols_table_enable_ascii(table, is_ascii);
    return table;
}

void grid_freep(struct libscols_table **table)
{
    scols_unref_table(*table);
    *table = NULL;
}

int grid_add_column(struct libscols_table *table, const struct grid_style *style,
                    const char *header, const char *key, int json_type, bool is_right, double share)
{
    int scols_flags = (is_right ? SCOLS_FL_RIGHT : 0) | (share > 0 ? SCOLS_FL_TRUNC : 0);
    if (style->is_tree && scols_table_get_ncols(table) == 0)
        scols_flags |= SCOLS_FL_TREE;
    struct libscols_column *column =
        scols_table_new_column(table, style->is_json ? key : header, share, scols_flags);
    if (!column)
        return -ENOMEM;
    scols_column_set_json_type(column, json_type);
    if (json_type == SCOLS_JSON_ARRAY_STRING) {
        scols_column_set_flags(column, scols_flags | SCOLS_FL_WRAP);
        scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
    }
    return 0;
}

/* What is not UTF-8 (a path, a reason that was cut in the middle of a character) would make JSON that nobody reads:
 * each such byte becomes the replacement character. */
static char *copy_as_utf8(const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
    uint32_t character;
    char *copy = malloc((sizeof replacement - 1) * strlen(text) + 1), *to = copy;
    if (!copy)
        return NULL;
    while (at < end) {
        unsigned n = tri_utf8_decode(at, end, &character);
        memcpy(to, n ? (const char *)at : replacement, n ? n : sizeof replacement - 1);
        to += n ? n : sizeof replacement - 1;
        at += n ? n : 1;
    }
    *to = '\0';
    return copy;
}

int grid_set(struct libscols_line *line, size_t column, const char *text, const char *colour)
{
    if (!*text)
        return 0;
    char *copy = copy_as_utf8(text);
    if (!copy)
        return -ENOMEM;
    if (scols_line_refer_data(line, column, copy)) {
        free(copy);
        return -ENOMEM;
    }
    return colour ? scols_cell_set_color(scols_line_get_cell(line, column), colour) : 0;
}

/* How many bytes the character or escape sequence at `at` has, and how many places it takes on the terminal. */
static size_t step(const char *at, const char *end, size_t *ret_places)
{
    wchar_t character;
    mbstate_t state = {0};
    if (*at == '\033') {
        const char *last = at;
        while (last < end && *last != 'm')
            last++;
        *ret_places = 0;
        return (size_t)(last - at) + (last < end);
    }
    size_t n = mbrtowc(&character, at, (size_t)(end - at), &state);
    if (n == 0 || n > (size_t)(end - at)) {
        *ret_places = 1;
        return 1;
    }
    int places = wcwidth(character);
    *ret_places = places > 0 ? (size_t)places : 0;
    return n;
}

/* Columns that libsmartcols does not cut may still be too wide together: what does not fit is left out, but for the
 * sequences that end a colour. */
static void print_cut(const char *line, const char *end, size_t width)
{
    size_t used = 0, places;
    for (const char *at = line; at < end;) {
        size_t n = step(at, end, &places);
        used += places;
        if (used <= width || *at == '\033')
            fwrite(at, 1, n, stdout);
        at += n;
    }
    putchar('\n');
}

void grid_print(struct libscols_table *table, size_t max_lines)
{
    TRI_AUTO(tri_freep) char *all = NULL;
    if (!isatty(STDOUT_FILENO) || scols_table_is_json(table)) {
        scols_print_table(table);
        return;
    }
    if (scols_print_table_to_string(table, &all) || !all)
        return;
    size_t width = scols_table_get_termwidth(table), count = 0;
    for (const char *line = all; *line && (max_lines == 0 || count < max_lines); count++) {
        const char *end = line + strcspn(line, "\n");
        print_cut(line, end, width);
        line = end + (*end == '\n');
    }
}
