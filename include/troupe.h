/* troupe: Erlang's processes as real operating-system processes.
 *
 * This header is the whole of it. The chapters, in reading order:
 *     troupe/outcome.h   what functions answer
 *     troupe/term.h      values, patterns, text
 *     troupe/process.h   actors: spawn, send, receive, link, monitor, exit, names, timers
 *     troupe/blob.h      large binaries that are built where their receiver reads them
 *     troupe/limits.h    how much an actor may use, and what it may touch
 *     troupe/node.h      joining a node from a program that is not an actor
 *     troupe/server.h    servers: state behind calls and casts
 *     troupe/supervisor.h  actors that start others, and start them again when they die
 *     troupe/program.h   any executable as an actor
 *     troupe/sys.h       looking into a running server, suspending it, replacing its state
 *     troupe/task.h      computations in processes of their own, whose results are awaited
 *     troupe/pool.h      workers that may crash, and jobs that do not get lost with them
 *     troupe/agent.h     a state, and functions that are applied to it
 *     troupe/registry.h  processes found by key
 */
#ifndef TROUPE_H
#define TROUPE_H

#include "troupe/agent.h"
#include "troupe/blob.h"
#include "troupe/limits.h"
#include "troupe/node.h"
#include "troupe/outcome.h"
#include "troupe/pool.h"
#include "troupe/process.h"
#include "troupe/program.h"
#include "troupe/registry.h"
#include "troupe/server.h"
#include "troupe/supervisor.h"
#include "troupe/sys.h"
#include "troupe/task.h"
#include "troupe/term.h"

#endif
