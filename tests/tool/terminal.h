/* Terminal: runs the tool on a terminal of a given width, because it must behave differently there. */
#ifndef TESTS_TOOL_TERMINAL_H
#define TESTS_TOOL_TERMINAL_H

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

/* Everything that a program wrote to its terminal, which serves as its standard output and error, and its exit
 * status. The text is valid until the next call. */
static inline const char *terminal_run(unsigned short columns, int *ret_status, ...)
    __attribute__((sentinel));

/* The same of any program, by its path. */
static inline const char *terminal_run_program(unsigned short columns, int *ret_status,
                                               const char *path, const char *const argv[])
{
    static char text[65536];
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    size_t length = 0;
    int fd, status;
    fflush(NULL);
    pid_t os_pid = forkpty(&fd, NULL, NULL, &size);
    assert_true(os_pid >= 0);
    if (os_pid == 0) {
        execv(path, (char *const *)argv);
        _exit(127);
    }
    uint64_t deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    while (poll(&poll_fd, 1, tri_poll_timeout_ms(deadline_ns)) > 0) {
        ssize_t n = read(fd, text + length, sizeof text - 1 - length);
        if (n <= 0)
            break; /* EIO: nobody has the terminal open any more */
        length += (size_t)n;
    }
    text[length] = '\0';
    close(fd);
    assert_int_equal(waitpid(os_pid, &status, 0), os_pid);
    *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return text;
}

static inline const char *terminal_run(unsigned short columns, int *ret_status, ...)
{
    char path[4096];
    const char *argv[32] = {"troupe"};
    va_list rest;
    va_start(rest, ret_status);
    for (size_t i = 1; i < 31 && (argv[i] = va_arg(rest, const char *)); i++)
        ;
    va_end(rest);
    snprintf(path, sizeof path, "%s/troupe", program_folder());
    return terminal_run_program(columns, ret_status, path, argv);
}

/* Removes colours. In place. */
static inline void strip_colours(char *text)
{
    char *to = text;
    for (; *text; text++) {
        if (*text == '\033')
            text = strchr(text, 'm');
        else if (*text != '\r')
            *to++ = *text;
    }
    *to = '\0';
}

/* The longest line, in characters. */
static inline size_t widest_line(const char *text)
{
    size_t widest = 0, width = 0;
    for (; *text; text++) {
        width = *text == '\n' ? 0 : width + ((*text & 0xc0) != 0x80);
        widest = width > widest ? width : widest;
    }
    return widest;
}

#endif
