/* Node: a test's verbs for nodes, their actors and the tool.
 *
 * What is asked about a node is read from its table in shared memory, so a test needs no mailbox for it. A test with
 * one node need not name it; one with several gives TROUPE_NODE or `-n` as a user would.
 */
#ifndef SUPPORT_NODE_H
#define SUPPORT_NODE_H

#include "support/fixture.h"
#include "support/program.h"
#include "wire/table.h"

/* Starts an actor binary as its own node: node_start("bin/counter", "serve", NULL). */
struct program *node_start(const char *binary, ...) __attribute__((sentinel));

/* Asks it to stop in order, as Ctrl-C does, and waits: its exit status. */
int node_stop(struct program *node);

/* Runs `troupe …` to its end: run_tool("ps", "--json", NULL). */
struct program *run_tool(const char *first, ...) __attribute__((sentinel));

/* Does an actor of that name live on the only node there is? */
bool actor_exists(const char *name);
/* 0: nobody has the name, or who has it is not born yet. */
pid_t actor_os_pid_now(const char *name);
/* Does the name belong to another process than that one? */
bool actor_is_another(const char *name, tr_pid than);
/* Its pid, and its kernel process; the test fails when there is none. */
tr_pid actor_pid(const char *name);
pid_t actor_os_pid(const char *name);
/* Kills it as a stranger would: SIGKILL. */
void kill_actor(const char *name);

/* How many actors (and guests) live; 0 when there is no node. The processes of guardian and node themselves; 0 when
 * there is no node. */
unsigned node_actors(void);
pid_t node_guardian_os_pid(void);
pid_t node_os_pid(void);

#endif
