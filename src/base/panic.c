/* Panic: one line on standard error, then abort, so that a core file shows the place. */
#include "base/panic.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/line.h"

_Noreturn void tri_panic(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tri_line_write("troupe", format, arguments);
    va_end(arguments);
    abort();
}
