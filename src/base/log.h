/* Log: what a process of the runtime tells its operator, one line each, on standard error.
 *
 * TROUPE_LOG names the least level that is shown: debug, info, warn (the default), error, none. */
#ifndef TRI_BASE_LOG_H
#define TRI_BASE_LOG_H

#include <stdbool.h>

enum tri_log_level { TRI_LOG_DEBUG, TRI_LOG_INFO, TRI_LOG_WARN, TRI_LOG_ERROR, TRI_LOG_NONE };

/* Names the speaker ("node bank") that stands at the head of each line, and reads TROUPE_LOG. who is copied. */
void tri_log_init(const char *who);
bool tri_log_is_on(enum tri_log_level level);
void tri_log_write(enum tri_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define tri_log(level, ...)                                                                        \
    do {                                                                                           \
        if (tri_log_is_on(level))                                                                  \
            tri_log_write(level, __VA_ARGS__);                                                     \
    } while (0)
#define tri_debug(...) tri_log(TRI_LOG_DEBUG, __VA_ARGS__)
#define tri_info(...) tri_log(TRI_LOG_INFO, __VA_ARGS__)
#define tri_warn(...) tri_log(TRI_LOG_WARN, __VA_ARGS__)
#define tri_error(...) tri_log(TRI_LOG_ERROR, __VA_ARGS__)

#endif
