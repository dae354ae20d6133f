/* Library: a pointer to data becomes one to a function by its bytes, because C knows no other way. */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

bool tri_library_find(void *library, const char *name, void *ret_function)
{
    void *found = library ? dlsym(library, name) : NULL;
    memcpy(ret_function, &found, sizeof found);
    return found;
}
