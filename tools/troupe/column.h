/* Columns: everything that ps can tell of an actor, each under a header for people and a key for programs. */
#ifndef TROUPE_TOOL_COLUMN_H
#define TROUPE_TOOL_COLUMN_H

#include "sight.h"

enum value_kind { VALUE_NONE, VALUE_TEXT, VALUE_NUMBER, VALUE_REAL, VALUE_TRUTH };

struct value {
    enum value_kind kind;
    const char *text;
    uint64_t number;
    double real;
    bool truth;
};

/* How a value is written for people; programs get it as it is. */
enum style { STYLE_PLAIN, STYLE_NAME, STYLE_MS, STYLE_BYTES, STYLE_RATE, STYLE_PERCENT };

struct column {
    const char *header;
    const char *key;
    enum value_kind kind; /* what it holds when it holds anything */
    enum style style;
    /* Of a narrow terminal, what is left to it when it must be cut; 0: it is not cut. */
    double share;
    struct value (*value)(const struct sight *sight, char *scratch);
    const char *help;
};

/* Room that a column's text may need. */
enum { CELL_BYTES = 4096 };

extern const struct column columns[];
extern const size_t column_count;

/* Finds a column by header or key, in whichever case; NULL when there is none. */
const struct column *column_find(const char *name, size_t length);

/* A cell's text, for people or for JSON ("" stands for null there). Returns buffer. */
char *column_text(const struct column *column, const struct sight *sight, bool is_json,
                  char buffer[CELL_BYTES]);

/* Writes a time: as it is in JSON, for people in at most six places: 4.2s 42s 3m12s 5h07m 12d03h. */
void column_write_ms(uint64_t ms, bool is_json, char *buffer, size_t size_bytes);

/* Writes an amount of memory for people: 120 35K 4.1M. */
void column_write_bytes(uint64_t bytes, char buffer[CELL_BYTES]);

/* Compares two actors by a column: nothing comes first, numbers by size, texts by byte. */
int column_compare(const struct column *column, const struct sight *a, const struct sight *b);

#endif
