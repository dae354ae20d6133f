/* Ends: for actors that are tests, and watch how others die. */
#ifndef SUPPORT_ENDS_H
#define SUPPORT_ENDS_H

#include <string.h>

#include "support/check.h"

/* The undefined behaviour sanitizer must not be quicker than the crash, nor the address sanitizer's frames larger. */
#define CRASHES __attribute__((no_sanitize("undefined"), no_sanitize("address")))

/* Some compute for a second first, which is long where many do. */
#define END_DEADLINE_MS (3 * CHECK_DEADLINE_MS)

/* The reason that was told last. */
static struct tr_out told;

/* Spawns one, and watches it. */
static inline tr_pid begin(const char *entry, tr_ref *ret_ref)
{
    tr_pid pid;
    CHECK(tr_spawn_monitor(&pid, ret_ref, entry, "[]") == 0);
    return pid;
}

/* The end of one that is watched. The term is valid until the next end. */
static inline tr_term await(tr_pid pid, tr_ref ref)
{
    tr_term reason;
    tr_receive {
        tr_case("{'DOWN', Ref, process, Pid, Reason}", ref, pid, &reason) {
            tr_out_reset(&told);
            CHECK(tr_out_copy(&told, reason) == 0);
        }
        tr_after(END_DEADLINE_MS)
            check_failed(__FILE__, __LINE__, "somebody dies", (tr_term){0});
    }
    return tr_out_term(&told);
}

static inline tr_term end_of(const char *entry)
{
    tr_ref ref;
    tr_pid pid = begin(entry, &ref);
    return await(pid, ref);
}

/* It matches the pattern, whose maps may have more keys. */
#define EXPECT_REASON(reason, ...)                                                                 \
    do {                                                                                           \
        tr_term check_reason = (reason);                                                           \
        if (tr_match(check_reason, __VA_ARGS__))                                                   \
            check_failed(__FILE__, __LINE__, #__VA_ARGS__, check_reason);                          \
    } while (0)

/* Does the printed term contain that? */
static inline bool shows(tr_term reason, const char *what)
{
    char *text = tr_print_new(reason);
    bool has = text && strstr(text, what);
    free(text);
    return has;
}

#endif
