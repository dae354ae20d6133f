/* Demangle: what a function of C++ is called in its source, when only the table of symbols knows it. */
#ifndef TRI_CORONER_DEMANGLE_H
#define TRI_CORONER_DEMANGLE_H

#include <stddef.h>

/* Writes the name of a function as people write it, or as it was when it is not C++'s, too long, or nobody here can tell. What
 * does not fit is cut. Loads libstdc++ into this process when a name needs it for the first time. */
void tri_demangle(const char *symbol, char *name, size_t name_bytes);

#endif
