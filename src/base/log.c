/* Log: lines with the name of the speaker, and their level where that is not plain. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/line.h"

TRI_WRITTEN_AT_BIRTH static char speaker[64] = "troupe";
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
    char head[sizeof speaker + 16];
    bool is_for_all = level == TRI_LOG_WARN || level == TRI_LOG_ERROR;
    snprintf(head, sizeof head, is_for_all ? "%s" : "%s: %s", speaker, level_names[level]);
    va_list arguments;
    va_start(arguments, format);
    tri_line_write(head, format, arguments);
    va_end(arguments);
}
