/* Line: put together on the stack. */
#include "base/line.h"

#include <stdio.h>
#include <unistd.h>

void tri_line_write(const char *head, const char *format, va_list arguments)
{
    char line[1024];
    int length = snprintf(line, sizeof line / 2, "%s: ", head);
    if (length > (int)sizeof line / 2 - 1)
        length = (int)sizeof line / 2 - 1;
    int more = vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
    length += more < 0 ? 0 : more;
    if (length > (int)sizeof line - 2)
        length = (int)sizeof line - 2;
    line[length++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, (size_t)length);
    (void)written;
}
