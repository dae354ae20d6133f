/* Fixture: what each test owns, and the proof that it left nothing behind.
 *
 * A test begins with a run directory of its own, so that its nodes cannot meet those of other tests, and ends when
 * every process that it caused is gone, the run directory is empty, and no shared memory is left. The test program is a
 * subreaper meanwhile: whatever loses its parent, double fork and setsid included, becomes its child, so nothing can
 * hide from the check.
 *
 *     static void a_counter_counts(void **state)
 *     {
 *         struct program *node = node_start("counter", "serve", NULL);
 *         wait_until(actor_exists("counter"));
 *         …
 *         assert_int_equal(node_stop(node), 0);
 *     }
 *     …   const struct CMUnitTest tests[] = { node_test(a_counter_counts) };
 *
 * The test's own process must not use nanomsg (it forks later): join a node with guest_run, look at it with node.h.
 */
#ifndef SUPPORT_FIXTURE_H
#define SUPPORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/wait.h"

/* Programs that the test has started and forgotten are told to stop before the check; one that does not is a failure. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

#define node_test(body) cmocka_unit_test_setup_teardown(body, fixture_setup, fixture_teardown)

/* The test's run directory, $XDG_RUNTIME_DIR of everything that it starts. */
const char *fixture_run_dir(void);

/* The test's state folder, $TROUPE_STATE of everything that it starts: not there until somebody keeps something. What lies
 * in it at the end is removed. */
const char *fixture_state_dir(void);

/* How many living descendants this process has, zombies not counted, those that lost their parents included. */
size_t fixture_descendants(void);

/* Runs body in a forked child, which may join a node as a guest (an assertion that fails there ends it), and fails
 * the test unless it returns. */
void guest_run(void (*body)(void *context), void *context);

/* The same, and tells how it ended: its exit status, or 128 + signal. */
int guest_status(void (*body)(void *context), void *context);

#endif
