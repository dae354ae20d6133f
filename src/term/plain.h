/* Plain: the short way to a positive answer of the validator, for terms as most messages are. */
#ifndef TRI_TERM_PLAIN_H
#define TRI_TERM_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

/* Are the bytes [at, end) one term made of small integers, floats, short atoms, binaries, pids and references of ours,
 * small tuples and lists, a few of them in each other? False says nothing: validate.c decides. */
bool tri_is_plain(const uint8_t *at, const uint8_t *end);

#endif
