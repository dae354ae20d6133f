/* Crashes: what the files of `troupe crashes` share: a report as it was read, and questions to it. */
#ifndef TROUPE_TOOL_CRASHES_H
#define TROUPE_TOOL_CRASHES_H

#include <stdio.h>

#include "coroner/store.h"
#include "troupe/term.h"

struct crash {
    char id[TRI_KEEPSAKE_ID_BYTES];
    struct tr_out out;
    tr_term report; /* a map; empty when the file could not be read as one */
};

/* Reads the report of that id. 0; TR_MALFORMED: it is none, and the map is empty; or why it could not be read. */
int crash_read(const char *id, struct crash *ret_crash);
void crash_deinit(struct crash *crash); /* for TRI_AUTO */

/* Questions to a map; each tells whether there is such a key, of such a kind. */
bool crash_find(tr_term map, const char *key, tr_term *ret_value);
bool crash_number(tr_term map, const char *key, uint64_t *ret_number);
bool crash_is_true(tr_term map, const char *key);
/* Copies a text or an atom, "" when there is none; what would spoil a terminal or a line is replaced. Returns buffer. */
char *crash_text(tr_term map, const char *key, char *buffer, size_t size_bytes);

/* The reason in a few words: "sigsegv segv_maperr", "limit memory", "exit_status 3". Returns buffer. */
char *crash_why(tr_term report, char *buffer, size_t size_bytes);

/* Is it of that node, which may be named with or without its host? True for NULL. */
bool crash_is_of_node(const struct crash *crash, const char *node);

/* "2026-11-22T21:30:00.123Z" as s since 1970; 0 when it is no such time. */
uint64_t crash_time_s(tr_term report);
/* The same as the people here write it. Returns buffer. */
char *crash_when(tr_term report, char *buffer, size_t size_bytes);

/* Writes text, or a term's text, but for what would spoil a terminal. */
void crash_write(FILE *to, const char *text, size_t size_bytes);
void crash_write_term(FILE *to, tr_term term);

/* The list. */
int crashes_list(const char *node, bool is_json, bool has_no_header);

/* One of them, for people. */
void crash_show(const struct crash *crash);

/* Its backtrace: the user's own frames stand out, with the lines of source where these can be had. */
void crash_show_backtrace(tr_term report);

/* What the reader may do next: the commands for gdb, and how the next report could tell more. */
void crash_show_advice(tr_term report);

/* Writes lines of a file around one, with their numbers, if the file is there and was not changed after since_s. False when
 * nothing was written. */
bool crash_show_source(const char *path, uint64_t line, unsigned around, uint64_t since_s);

#endif
