/* Libraries of peers, loaded when a peer needs them and not linked: what is linked is in the memory of every actor, and
 * nng exports nanomsg's own names, so that whoever came first would serve troupe too.
 *
 *     #define FUNCTIONS(X) X(zmq_send) X(zmq_recv)
 *     LIBRARY(zmq, FUNCTIONS)
 *     … if (library_load(BENCH_ZEROMQ_LIBRARY, zmq_names, &zmq) == 0) zmq.zmq_send_(…)
 */
#ifndef BENCH_LIBRARY_H
#define BENCH_LIBRARY_H

#include <dlfcn.h>
#include <stdio.h>

#define LIBRARY_FIELD(function) __typeof__(&function) function##_;
#define LIBRARY_NAME(function) #function,
#define LIBRARY(library, functions)                                                                \
    static struct {                                                                                \
        functions(LIBRARY_FIELD)                                                                   \
    } library;                                                                                     \
    static const char *const library##_names[] = {functions(LIBRARY_NAME) NULL};

/* Fills ret_functions, which holds nothing but pointers to functions, in the order of names. 0, or -1 after a line. */
static inline int library_load(const char *path, const char *const *names, void *ret_functions)
{
    void **functions = ret_functions;
    void *library = functions[0] ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (functions[0])
        return 0;
    for (size_t i = 0; library && names[i]; i++) {
        functions[i] = dlsym(library, names[i]);
        if (!functions[i])
            library = NULL;
    }
    if (library)
        return 0;
    fprintf(stderr, "bench: %s\n", dlerror());
    return -1;
}

#endif
