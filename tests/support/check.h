/* Check: claims of an actor about the world, for tests that are actors themselves.
 *
 * A conformance case is the root actor of its own node. It ends normally when every claim held, and the node's exit
 * status is 0; the first that does not hold is printed with its place and ends the actor with {failed, Line}.
 */
#ifndef SUPPORT_CHECK_H
#define SUPPORT_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <troupe.h>
#include <unistd.h>

/* Generous, for loaded machines; a case that passes never waits that long. */
#define CHECK_DEADLINE_MS 30000

static inline _Noreturn void check_failed(const char *file, int line, const char *claim,
                                          tr_term seen)
{
    char *text = seen.data ? tr_print_new(seen) : NULL;
    fprintf(stderr, "%s:%d: failed: %s%s%s\n", file, line, claim, text ? "; there is " : "",
            text ? text : "");
    free(text);
    fflush(NULL);
    tr_exit("{failed, Line}", line);
}

#define CHECK(claim)                                                                               \
    do {                                                                                           \
        if (!(claim))                                                                              \
            check_failed(__FILE__, __LINE__, #claim, (tr_term){0});                                \
    } while (0)

/* A message that matches comes; others stay in the mailbox. */
#define EXPECT(...)                                                                                \
    do {                                                                                           \
        tr_receive {                                                                               \
            tr_case(__VA_ARGS__) {                                                                 \
            }                                                                                      \
            tr_after(CHECK_DEADLINE_MS)                                                            \
                check_failed(__FILE__, __LINE__, "comes: " #__VA_ARGS__, (tr_term){0});            \
        }                                                                                          \
    } while (0)

/* The oldest message in the mailbox, or the next that comes, matches. */
#define EXPECT_NEXT(...)                                                                           \
    do {                                                                                           \
        tr_term check_other;                                                                       \
        tr_receive {                                                                               \
            tr_case(__VA_ARGS__) {                                                                 \
            }                                                                                      \
            tr_case("Other", &check_other)                                                         \
                check_failed(__FILE__, __LINE__, "comes next: " #__VA_ARGS__, check_other);        \
            tr_after(CHECK_DEADLINE_MS)                                                            \
                check_failed(__FILE__, __LINE__, "comes next: " #__VA_ARGS__, (tr_term){0});       \
        }                                                                                          \
    } while (0)

/* The mailbox is empty. Use it where what must not come would have come before something that did. */
#define EXPECT_NOTHING()                                                                           \
    do {                                                                                           \
        tr_term check_other;                                                                       \
        tr_receive {                                                                               \
            tr_case("Other", &check_other)                                                         \
                check_failed(__FILE__, __LINE__, "nothing is in the mailbox", check_other);        \
            tr_after(0) {                                                                          \
            }                                                                                      \
        }                                                                                          \
    } while (0)

/* The kernel's number of an actor; one that has its name already may still have to be forked. */
static inline int actor_os_pid(tr_pid pid)
{
    for (int ms = 0;; ms++) {
        struct tr_out info = {0};
        int os_pid = 0;
        CHECK(tr_process_info(pid, &info) == 0);
        CHECK(tr_match(tr_out_term(&info), "#{os_pid => OsPid}", &os_pid) == 0);
        tr_out_deinit(&info);
        if (os_pid > 1)
            return os_pid;
        CHECK(ms < CHECK_DEADLINE_MS);
        usleep(1000);
    }
}

#endif
