/* Complaint: what a person is told when something cannot be done: one line, that says what and why, and an exit status. */
#ifndef SUPPORT_COMPLAINT_H
#define SUPPORT_COMPLAINT_H

#include "support/program.h"

/* The program ends with exit_status and has written exactly one line to standard error, which contains each of the
 * words that follow, up to NULL. */
void expect_complaint(struct program *program, int exit_status, ...) __attribute__((sentinel));

#endif
