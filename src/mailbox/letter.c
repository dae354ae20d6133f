/* Letter: lists of parts, no I/O. */
#include "mailbox/letter.h"

#include <string.h>

#include "mailbox/built.h"

static void add(struct tri_letter *letter, const void *data, size_t size_bytes)
{
    if (size_bytes == 0)
        return;
    letter->parts[letter->count++] = (struct iovec){(void *)(uintptr_t)data, size_bytes};
    letter->size_bytes += size_bytes;
}

static void begin(struct tri_letter *letter)
{
    letter->size_bytes = 0;
    letter->count = 0;
    letter->blob = NULL;
}

static bool is_better(const struct tri_letter *letter, const struct tri_piece *piece)
{
    return piece->blob && piece->blob->fd >= 0 &&
           (!letter->blob || piece->size_bytes > letter->blob->loan.content.size_bytes);
}

void tri_letter_of_pieces(struct tri_letter *letter, const struct tr_out *out,
                          const struct tri_pieces *pieces)
{
    size_t written = 0;
    begin(letter);
    for (unsigned i = 0; i < pieces->count; i++) {
        const struct tri_piece *piece = &pieces->list[i];
        add(letter, out->data + written, piece->after_bytes - written);
        written = piece->after_bytes;
        if (is_better(letter, piece)) {
            letter->blob = piece->blob;
            letter->content = letter->count;
        }
        add(letter, piece->data, piece->size_bytes);
    }
    add(letter, out->data + written, out->size_bytes - written);
}

void tri_letter_of_term(struct tri_letter *letter, tr_term term)
{
    begin(letter);
    add(letter, term.data, term.size_bytes);
}

void tri_letter_copy(const struct tri_letter *letter, void *to)
{
    uint8_t *at = to;
    for (unsigned i = 0; i < letter->count; i++) {
        memcpy(at, letter->parts[i].iov_base, letter->parts[i].iov_len);
        at += letter->parts[i].iov_len;
    }
}
