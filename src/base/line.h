/* Line: what a process says to people, one whole line with one write(2), so that the lines of many do not mix. */
#ifndef TRI_BASE_LINE_H
#define TRI_BASE_LINE_H

#include <stdarg.h>
#include <stddef.h>

/* Writes text as it is to standard error, with one write(2). Whoever read that may have gone, and nobody dies of it:
 * there is no SIGPIPE. */
void tri_line_put(const char *text, size_t size_bytes);

/* Writes "<head>: <text>" and a newline to standard error, cut at 1023 bytes. Allocates nothing. */
void tri_line_write(const char *head, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
