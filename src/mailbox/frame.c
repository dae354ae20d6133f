/* Frame: checked from its head to its last record; nothing may be left over. */
#include "mailbox/frame.h"

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
    const struct tri_frame *frame = bytes;
    const uint8_t *at = bytes, *end = at + size_bytes;
    if (size_bytes < sizeof *frame || !head_is_sane(frame, receiver, slots))
        return false;
    at += sizeof *frame;
    for (unsigned left = frame->count; left > 0; left--) {
        const struct tri_record *record = (const void *)at;
        if ((size_t)(end - at) < sizeof *record || !tri_record_is_sane(record, (size_t)(end - at)))
            return false;
        if (record->receiver != receiver.id || record->number == 0)
            return false;
        at += tri_record_room(record->size_bytes);
    }
    if (at != end)
        return false;
    *ret_frame = *frame;
    return true;
}

const struct tri_record *tri_frame_next(const void *bytes, size_t *at, const uint8_t **ret_body)
{
    const uint8_t *place = (const uint8_t *)bytes + (*at ? *at : sizeof(struct tri_frame));
    const struct tri_record *record = (const void *)place;
    *ret_body = place + sizeof *record;
    *at = (size_t)(place - (const uint8_t *)bytes) + tri_record_room(record->size_bytes);
    return record;
}
