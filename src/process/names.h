/* Names: which may be registered. */
#ifndef TRI_PROCESS_NAMES_H
#define TRI_PROCESS_NAMES_H

#include <stdbool.h>

/* A name that the table takes and that is an atom, so that it can stand in a DOWN. */
bool tri_name_is_proper(const char *name);

#endif
