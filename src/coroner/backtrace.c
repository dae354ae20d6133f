/* Backtrace: what is not the user's own is known by the names of libraries, and, where troupe is linked into a program, by
 * those of functions. */
#include "coroner/backtrace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "term/pairs.h"

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool begins_like_one(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (begins(text, list[i]))
            return true;
    return false;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The folder of the library's sources, as the compiler was told, with the slash behind it: the library may be a part of the
 * program, and most of its functions have names that say nothing. */
static size_t source_folder_length(void)
{
    static const char this_file[] = "coroner/backtrace.c";
    return strlen(__FILE__) - (sizeof this_file - 1);
}

bool tri_module_is_machinery(const char *path)
{
    static const char *const modules[] = {
        "libc.so",  "libc-",     "ld-",        "libm.so",   "libpthread", "librt.so",
        "libgcc_s", "libstdc++", "libc++",     "libasan",   "libubsan",   "libtsan",
        "liblsan",  "libdl.so",  "libnanomsg", "libtroupe", "[",
    };
    return !path[0] || begins_like_one(base_name(path), modules, TRI_ARRAY_LENGTH(modules));
}

static bool is_own(const struct tri_frame *frame)
{
    static const char *const functions[] = {
        "tr_",     "tri_",           "nn_",      "_start",     "__libc_",
        "__asan_", "__interceptor_", "__ubsan_", "__sanitizer"};
    size_t folder = source_folder_length();
    if (begins(frame->function, "tr_actor_")) /* what TR_ACTOR calls the body of an actor */
        return true;
    return !tri_module_is_machinery(frame->module) &&
           !begins_like_one(frame->function, functions, TRI_ARRAY_LENGTH(functions)) &&
           (folder == 0 || strncmp(frame->file, __FILE__, folder) != 0);
}

size_t tri_backtrace_bottom(const struct tri_frame *frames, size_t count)
{
    size_t bottom = 0;
    while (bottom < count && !begins(frames[bottom].function, "tri_process_live") &&
           !begins(frames[bottom].function, "tr_main"))
        bottom++;
    return bottom;
}

size_t tri_backtrace_mark(struct tri_frame *frames, size_t count)
{
    size_t bottom = tri_backtrace_bottom(frames, count), own = 0;
    for (size_t i = 0; i < count; i++) {
        frames[i].is_own = i < bottom && is_own(&frames[i]);
        own += frames[i].is_own;
    }
    return own;
}

static void write_place(const struct tri_frame *frame, char text[TRI_AT_BYTES])
{
    const char *module = base_name(frame->module), *file = base_name(frame->file);
    if (frame->function[0] && frame->line > 0 && file[0])
        snprintf(text, TRI_AT_BYTES, "%s (%.40s:%" PRIu32 ")", frame->function, file, frame->line);
    else if (frame->function[0])
        snprintf(text, TRI_AT_BYTES, "%s+0x%" PRIx64 " (%.40s)", frame->function,
                 frame->function_offset, module);
    else if (module[0])
        snprintf(text, TRI_AT_BYTES, "%.200s+0x%" PRIx64, module, frame->offset);
    else
        snprintf(text, TRI_AT_BYTES, "0x%" PRIx64, frame->address);
}

bool tri_backtrace_at(const struct tri_frame *frames, size_t count, char ret_text[TRI_AT_BYTES])
{
    if (count == 0)
        return false;
    size_t at = 0;
    while (at < count && !frames[at].is_own)
        at++;
    write_place(&frames[at < count ? at : 0], ret_text);
    return true;
}

/* ---------------------------------------------------------------- as a term */

static void put_text(struct tri_pairs *pairs, const char *key, const char *text)
{
    if (text[0])
        tr_put_text(tri_pairs_key(pairs, key), text);
}

static void put_number(struct tri_pairs *pairs, const char *key, uint64_t number)
{
    tr_put_unsigned(tri_pairs_key(pairs, key), number);
}

static void put_claim(struct tri_pairs *pairs, const char *key, bool is_true)
{
    if (is_true)
        tr_put_bool(tri_pairs_key(pairs, key), true);
}

static void put_frame(struct tri_pairs *pairs, const struct tri_frame *frame)
{
    put_text(pairs, "function", frame->function);
    if (frame->function[0] && !frame->is_inlined)
        put_number(pairs, "function_offset", frame->function_offset);
    put_text(pairs, "file", frame->file);
    if (frame->line > 0)
        put_number(pairs, "line", frame->line);
    put_text(pairs, "module", frame->module);
    if (frame->module[0])
        put_number(pairs, "offset", frame->offset);
    put_number(pairs, "address", frame->address);
    put_claim(pairs, "own", frame->is_own);
    put_claim(pairs, "inlined", frame->is_inlined);
    put_claim(pairs, "replaced", frame->is_replaced);
}

void tri_backtrace_put(struct tr_out *out, const struct tri_frame *frames, size_t count)
{
    tr_put_list_of(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        struct tri_pairs pairs = {.count = 0};
        put_frame(&pairs, &frames[i]);
        tri_pairs_put(out, &pairs);
    }
    tr_put_nil(out);
}
