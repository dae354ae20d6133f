/* Keepsake: what lies in a part of the state folder (statedir.h): one file or folder each, under an id that begins with the time.
 * It appears whole, for it is written under a temporary name first; what a killed writer has left under such a name goes.
 *
 * What lies there under other names, or is of another type, is nobody's: it is neither shown, nor read, nor removed. */
#ifndef TRI_BASE_KEEPSAKE_H
#define TRI_BASE_KEEPSAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define TRI_KEEPSAKE_ID_BYTES 128
#define TRI_KEEPSAKE_NEW_BYTES (TRI_KEEPSAKE_ID_BYTES + 32)
/* 20261122T213000Z, ended by NUL. */
#define TRI_KEEPSAKE_TIME_BYTES 17

struct tri_keepsake {
    char id[TRI_KEEPSAKE_ID_BYTES];
    uint64_t size_bytes;
    uint64_t written_ns; /* since 1970 */
};

/* Zeroed, it is empty. Its owner frees `at`. */
struct tri_keepsakes {
    struct tri_keepsake *at; /* the oldest first; those of the same second as they were written */
    size_t count, capacity;
};

/* What is kept in a part. */
struct tri_keepsake_kind {
    const char *part;
    mode_t type; /* S_IFREG or S_IFDIR */
    uint64_t (*size_bytes)(int folder_fd, const char *id, const struct stat *status);
    /* Removes one, also under a temporary name. 0 or a negative errno. */
    int (*remove)(int folder_fd, const char *name);
};

/* Letters, digits, and _ - . within. */
bool tri_keepsake_id_is_valid(const char *id);

/* What an id begins with.
 *   time_ns   since 1970
 * 0 or -EINVAL. */
int tri_keepsake_time(uint64_t time_ns, char ret_text[TRI_KEEPSAKE_TIME_BYTES]);

/* The temporary name of what is to be, or was, one of that id; this process's own, and no id. */
void tri_keepsake_new_name(const char *id, char ret_name[TRI_KEEPSAKE_NEW_BYTES]);

/* Lists a folder that is open. 0; -ENOMEM or another negative errno. What is in the list is to be freed in any case. */
int tri_keepsake_look(int folder_fd, const struct tri_keepsake_kind *kind,
                      struct tri_keepsakes *list);

/* Lists the whole part; the caller frees the list. 0 (also when there is no such part yet), TR_REFUSED, or a negative errno. */
int tri_keepsake_list(const struct tri_keepsake_kind *kind, struct tri_keepsake **ret_entries,
                      size_t *ret_count);

/* Reads a file in an open folder, never through a link. Ended by a NUL that is not counted; the caller frees it. 0;
 * TR_MALFORMED: it is no plain file; TR_TOO_LARGE; -ENOENT, -ELOOP or another negative errno. */
int tri_keepsake_read(int folder_fd, const char *name, size_t most_bytes, char **ret_text,
                      size_t *ret_size_bytes);

#endif
