/* Backtrace: which of a stack's frames are the user's own, what stands for all of them in one line, and how they are put into a
 * report. Pure. */
#ifndef TRI_CORONER_BACKTRACE_H
#define TRI_CORONER_BACKTRACE_H

#include "coroner/symbols.h"
#include "troupe/term.h"

#define TRI_AT_BYTES 256

/* Is a file, by its name, the C library, the compiler's, nanomsg or troupe? Then nothing in it is the user's own. */
bool tri_module_is_machinery(const char *path);

/* Which frame is the first beneath the actor's function? From there on, main included, all actors of a program have the same.
 * count when there is none. */
size_t tri_backtrace_bottom(const struct tri_frame *frames, size_t count);

/* Sets is_own of each: is it the user's code, or a library of theirs? The C library, the compiler's, nanomsg and troupe itself
 * are not, nor is what lies beneath an actor's function. Returns how many are. */
size_t tri_backtrace_mark(struct tri_frame *frames, size_t count);

/* Says where the process was, by the innermost frame of the user's own, or the innermost of all when there is none:
 * "decode_row (legacy.c:88)", "decode_row+0x1f (libold.so)", "libold.so+0x1a2b", "0x10".
 * False when there is no frame. */
bool tri_backtrace_at(const struct tri_frame *frames, size_t count, char ret_text[TRI_AT_BYTES]);

/* Appends them as a list of maps:
 *     #{function, function_offset, file, line, module, offset, address, own, inlined, replaced}
 * with only the keys that are known, and of the last three only those that are true. */
void tri_backtrace_put(struct tr_out *out, const struct tri_frame *frames, size_t count);

#endif
