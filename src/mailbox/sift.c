/* Sift: record by record, each of which tells where the next begins. */
#include "mailbox/sift.h"

#include <string.h>

/* In a longer stretch no checksums are computed. */
#define CERTAIN_BYTES 1024u

/* What stands at a place, of which so much is there. TRI_SIFT_WHOLE: a whole record. */
static enum tri_sift_end look_at(const struct tri_record *record, size_t left_bytes)
{
    if (left_bytes < sizeof *record)
        return TRI_SIFT_CUT;
    if (record->kind == TRI_RECORD_FILLER)
        return TRI_SIFT_LAP_OVER;
    if (tri_record_is_sane(record, left_bytes))
        return TRI_SIFT_WHOLE;
    return tri_record_is_sane(record, TRI_RING_BYTES) ? TRI_SIFT_CUT : TRI_SIFT_BROKEN;
}

static void keep(struct tri_sifted *sifted, uint8_t *bytes, size_t room_bytes)
{
    if (sifted->kept_bytes < sifted->passed_bytes)
        memmove(bytes + sifted->kept_bytes, bytes + sifted->passed_bytes, room_bytes);
    sifted->kept_bytes += room_bytes;
    sifted->count++;
}

/* Is this the next record for us, and whole? */
static bool is_next(const struct tri_record *record, tr_pid self, uint64_t number)
{
    return record->receiver == self.id && record->number == number &&
           tri_record_checksum(record, (const uint8_t *)(record + 1)) == record->checksum;
}

struct tri_sifted tri_sift(uint8_t *bytes, size_t size_bytes, tr_pid self, uint64_t taken,
                           unsigned most)
{
    struct tri_sifted sifted = {.end = TRI_SIFT_WHOLE, .is_certain = size_bytes <= CERTAIN_BYTES};
    bool is_last = false;
    while (sifted.passed_bytes < size_bytes && sifted.count < most && !is_last) {
        const struct tri_record *record = (const void *)(bytes + sifted.passed_bytes);
        size_t left_bytes = size_bytes - sifted.passed_bytes;
        sifted.end = look_at(record, left_bytes);
        if (sifted.end != TRI_SIFT_WHOLE) {
            sifted.is_certain &= sifted.end == TRI_SIFT_CUT;
            sifted.cut_bytes =
                left_bytes < sizeof *record ? sizeof *record : tri_record_room(record->size_bytes);
            break;
        }
        size_t room_bytes = tri_record_room(record->size_bytes);
        sifted.is_certain = sifted.is_certain && is_next(record, self, taken + sifted.count + 1);
        if (record->receiver == self.id && record->number > taken) {
            is_last = record->kind == TRI_RECORD_BLOB;
            keep(&sifted, bytes, room_bytes);
        }
        sifted.passed_bytes += room_bytes;
    }
    return sifted;
}
