/* Confinement: two tables say what there is; everything else goes through them. */
#include "process/confinement.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Each number of struct tr_resource_limits: its key, and the flag that says whether it means anything when it may be 0. */
static const struct {
    const char *key;
    size_t offset, size_bytes;
    size_t flag_offset; /* 0: it means nothing when it is 0 */
} numbers[] = {
#define AT(field)                                                                                  \
    offsetof(struct tr_resource_limits, field), sizeof((struct tr_resource_limits *)NULL)->field
    {"memory", AT(memory_bytes), 0},
    {"cpu", AT(cpu_s), 0},
    {"file_size", AT(file_bytes), 0},
    {"open_files", AT(open_files), 0},
    {"processes", AT(processes), 0},
    {"core", AT(core_bytes), offsetof(struct tr_resource_limits, sets_core)},
    {"nice", AT(nice), offsetof(struct tr_resource_limits, sets_nice)},
    {"umask", AT(umask), offsetof(struct tr_resource_limits, sets_umask)},
#undef AT
};
enum { NUMBERS = sizeof numbers / sizeof numbers[0], NICE = 6, UMASK };

const char *const tri_sandbox_words[] = {
    [TR_SANDBOX_NONE] = "none", [TR_SANDBOX_LIGHT] = "light", [TR_SANDBOX_FULL] = "full", NULL};

/* The most of a number: the limits of the kernel's are 64 bits, and the largest means none. */
#define MOST ((uint64_t)INT64_MAX)

static bool is_said(const struct tr_resource_limits *limits, int i)
{
    const char *base = (const char *)limits;
    uint64_t value = 0;
    if (numbers[i].flag_offset)
        return *(const bool *)(base + numbers[i].flag_offset);
    memcpy(&value, base + numbers[i].offset, numbers[i].size_bytes);
    return value != 0;
}

static uint32_t count_numbers(const struct tr_resource_limits *limits)
{
    uint32_t count = 0;
    for (int i = 0; i < NUMBERS; i++)
        count += is_said(limits, i);
    return count;
}

/* ---------------------------------------------------------------- as a term */

bool tri_confinement_is_none(const struct tri_confinement *confinement)
{
    return tri_confinement_count(confinement) == 0;
}

const char *tri_confinement_mistake(const struct tri_confinement *confinement)
{
    const struct tr_resource_limits *limits = &confinement->limits;
    if (confinement->sandbox > TR_SANDBOX_FULL)
        return "sandbox";
    if (limits->sets_umask && limits->umask > 077)
        return "umask";
    if (limits->sets_nice && (limits->nice < -20 || limits->nice > 19))
        return "nice";
    if (limits->memory_bytes > MOST || limits->cpu_s > UINT32_MAX || limits->file_bytes > MOST ||
        limits->core_bytes > MOST)
        return "limits";
    return confinement->hang_ms < 0 ? "hang_ms" : NULL;
}

uint32_t tri_confinement_count(const struct tri_confinement *confinement)
{
    return (count_numbers(&confinement->limits) > 0) + (confinement->sandbox != TR_SANDBOX_NONE) +
           (confinement->readable != NULL) + (confinement->writable != NULL) +
           (confinement->hang_ms > 0) + confinement->keeps_stderr + confinement->is_strict;
}

static void put_limits(struct tr_out *out, const struct tr_resource_limits *limits)
{
    uint32_t count = count_numbers(limits);
    if (count == 0)
        return;
    tr_put_atom(out, "limits");
    tr_put_map_of(out, count);
    for (int i = 0; i < NUMBERS; i++) {
        uint64_t value = 0;
        if (!is_said(limits, i))
            continue;
        memcpy(&value, (const char *)limits + numbers[i].offset, numbers[i].size_bytes);
        tr_put_atom(out, numbers[i].key);
        if (i == NICE)
            tr_put_integer(out, limits->nice);
        else
            tr_put_unsigned(out, value);
    }
}

static void put_paths(struct tr_out *out, const char *key, const char *const *paths)
{
    uint32_t count = 0;
    if (!paths)
        return;
    while (paths[count])
        count++;
    tr_put_atom(out, key);
    tr_put_list_of(out, count);
    for (uint32_t i = 0; i < count; i++)
        tr_put_text(out, paths[i]);
    tr_put_nil(out);
}

static void put_flag(struct tr_out *out, const char *key, bool is_set)
{
    if (!is_set)
        return;
    tr_put_atom(out, key);
    tr_put_bool(out, true);
}

void tri_confinement_put(struct tr_out *out, const struct tri_confinement *confinement)
{
    put_limits(out, &confinement->limits);
    if (confinement->sandbox != TR_SANDBOX_NONE) {
        tr_put_atom(out, "sandbox");
        tr_put_atom(out, tri_sandbox_words[confinement->sandbox]);
    }
    put_paths(out, "readable", confinement->readable);
    put_paths(out, "writable", confinement->writable);
    if (confinement->hang_ms > 0) {
        tr_put_atom(out, "hang_ms");
        tr_put_integer(out, confinement->hang_ms);
    }
    put_flag(out, "keeps_stderr", confinement->keeps_stderr);
    put_flag(out, "strict", confinement->is_strict);
}

/* ---------------------------------------------------------------- from a term */

struct reading {
    struct tri_confinement *confinement;
    tr_term map;
    const char *key; /* looked at last, and what it has */
    tr_term value;
    char *room; /* where the next path goes */
};

static bool has(struct reading *reading, const char *key)
{
    reading->key = key;
    return tr_map_get_atom(reading->map, key, &reading->value);
}

