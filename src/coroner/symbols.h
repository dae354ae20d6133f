/* Symbols: from an address in a process that may be gone to function, file and line.
 *
 * What is needed of the process is the text of its /proc/PID/maps. The files that it had mapped are looked at where they
 * lie, with libdw: their own debugging information, or a separate one where distributions put it (/usr/lib/debug,
 * .gnu_debuglink, build ids); nothing is fetched from a network. What has been looked at is kept for the next crash.
 *
 * A file that has been replaced on disk since the process had mapped it would give wrong lines: then the frames of that
 * module say so (is_replaced), and have only the module and the offset, as they do without libdw. */
#ifndef TRI_CORONER_SYMBOLS_H
#define TRI_CORONER_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRI_SYMBOLS_NAME_BYTES 192
#define TRI_SYMBOLS_PATH_BYTES 320

/* A place in a stack. What is not known is "" or 0. */
struct tri_frame {
    uint64_t address;         /* in the process */
    uint64_t offset;          /* in the module, as addr2line takes it */
    uint64_t function_offset; /* from the function's beginning */
    uint32_t line;            /* from 1 */
    bool is_inlined;          /* into the next frame, whose address is the same */
    bool is_replaced;         /* its module is another file now */
    bool is_own;              /* the user's own: set by tri_backtrace_mark */
    char function[TRI_SYMBOLS_NAME_BYTES];
    char file[TRI_SYMBOLS_PATH_BYTES];   /* as the compiler was told, its folder before it */
    char module[TRI_SYMBOLS_PATH_BYTES]; /* path of the mapped file, or [vdso] and the like */
};

/* What is asked about one stack. */
struct tri_stack {
    const char *maps; /* text, whose last line may be cut; need not end with NUL */
    size_t maps_bytes;
    uint64_t since_s; /* when the process had mapped its files, in s since 1970; 0: not known */
    const uint64_t *addresses;
    size_t count;
    /* The first is where the process was; else it is, as all others are, where a call returns to: the call itself is
     * one byte before. */
    bool is_first_exact;
    bool is_brief; /* modules and offsets are enough: no file is looked into */
};

struct tri_symbols;

/* NULL when there is no memory. */
struct tri_symbols *tri_symbols_new(void);
void tri_symbols_free(struct tri_symbols *symbols);

/* Is libdw there? Without it there are no functions and no lines. */
bool tri_symbols_has_libdw(const struct tri_symbols *symbols);

/* Fills in frames, innermost first, one for each address and one for each call that was inlined there, max at most. May read
 * megabytes from disk. Returns how many there are. */
size_t tri_symbols_resolve(struct tri_symbols *symbols, const struct tri_stack *stack,
                           struct tri_frame *ret_frames, size_t max);

#endif
