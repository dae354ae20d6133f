/* Demangle: libstdc++ is there wherever a program of C++ runs. It is loaded as libdw is, so that no other process carries it. */
#include "coroner/demangle.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What templates make of longer ones is of no use to a reader. */
#define SYMBOL_BYTES 1024

typedef char *demangle_fn(const char *symbol, char *buffer, size_t *bytes, int *ret_status);

/* NULL: it is not there. */
static demangle_fn *library_function(void)
{
    static demangle_fn *function;
    static bool was_asked;
    void *library = was_asked ? NULL : dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);
    void *found = library ? dlsym(library, "__cxa_demangle") : NULL;
    was_asked = true;
    if (found)
        memcpy(&function, &found, sizeof found);
    return function;
}

void tri_demangle(const char *symbol, char *name, size_t name_bytes)
{
    bool is_mangled = strncmp(symbol, "_Z", 2) == 0 && strlen(symbol) < SYMBOL_BYTES;
    demangle_fn *demangle = is_mangled ? library_function() : NULL;
    int status = -1;
    char *text = demangle ? demangle(symbol, NULL, NULL, &status) : NULL;
    snprintf(name, name_bytes, "%s", text && status == 0 ? text : symbol);
    free(text);
}
