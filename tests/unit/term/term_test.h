/* What the tests of terms share: terms from text, from bytes, and panics seen from outside. */
#ifndef TEST_TERM_TEST_H
#define TEST_TERM_TEST_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "troupe/term.h"

/* Appends what the text means. */
static inline tr_term parse_into(struct tr_out *out, const char *text)
{
    size_t error_at;
    const char *message;
    if (tr_parse(text, out, &error_at, &message))
        fail_msg("%s: character %zu: expected %s", text, error_at, message);
    return tr_out_term(out);
}

/* A view of bytes written as a string literal. */
#define TERM_OF(literal) ((tr_term){(const uint8_t *)(literal), sizeof(literal) - 1})

/* Tells the outcome of tr_check for a string literal, copied so that the sanitizer sees its end. */
static inline int check_bytes(const void *data, size_t size)
{
    tr_term ignored;
    uint8_t *copy = calloc(1, size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    int r = tr_check(copy, size, NULL, &ignored);
    free(copy);
    return r;
}
#define CHECK_OF(literal) check_bytes(literal, sizeof(literal) - 1)

static inline void assert_prints(tr_term term, const char *expected)
{
    char *text = tr_print_new(term);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static inline void assert_bytes(const struct tr_out *out, const void *expected, size_t size)
{
    assert_int_equal(out->fault, 0);
    assert_int_equal(out->size_bytes, size);
    assert_memory_equal(out->data, expected, size);
}
#define assert_wrote(out, literal) assert_bytes(out, literal, sizeof(literal) - 1)

/* Runs a function in a child, which must abort with that line on its standard error. */
static inline void assert_panics(void (*function)(void), const char *expected)
{
    int output[2];
    char line[1024];
    size_t length = 0;
    assert_int_equal(pipe(output), 0);
    pid_t os_pid = fork();
    if (os_pid == 0) {
        setenv("CMOCKA_TEST_ABORT", "1", 1);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        dup2(output[1], STDERR_FILENO);
        function();
        _exit(0);
    }
    close(output[1]);
    for (ssize_t n; (n = read(output[0], line + length, sizeof line - 1 - length)) > 0;)
        length += (size_t)n;
    line[length] = '\0';
    close(output[0]);
    int status;
    assert_int_equal(waitpid(os_pid, &status, 0), os_pid);
    assert_string_equal(line, expected);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

#endif
