/* Panic: the end of a process that has found a bug in itself. It says what it knew; its supervisor decides the rest. */
#ifndef TRI_BASE_PANIC_H
#define TRI_BASE_PANIC_H

/* Prints "troupe: <text>" to standard error and aborts. Allocates nothing. */
_Noreturn void tri_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define TRI_ASSERT(claim)                                                                          \
    ((claim) ? (void)0 : tri_panic("%s:%d: does not hold: %s", __FILE__, __LINE__, #claim))

#endif
