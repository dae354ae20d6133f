/* Pids, references and ports: a node's name, its creation, and numbers that only that node understands.
 *
 * Each comes in an old encoding (creation of one byte) and in newer ones; read into this form they compare as equal.
 */
#ifndef TRI_TERM_IDENTIFIER_H
#define TRI_TERM_IDENTIFIER_H

#include "term/tags.h"

struct tri_identifier {
    enum tr_kind kind;   /* TR_KIND_PID, TR_KIND_REF or TR_KIND_PORT */
    const uint8_t *node; /* an encoded atom */
    uint32_t creation;
    unsigned count; /* of words */
    /* Unused ones are 0. Pid: id, serial. Port: high, low. */
    uint32_t words[TRI_REFERENCE_MAX_WORDS];
};

/* Reads the identifier that begins at `at`, which has the tag of one. */
void tri_identifier_read(const uint8_t *at, struct tri_identifier *ret_identifier);

bool tri_identifier_equal(const uint8_t *a, const uint8_t *b);

/* Is it one of this node, in this life? */
bool tri_identifier_is_own(const struct tri_identifier *identifier);

#endif
