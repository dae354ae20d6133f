/* Blobs: large binaries that are built where their receiver will read them.
 *
 * An ordinary binary of any size can be sent with tr_send; one that does not fit into a record (64 KiB) is then copied
 * into a file in memory, whose name travels instead. A producer that builds something large, such as an image, saves
 * that copy when it builds it in such a file from the beginning:
 *
 *     struct tr_blob *frame;
 *     int r = tr_blob_new(&frame, 1920 * 1080 * 4);
 *     if (r)
 *         …                                                    -ENOSPC: no room; nothing has happened
 *     render(tr_blob_bytes(frame));
 *     if (tr_send(screen, "{frame, N, Frame}", n, frame))
 *         tr_blob_free(frame);                                 not sent: it is still ours
 *
 * A blob is a value for a hole (term.h): whoever receives it sees a binary like any other, with tr_case or tr_match and
 * a tr_bin *, and reads it in place. Its memory goes back to the system with the message that it came in.
 *
 *   - tr_send and tr_send_nowait *hand it over*: when they return 0 it belongs to the receiver, and neither the handle
 *     nor its bytes may be touched again, whoever the receiver was: another actor, the caller itself, a name, an
 *     alias, a dead process (there it is freed). When they return anything else, TR_BUSY or TR_NOPROC or a fault, it is
 *     still the caller's, content and all.
 *   - Everywhere else, in tr_put, tr_spawn, tr_exit, tr_send_after and the like, it is *copied* as any binary is, and
 *     stays the caller's. In a pattern that is matched, a binary must equal it.
 *
 * At most one blob in a message is handed over without being copied, the largest; the others are copied and freed. So
 * it is when what stands before the blob takes more than 4 KiB. A blob stands in a message once: twice is a panic.
 *
 * A blob that is never sent is freed with tr_blob_free, and in any case by the end of its process, however it ends: no
 * file is left. A blob's memory counts as shared memory of the run directory's file system; the receiver's
 * message maps it once. What an actor forks does not see the bytes; while it lives it keeps the blob's file open, which
 * makes the receiver copy.
 */
#ifndef TROUPE_BLOB_H
#define TROUPE_BLOB_H

#include <stddef.h>

#include "troupe/outcome.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tr_blob;

/* Makes a blob of size_bytes, all of them zero, with all of its memory: who writes to it later cannot run into a full
 * file system. In large pages where the kernel has them.
 *   ret_blob     the caller's, until it is sent or freed
 *   size_bytes   of the content; 0 is allowed
 * Takes the time that the system needs to clear that memory, some ms for 64 MiB; waits for nobody.
 * Outcomes: TR_TOO_LARGE (4 GiB and more: no binary is that large).
 * Faults: -ENOSPC (no room in the run directory's file system), -ENOMEM, -EMFILE, -ENFILE. */
TR_API int tr_blob_new(struct tr_blob **ret_blob, size_t size_bytes);

/* The content, for writing and reading: size_bytes from an address that is a multiple of 4096. Valid until the blob is
 * sent or freed. Does not block. */
TR_API void *tr_blob_bytes(struct tr_blob *blob);

/* How many bytes the content has. */
TR_API size_t tr_blob_size(const struct tr_blob *blob);

/* Cuts the content to its first size_bytes, for those who learn its length while they produce it; what is cut off goes
 * back to the system when the blob is sent or freed. Larger than it is: a panic. Does not block. */
TR_API void tr_blob_shorten(struct tr_blob *blob, size_t size_bytes);

/* Frees a blob that has not been sent. NULL is fine. Does not block. */
TR_API void tr_blob_free(struct tr_blob *blob);

#ifdef __cplusplus
}
#endif
#endif
