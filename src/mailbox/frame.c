/* Frame: checked from its head to its last record; nothing may be left over. */
#include "mailbox/frame.h"

#include <string.h>

static bool head_is_sane(const struct tri_frame *frame, tr_pid receiver, uint32_t slots)
{
    tr_pid sender = {frame->sender};
    return frame->magic == TRI_FRAME_MAGIC && frame->version == TRI_FRAME_VERSION &&
           frame->count > 0 && frame->receiver == receiver.id && tr_pid_slot(sender) < slots &&
           tr_pid_generation(sender) > 0;
}

bool tri_frame_check(const void *bytes, size_t size_bytes, tr_pid receiver, uint32_t slots,
                     struct tri_frame *ret_frame)
{
    struct tri_frame frame;
    struct tri_record record;
    const uint8_t *body, *at = bytes;
    if (size_bytes < sizeof frame)
        return false;
    memcpy(&frame, bytes, sizeof frame);
    if (!head_is_sane(&frame, receiver, slots))
        return false;
    size_t left = size_bytes - sizeof frame;
    at += sizeof frame;
    for (unsigned i = 0; i < frame.count; i++) {
        if (!tri_record_read(at, left, &record, &body))
            return false;
        if (record.receiver != receiver.id || record.number == 0)
            return false;
        at += tri_record_room(record.size_bytes);
        left -= tri_record_room(record.size_bytes);
    }
    if (left > 0)
        return false;
    *ret_frame = frame;
    return true;
}

void tri_frame_next(const void *bytes, size_t *at, struct tri_record *ret_record,
                    const uint8_t **ret_body)
{
    const uint8_t *record = (const uint8_t *)bytes + (*at ? *at : sizeof(struct tri_frame));
    memcpy(ret_record, record, sizeof *ret_record);
    *ret_body = record + sizeof *ret_record;
    *at = (size_t)(*ret_body - (const uint8_t *)bytes) + tri_record_room(ret_record->size_bytes) -
          sizeof *ret_record;
}
