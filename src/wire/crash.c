/* Crash: read through a descriptor, so that nothing of it can fault, and believed only as far as it makes sense. */
#include "wire/crash.h"

#include <string.h>

#include "base/fd.h"
#include "wire/box.h"

int tri_crash_read(int boxes_fd, uint32_t slots, uint64_t pid, struct tri_crash *ret_crash)
{
    struct tri_crash crash;
    uint32_t slot = tr_pid_slot((tr_pid){pid});
    if (slot >= slots)
        return TR_MALFORMED;
    ssize_t n = tri_fd_read_at(boxes_fd, &crash, sizeof crash, tri_box_crash_offset(slots, slot));
    if (n < 0)
        return (int)n;
    if (n != sizeof crash || crash.magic != TRI_CRASH_MAGIC || crash.version != TRI_CRASH_VERSION ||
        crash.pid != pid || crash.stage < TRI_CRASH_HAS_SIGNAL ||
        crash.stage > TRI_CRASH_HAS_MAPS || crash.register_count > TRI_CRASH_REGISTERS ||
        crash.frame_count > TRI_CRASH_FRAMES || crash.maps_bytes > TRI_CRASH_MAPS_BYTES)
        return TR_MALFORMED;
    crash.thread_name[sizeof crash.thread_name - 1] = '\0';
    if (crash.stage < TRI_CRASH_HAS_FRAMES)
        crash.frame_count = 0;
    if (crash.stage < TRI_CRASH_HAS_MAPS)
        crash.maps_bytes = 0;
    *ret_crash = crash;
    return 0;
}

size_t tri_crash_read_maps(int boxes_fd, uint32_t slots, const struct tri_crash *crash, char *text)
{
    off_t at = tri_box_crash_offset(slots, tr_pid_slot((tr_pid){crash->pid})) + TRI_CRASH_MAPS_AT;
    ssize_t n = tri_fd_read_at(boxes_fd, text, crash->maps_bytes, at);
    size_t length = n > 0 ? (size_t)n : 0;
    text[length] = '\0';
    return strlen(text);
}

bool tri_crash_has_frames(const struct tri_crash *crash)
{
    return crash->frame_count > 0 && crash->maps_bytes > 0;
}
