/* Crash: what this process does when a signal is about to end it, before it lets itself be ended.
 *
 * The handlers are installed once, in a template, whose actors inherit them, with the stack they run on: that costs a birth
 * nothing. They write struct tri_crash (wire/crash.h) and let the signal take its course: the wait status and a core file are
 * what they would be without. In whatever is not an actor, they let it take its course at once. */
#ifndef TRI_PROCESS_CRASH_H
#define TRI_PROCESS_CRASH_H

#include "wire/box.h"
#include "wire/crash.h"

/* Installs the handlers where the disposition is the default one, and warms up what they use. In a template, once. */
void tri_crash_prepare(void);

/* From now on this process is that actor, and tells of its crash in its box. Only remembers. */
void tri_crash_watch(const struct tri_box *box, tr_pid self);

/* What an actor has forked is not that actor, and its signals end it without a handler's help: one in a full sandbox may send
 * no signal, not even to itself, because the filter knows the actor's os_pid alone. In what is no actor, nothing happens. */
void tri_crash_forget(void);

#endif
