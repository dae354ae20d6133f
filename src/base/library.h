/* Library: functions of a library that is loaded at run time, by the few who want it, so that nobody else carries it. */
#ifndef TRI_BASE_LIBRARY_H
#define TRI_BASE_LIBRARY_H

#include <stdbool.h>

/* Finds a function by its name in what dlopen has given, NULL included.
 *   ret_function   a pointer to a pointer to such a function; NULL is written when there is none
 * Is it there? */
bool tri_library_find(void *library, const char *name, void *ret_function);

#endif
