/* Title: libbsd's setproctitle for the long one, PR_SET_NAME for the short one. */
#include "base/title.h"

#include <bsd/unistd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

static bool is_ready;

void tri_title_init(int argc, char **argv)
{
    if (is_ready)
        return;
    setproctitle_init(argc, argv, environ);
    is_ready = true;
}

void tri_title_set(const char *short_name, const char *format, ...)
{
    char text[256];
    va_list arguments;
    if (!is_ready)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    setproctitle("-%s", text);
    prctl(PR_SET_NAME, short_name);
}
