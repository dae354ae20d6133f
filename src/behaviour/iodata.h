/* Iodata: what Erlang lets stand for bytes: a binary, or a list of bytes, binaries and such lists. Pure. */
#ifndef TRI_BEHAVIOUR_IODATA_H
#define TRI_BEHAVIOUR_IODATA_H

#include "troupe/term.h"

/* Bytes in a row. Zeroed, it is empty and ready. */
struct tri_bytes {
    uint8_t *data;
    size_t size_bytes, capacity_bytes;
};

/* Appends the bytes that the term stands for. Outcomes: 0; TR_NO_MATCH: it is no iodata; -ENOMEM. After a failure something
 * may have been appended. */
int tri_iodata_append(struct tri_bytes *bytes, tr_term term);

void tri_bytes_deinit(struct tri_bytes *bytes);

#endif
