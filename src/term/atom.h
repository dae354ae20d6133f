/* Atoms inside the library: equality across their four encodings. */
#ifndef TRI_TERM_ATOM_H
#define TRI_TERM_ATOM_H

#include <stdbool.h>
#include <stdint.h>

#include "troupe/term.h"

/* A view of the atom that begins at `at`, which has an atom's tag. */
tr_atom tri_atom_at(const uint8_t *at);

bool tri_atom_equal(tr_atom a, tr_atom b);

/* Steps through an atom's characters: returns false after the last. *at is an offset, 0 at first. */
bool tri_atom_next(tr_atom atom, size_t *at, uint32_t *ret_character);

#endif
