/* Line: put together on the stack. */
#include "base/line.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

void tri_line_put(const char *text, size_t size_bytes)
{
    sigset_t set, before;
    const struct timespec at_once = {0};
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    /* The signal is this thread's own, and taken back, unless the program itself keeps it blocked. */
    if (write(STDERR_FILENO, text, size_bytes) < 0 && errno == EPIPE &&
        !sigismember(&before, SIGPIPE))
        sigtimedwait(&set, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

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
    tri_line_put(line, (size_t)length);
}
