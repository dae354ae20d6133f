/* Maps: "start-end perms offset device inode    path", where a path may contain anything but a line's end, which the
 * kernel writes as \012. */
#include "coroner/maps.h"

#include <string.h>

#define DELETED " (deleted)"

struct text {
    const char *at, *end;
};

static bool take_number(struct text *text, unsigned base, uint64_t *ret_number)
{
    uint64_t number = 0;
    const char *begin = text->at;
    for (; text->at < text->end && text->at - begin < 20; text->at++) {
        char c = *text->at;
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 16;
        if (digit >= base)
            break;
        number = number * base + digit;
    }
    *ret_number = number;
    return text->at > begin;
}

static bool take(struct text *text, char character)
{
    if (text->at == text->end || *text->at != character)
        return false;
    text->at++;
    return true;
}

/* A line without its end. */
static bool read_line(struct text line, struct tri_mapping *mapping)
{
    uint64_t device;
    if (!take_number(&line, 16, &mapping->start) || !take(&line, '-') ||
        !take_number(&line, 16, &mapping->end) || !take(&line, ' ') || line.end - line.at < 5)
        return false;
    mapping->is_executable = line.at[2] == 'x';
    line.at += 4;
    if (!take(&line, ' ') || !take_number(&line, 16, &mapping->offset) || !take(&line, ' ') ||
        !take_number(&line, 16, &device) || !take(&line, ':') || !take_number(&line, 16, &device) ||
        !take(&line, ' ') || !take_number(&line, 10, &mapping->inode))
        return false;
    while (take(&line, ' '))
        ;
    mapping->path = line.at;
    mapping->path_length = (size_t)(line.end - line.at);
    size_t suffix = strlen(DELETED);
    mapping->is_deleted =
        mapping->path_length > suffix && memcmp(line.end - suffix, DELETED, suffix) == 0;
    if (mapping->is_deleted)
        mapping->path_length -= suffix;
    return true;
}

bool tri_maps_find(const char *maps, size_t size_bytes, uint64_t address,
                   struct tri_mapping *ret_mapping)
{
    struct text all = {maps, maps + size_bytes};
    const char *end;
    /* What stands behind the last line's end was cut. */
    while (all.at < all.end && (end = memchr(all.at, '\n', (size_t)(all.end - all.at)))) {
        struct text line = {all.at, end};
        struct tri_mapping mapping;
        if (read_line(line, &mapping) && address >= mapping.start && address < mapping.end) {
            *ret_mapping = mapping;
            return true;
        }
        all.at = end + 1;
    }
    return false;
}
