/* Built: what a struct tr_blob is (troupe/blob.h): a file without a name, mapped for writing, with a page in front for
 * the beginning of the term that its content will be a part of.
 *
 *     | room … head | content, from a page's beginning          | tail |
 *
 * A small one is plain memory: it will be copied into a record. */
#ifndef TRI_MAILBOX_BUILT_H
#define TRI_MAILBOX_BUILT_H

#include "mailbox/letter.h"
#include "mailbox/stretch.h"

/* The room in front of the content. */
#define TRI_BUILT_HEAD_BYTES ((size_t)4096)

struct tr_blob {
    struct tri_loan loan; /* first: what the layer of terms sees of it */
    int fd;               /* -1: it is plain memory                     */
    void *memory;         /* … this, else NULL                          */
    struct tri_stretch stretch;
};

/* 0, TR_TOO_LARGE, -ENOSPC, -ENOMEM, or another negative errno. */
int tri_built_new(const struct tri_rundir *dir, size_t size_bytes, struct tr_blob **ret_blob);

/* Unmaps, closes and frees. What was given a name keeps it. NULL is fine. */
void tri_built_free(struct tr_blob *blob);

/* Is there room in front of a letter's blob for what stands before it in the term? */
bool tri_built_has_room(const struct tri_letter *letter);

/* Writes what stands around the content of a letter's blob, for which there is room. The file then ends with the term.
 * Where in the file it begins, or a negative errno: -ENOSPC for what stands behind. The content is untouched. */
ssize_t tri_built_frame(const struct tri_letter *letter);

/* A message to oneself that reads a letter's blob where it lies, and owns it from then on. NULL: there is none, or no room
 * for what stands around it; everything is as before. */
struct tr_message *tri_built_message(tr_pid self, uint64_t alias, const struct tri_letter *letter);

#endif