static bool set_number(struct tr_resource_limits *limits, int i, tr_term term)
{
    char *base = (char *)limits;
    uint64_t number = 0;
    int64_t nice = 0;
    if (i == NICE ? !tr_get_integer(term, &nice) || nice < -20 || nice > 19
                  : !tr_get_unsigned(term, &number))
        return false;
    uint64_t most = i == UMASK ? 077 : numbers[i].size_bytes == 4 ? UINT32_MAX : MOST;
    if (number > most || (number == 0 && i != NICE && !numbers[i].flag_offset))
        return false;
    if (i == NICE)
        limits->nice = (int)nice;
    else
        memcpy(base + numbers[i].offset, &number, numbers[i].size_bytes);
    if (numbers[i].flag_offset)
        *(bool *)(base + numbers[i].flag_offset) = true;
    return true;
}

static bool read_limits(struct reading *reading)
{
    struct tr_iter iter;
    tr_term each, map, key = {NULL, 0};
    uint32_t known = 0, all = 0;
    if (!has(reading, "limits"))
        return true;
    map = reading->value;
    if (!tr_get_map(map, &iter))
        return false;
    while (tr_next(&iter, &each))
        all++;
    for (int i = 0; i < NUMBERS; i++)
        if (tr_map_get_atom(map, numbers[i].key, &each)) {
            known++;
            key = each;
            if (!set_number(&reading->confinement->limits, i, key))
                return false;
        }
    return all == 2 * known; /* an iterator gives keys and values */
}

static bool read_sandbox(struct reading *reading)
{
    if (!has(reading, "sandbox"))
        return true;
    for (unsigned i = 0; tri_sandbox_words[i]; i++)
        if (tr_is_atom(reading->value, tri_sandbox_words[i])) {
            reading->confinement->sandbox = i;
            return true;
        }
    return false;
}

static bool read_flag(struct reading *reading, const char *key, bool *ret_flag)
{
    return !has(reading, key) || tr_get_bool(reading->value, ret_flag);
}

static bool read_hang(struct reading *reading)
{
    int64_t *hang_ms = &reading->confinement->hang_ms;
    return !has(reading, "hang_ms") || (tr_get_integer(reading->value, hang_ms) && *hang_ms > 0);
}

/* How many paths there are, and how many bytes with their NULs. False: they are none. */
static bool measure(tr_term list, size_t *ret_count, size_t *ret_bytes)
{
    struct tr_iter iter;
    tr_term each;
    tr_bin path;
    if (!tr_get_list(list, &iter) || iter.is_string)
        return false;
    *ret_count = *ret_bytes = 0;
    while (tr_next(&iter, &each)) {
        if (!tr_get_binary(each, &path) || path.size_bytes == 0 ||
            memchr(path.data, '\0', path.size_bytes))
            return false;
        ++*ret_count;
        *ret_bytes += path.size_bytes + 1;
    }
    return true;
}

static const char *const *copy(tr_term list, char ***pointers, char **text)
{
    struct tr_iter iter;
    tr_term each;
    tr_bin path;
    char **begin = *pointers;
    tr_get_list(list, &iter);
    while (tr_next(&iter, &each) && tr_get_binary(each, &path)) {
        *(*pointers)++ = *text;
        *text = (char *)mempcpy(*text, path.data, path.size_bytes) + 1;
        (*text)[-1] = '\0';
    }
    *(*pointers)++ = NULL;
    return (const char *const *)begin;
}

/* Both lists lie in one piece of memory: the pointers, then the texts. */
static int read_paths(struct reading *reading)
{
    struct tri_confinement *confinement = reading->confinement;
    size_t counts[2] = {0}, bytes[2] = {0};
    tr_term lists[2];
    bool has_writable = has(reading, "writable");
    lists[1] = reading->value;
    if (has_writable && !measure(lists[1], &counts[1], &bytes[1]))
        return TR_NO_MATCH;
    bool has_readable = has(reading, "readable");
    lists[0] = reading->value;
    if (has_readable && !measure(lists[0], &counts[0], &bytes[0]))
        return TR_NO_MATCH;
    if (!has_readable && !has_writable)
        return 0;
    size_t pointer_bytes = (counts[0] + counts[1] + 2) * sizeof(char *);
    confinement->storage = malloc(pointer_bytes + bytes[0] + bytes[1]);
    if (!confinement->storage)
        return -ENOMEM;
    char **pointers = confinement->storage;
    char *text = (char *)confinement->storage + pointer_bytes;
    if (has_readable)
        confinement->readable = copy(lists[0], &pointers, &text);
    if (has_writable)
        confinement->writable = copy(lists[1], &pointers, &text);
    return 0;
}

int tri_confinement_read(struct tri_confinement *ret_confinement, tr_term map, const char **ret_key,
                         tr_term *ret_value)
{
    struct reading reading = {.confinement = ret_confinement, .map = map};
    *ret_confinement = (struct tri_confinement){.sandbox = TR_SANDBOX_NONE};
    int r = tr_kind_of(map) == TR_KIND_MAP && read_limits(&reading) && read_sandbox(&reading) &&
                    read_hang(&reading) &&
                    read_flag(&reading, "keeps_stderr", &ret_confinement->keeps_stderr) &&
                    read_flag(&reading, "strict", &ret_confinement->is_strict)
                ? read_paths(&reading)
                : TR_NO_MATCH;
    *ret_key = reading.key;
    *ret_value = reading.value;
    return r;
}

void tri_confinement_deinit(struct tri_confinement *confinement)
{
    free(confinement->storage);
    *confinement = (struct tri_confinement){.sandbox = TR_SANDBOX_NONE};
}
