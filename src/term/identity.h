/* Who this node is: the name and the creation that stand inside every pid and reference that leaves it.
 *
 * A process has one identity, given at its birth, before it has threads. Until then it is nonode@nohost, creation 0, as
 * an Erlang node without a name is.
 */
#ifndef TRI_TERM_IDENTITY_H
#define TRI_TERM_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies the name, an atom's characters in UTF-8. A name that cannot be an atom is a bug. */
void tri_identity_set(const char *node_name, uint32_t creation);

const char *tri_identity_node(void);
uint32_t tri_identity_creation(void);

/* The name as an encoded term, for writing. */
const uint8_t *tri_identity_atom(size_t *ret_size_bytes);

/* Is the atom at `at` our name, in whichever encoding? */
bool tri_identity_is(const uint8_t *at);

/* The size of the atom at `at` if it is our name as we write it, else 0. */
size_t tri_identity_prefix(const uint8_t *at);

#endif
