/* Maps: the text of /proc/PID/maps, as a process wrote it down while it died. Pure; the text is believed in nothing. */
#ifndef TRI_CORONER_MAPS_H
#define TRI_CORONER_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line of it. */
struct tri_mapping {
    uint64_t start, end, offset, inode;
    bool is_executable;
    bool is_deleted;  /* the file was gone, or replaced, when this was written */
    const char *path; /* a view; length 0: anonymous memory */
    size_t path_length;
};

/* The mapping that an address lies in. False when no line tells of it. */
bool tri_maps_find(const char *maps, size_t size_bytes, uint64_t address,
                   struct tri_mapping *ret_mapping);

#endif
