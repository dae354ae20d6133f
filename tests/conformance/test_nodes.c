/* Rule 16 of SEMANTICS.md: a lost node gives `noconnection`. Guests are the ones who can lose their node, and live. */
#include <errno.h>
#include <signal.h>
#include <troupe.h>

#include "support/node.h"

static void join(void)
{
    char why[256] = "";
    if (tr_guest_join(NULL, "test", why, sizeof why))
        fail_msg("%s", why);
}

/* Takes the next message, which must match; the guest ends otherwise. */
#define guest_expect(...)                                                                          \
    do {                                                                                           \
        bool is_there = false;                                                                     \
        tr_receive {                                                                               \
            tr_case(__VA_ARGS__)                                                                   \
                is_there = true;                                                                   \
            tr_after(TEST_DEADLINE_MS) {                                                           \
            }                                                                                      \
        }                                                                                          \
        if (!is_there)                                                                             \
            fail_msg("this does not come: %s", #__VA_ARGS__);                                      \
    } while (0)

static void lose_the_node(void *context)
{
    tr_ref ref;
    (void)context;
    join();
    tr_pid watched = tr_whereis("watched");
    tr_trap_exit(true);
    assert_int_equal(tr_monitor(watched, &ref), 0);
    assert_int_equal(tr_link(watched), 0);
    assert_int_equal(kill(node_os_pid(), SIGKILL), 0);
    guest_expect("{'EXIT', P, noconnection}", watched);
    guest_expect("{'DOWN', Ref, process, P, noconnection}", ref, watched);
    assert_int_equal(tr_link(watched), -ENOTCONN);
}

/* SEMANTICS 16 */
static void a_lost_node_gives_noconnection(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/rules_nodes", ":is_watched", NULL);
    wait_until(actor_exists("watched"));
    guest_run(lose_the_node, NULL);
    program_wait(node);
}

static void report_to_the_watcher(void)
{
    join();
    assert_int_equal(tr_send("watcher", "{guest, Self}", tr_self()), 0);
    guest_expect("you_are_watched");
}

static void vanish(void *context)
{
    (void)context;
    report_to_the_watcher();
    raise(SIGKILL);
}

/* SEMANTICS 16 */
static void a_lost_guest_gives_noconnection(void **state)
{
    (void)state;
    struct program *node =
        node_start("bin/tests/rules_nodes", ":watches_a_guest_that_is_lost", NULL);
    wait_until(actor_exists("watcher"));
    assert_int_equal(guest_status(vanish, NULL), 128 + SIGKILL);
    program_expect_exit(node, 0);
}

static void leave(void *context)
{
    (void)context;
    report_to_the_watcher();
    assert_int_equal(tr_send("watcher", "last_words"), 0);
    tr_guest_leave();
}

/* SEMANTICS 16: one that says goodbye is not lost. */
static void a_guest_that_leaves_gives_normal(void **state)
{
    (void)state;
    struct program *node =
        node_start("bin/tests/rules_nodes", ":watches_a_guest_that_leaves", NULL);
    wait_until(actor_exists("watcher"));
    guest_run(leave, NULL);
    program_expect_exit(node, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_lost_node_gives_noconnection),
        node_test(a_lost_guest_gives_noconnection),
        node_test(a_guest_that_leaves_gives_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
