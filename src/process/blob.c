/* Blobs, as programs see them. */
#include "troupe/blob.h"

#include "base/panic.h"
#include "mailbox/built.h"
#include "process/runtime.h"

int tr_blob_new(struct tr_blob **ret_blob, size_t size_bytes)
{
    return tri_built_new(&tri_process_here()->dir, size_bytes, ret_blob);
}

void *tr_blob_bytes(struct tr_blob *blob) { return (void *)(uintptr_t)blob->loan.content.data; }

size_t tr_blob_size(const struct tr_blob *blob) { return blob->loan.content.size_bytes; }

void tr_blob_shorten(struct tr_blob *blob, size_t size_bytes)
{
    if (size_bytes > blob->loan.content.size_bytes)
        tri_panic("tr_blob_shorten: %zu bytes are more than the blob's %zu", size_bytes,
                  blob->loan.content.size_bytes);
    blob->loan.content.size_bytes = size_bytes;
}

void tr_blob_free(struct tr_blob *blob) { tri_built_free(blob); }
