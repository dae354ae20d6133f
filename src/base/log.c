/* Log: whole lines with one write(2) each, so that the lines of many processes do not mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char speaker[64] = "troupe";
static enum tri_log_level least = TRI_LOG_WARN;

static const char *const level_names[] = {"debug", "info", "warn", "error", "none"};

void tri_log_init(const char *who)
{
    snprintf(speaker, sizeof speaker, "%s", who);
    const char *wanted = getenv("TROUPE_LOG");
    for (int level = TRI_LOG_DEBUG; wanted && level <= TRI_LOG_NONE; level++)
        if (strcmp(wanted, level_names[level]) == 0)
            least = (enum tri_log_level)level;
}

bool tri_log_is_on(enum tri_log_level level) { return level >= least; }

void tri_log_write(enum tri_log_level level, const char *format, ...)
{
    char line[1024];
    int length = snprintf(line, sizeof line, "%s: %s%s", speaker,
                          level == TRI_LOG_WARN || level == TRI_LOG_ERROR ? "" : level_names[level],
                          level == TRI_LOG_WARN || level == TRI_LOG_ERROR ? "" : ": ");
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
    va_end(arguments);
    length += more < 0 ? 0 : more;
    if (length > (int)sizeof line - 2)
        length = (int)sizeof line - 2;
    line[length++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, (size_t)length);
    (void)written;
}
