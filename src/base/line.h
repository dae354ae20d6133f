/* Line: what a process says to people, one whole line with one write(2), so that the lines of many do not mix. */
#ifndef TRI_BASE_LINE_H
#define TRI_BASE_LINE_H

#include <stdarg.h>

/* Writes "<head>: <text>" and a newline to standard error, cut at 1023 bytes. Allocates nothing. */
void tri_line_write(const char *head, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
