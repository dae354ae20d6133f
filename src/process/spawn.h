/* Spawn, as behaviours need it: with a monitor that the child's argument can name, so that the child answers to it. */
#ifndef TRI_PROCESS_SPAWN_H
#define TRI_PROCESS_SPAWN_H

#include "troupe/process.h"

/* As tr_spawn_term with TR_SPAWN_LINK, but for the monitor, which is there already.
 *   monitor   what tri_monitor_enter has entered for TR_NO_PID, as TR_ALIAS_REPLY too; after a failure it is neither */
int tri_spawn_watched(const char *entry, tr_term argument, tr_ref monitor, tr_pid *ret_pid);

/* The same without waiting, as tr_spawn_request_term. The answer is {spawn_reply, Monitor, ok, Pid}, or
 * {spawn_reply, Monitor, error, R}, where R is always what tr_spawn_term gives. The child's word to the monitor's alias comes
 * on another way, and may come first. */
int tri_spawn_request_watched(const char *entry, tr_term argument, tr_ref monitor);

#endif
