/* Frames: who called whom, as addresses, from where a signal came. Called in a signal handler. */
#ifndef TRI_PROCESS_FRAMES_H
#define TRI_PROCESS_FRAMES_H

#include <ucontext.h>

#include "wire/crash.h"

/* Writes registers, pc and sp. */
void tri_frames_tell_registers(struct tri_crash *crash, const ucontext_t *context);

/* Writes frames and their count, one by one: what has been found stays when it is left by siglongjmp. May fault, where the
 * stack is damaged, or where pc is no code and cannot be read; and wait, where a lock is held. */
void tri_frames_gather(struct tri_crash *crash, ucontext_t *context);

/* The same for a pc where no function is: most likely a bad pointer was called, so the frames beneath are those of who called
 * it. Changes the context, to which the signal is not to return so. */
void tri_frames_gather_from_caller(struct tri_crash *crash, ucontext_t *context);

/* Writes, in place of the text of /proc/self/maps, which cannot be read, a line of the same form for each object that a
 * frame lies in. Takes no lock. */
void tri_frames_tell_modules(struct tri_crash *crash);

/* Does what the first call would do: the dynamic linker binds, the unwinder looks at itself. */
void tri_frames_warm_up(struct tri_crash *scratch);

#endif
