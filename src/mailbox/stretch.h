/* Stretch: a file of the run directory in memory, laid out so that the kernel can use large pages for it.
 *
 * What a large body costs is pages: 64 MiB are 16384 small ones, and to take as many out of a page table costs 2.5 ms, to
 * free them 10 ms. As 32 large ones both are done in 0.3 ms. A tmpfs gives large pages only if it was mounted so, except
 * to those who ask for each (madvise(2), MADV_COLLAPSE, Linux 6.1); where that is refused the pages are small. */
#ifndef TRI_MAILBOX_STRETCH_H
#define TRI_MAILBOX_STRETCH_H

#include <stddef.h>
#include <stdint.h>

struct tri_stretch {
    uint8_t *at; /* the file's first byte                                 */
    void *base;  /* with what was left out before and behind it: unmapped */
    size_t base_bytes;
};

/* Maps the file's first size_bytes (not 0), shared.
 *   protection   of mmap(2)
 * 0, -ENOMEM, or another negative errno. */
int tri_stretch_map(struct tri_stretch *ret_stretch, int fd, size_t size_bytes, int protection);

/* Gives the file, which has that size and is empty, all of its memory. The content is zero.
 *   stretch   maps it for writing
 * 0, -ENOSPC, or another negative errno. */
int tri_stretch_fill(const struct tri_stretch *stretch, int fd, size_t size_bytes);

/* The same for a file that is not mapped, and so much more than size_bytes that only large pages are used. */
int tri_stretch_reserve(int fd, size_t size_bytes);

/* A zeroed one is fine. */
void tri_stretch_unmap(struct tri_stretch *stretch);

#endif
