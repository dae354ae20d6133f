/* Symbols: the modules that were asked last are kept, some thirty of them; each is megabytes of mapped files. */
#include "coroner/symbols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coroner/libdw.h"
#include "coroner/maps.h"
#include "coroner/module.h"

#define MODULES_MAX 32

struct tri_symbols {
    struct tri_libdw libdw;
    bool has_libdw;
    struct tri_module *modules[MODULES_MAX]; /* that which was asked last comes first */
    size_t count;
};

struct tri_symbols *tri_symbols_new(void)
{
    struct tri_symbols *symbols = calloc(1, sizeof *symbols);
    /* libdw would look for debugging information in the network. */
    unsetenv("DEBUGINFOD_URLS");
    if (symbols)
        symbols->has_libdw = tri_libdw_load(&symbols->libdw);
    return symbols;
}

static void drop(struct tri_symbols *symbols, size_t place)
{
    tri_module_close(symbols->modules[place]);
    symbols->count--;
    memmove(&symbols->modules[place], &symbols->modules[place + 1],
            (symbols->count - place) * sizeof symbols->modules[0]);
}

void tri_symbols_free(struct tri_symbols *symbols)
{
    while (symbols && symbols->count > 0)
        drop(symbols, symbols->count - 1);
    free(symbols);
}

bool tri_symbols_has_libdw(const struct tri_symbols *symbols) { return symbols->has_libdw; }

/* ---------------------------------------------------------------- modules */

/* Puts one before all others. */
static struct tri_module *come_first(struct tri_symbols *symbols, size_t place)
{
    struct tri_module *module = symbols->modules[place];
    memmove(&symbols->modules[1], &symbols->modules[0], place * sizeof symbols->modules[0]);
    symbols->modules[0] = module;
    return module;
}

/* One that is there: of the path, and of the inode that the process had mapped; so it is right also when another file lies at
 * its path meanwhile. One that has been written to since is not. */
static struct tri_module *find(struct tri_symbols *symbols, const char *path, uint64_t inode)
{
    for (size_t i = 0; i < symbols->count; i++) {
        const struct tri_module *module = symbols->modules[i];
        if (tri_module_inode(module) == inode && strcmp(tri_module_path(module), path) == 0)
            return come_first(symbols, i);
    }
    return NULL;
}

/* The places of those that were replaced on disk are wanted for those that have replaced them, once no process is asked
 * about that had mapped them: when their turn comes. */
static struct tri_module *add(struct tri_symbols *symbols, const char *path)
{
    struct tri_module *module = tri_module_open(symbols->has_libdw ? &symbols->libdw : NULL, path);
    if (!module)
        return NULL;
    if (symbols->count == MODULES_MAX)
        drop(symbols, MODULES_MAX - 1);
    symbols->modules[symbols->count] = module;
    return come_first(symbols, symbols->count++);
}

/* The file of a mapping as it was when the process had mapped it, or NULL; then *ret_is_replaced tells whether that is because
 * another one lies there now. */
static struct tri_module *module_of(struct tri_symbols *symbols, const struct tri_mapping *mapping,
                                    const char *path, uint64_t since_s, bool *ret_is_replaced)
{
    struct tri_module *module = find(symbols, path, mapping->inode);
    *ret_is_replaced = mapping->is_deleted && !module;
    if (module && !mapping->is_deleted && !tri_module_is_current(module)) {
        drop(symbols, 0);
        module = NULL;
    }
    if (!module && !mapping->is_deleted)
        module = add(symbols, path);
    if (!module)
        return NULL;
    *ret_is_replaced = tri_module_inode(module) != mapping->inode ||
                       (since_s > 0 && tri_module_changed_s(module) > since_s);
    return *ret_is_replaced ? NULL : module;
}

/* ---------------------------------------------------------------- frames */

/* An address that is not where the process was, but where a call returns to, belongs to the instruction before it: the
 * next one may be another line's, or another function's. */
static size_t resolve_one(struct tri_symbols *symbols, const struct tri_stack *stack,
                          uint64_t address, bool is_exact, struct tri_frame *frames, size_t max)
{
    struct tri_frame place = {.address = address};
    struct tri_mapping mapping;
    struct tri_module *module = NULL;
    uint64_t asked = is_exact || address == 0 ? address : address - 1;
    size_t count = 0;
    memset(frames, 0, max * sizeof *frames);
    if (tri_maps_find(stack->maps, stack->maps_bytes, asked, &mapping)) {
        snprintf(place.module, sizeof place.module, "%.*s", (int)mapping.path_length, mapping.path);
        place.offset = asked - mapping.start + mapping.offset;
        if (place.module[0] == '/' && mapping.path_length < sizeof place.module && !stack->is_brief)
            module = module_of(symbols, &mapping, place.module, stack->since_s, &place.is_replaced);
    }
    if (module) {
        place.offset = tri_module_address(module, place.offset);
        count = tri_module_tell(module, place.offset, frames, max);
    }
    count = count > 0 ? count : 1;
    for (size_t i = 0; i < count; i++) {
        frames[i].address = place.address;
        frames[i].offset = place.offset + (address - asked);
        frames[i].is_replaced = place.is_replaced;
        memcpy(frames[i].module, place.module, sizeof place.module);
    }
    return count;
}

size_t tri_symbols_resolve(struct tri_symbols *symbols, const struct tri_stack *stack,
                           struct tri_frame *ret_frames, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < stack->count && count < max; i++)
        count += resolve_one(symbols, stack, stack->addresses[i], i == 0 && stack->is_first_exact,
                             ret_frames + count, max - count);
    return count;
}
