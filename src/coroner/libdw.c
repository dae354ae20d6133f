/* Libdw: found by name, as the dynamic linker would. */
#include "coroner/libdw.h"

#include <dlfcn.h>

#include "base/library.h"

bool tri_libdw_load(struct tri_libdw *ret_libdw)
{
    void *library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);
    bool is_whole = library;
#define TRI_LIBDW_FIND(name)                                                                       \
    is_whole = is_whole && tri_library_find(library, #name, &ret_libdw->name);
    TRI_LIBDW(TRI_LIBDW_FIND)
#undef TRI_LIBDW_FIND
    return is_whole;
}
