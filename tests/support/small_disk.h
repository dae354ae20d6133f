/* Small disk: the run directory of a test as a file system of its own, so that it can be filled. */
#ifndef SUPPORT_SMALL_DISK_H
#define SUPPORT_SMALL_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "support/fixture.h"

/* Mounts one over the test's run directory, in a mount namespace of this program: options are tmpfs', "size=1m". Skips
 * the test where that is not allowed. */
void small_disk_mount(const char *options);

/* Makes it smaller or larger while it is in use: with as many bytes as are used it is full. False when more are used. */
bool small_disk_resize(uint64_t bytes);
uint64_t small_disk_used_bytes(void);

/* The fixture's, for a test that mounts one: it is unmounted also when the test fails. */
#define small_disk_test(body)                                                                      \
    cmocka_unit_test_setup_teardown(body, fixture_setup, small_disk_teardown)
int small_disk_teardown(void **state);

/* Unmounts it; the test fails unless there is nothing on it but an empty base of nodes. */
void small_disk_expect_empty(void);

#endif
