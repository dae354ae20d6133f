/* Going through a list as it lies in memory: LIST_EXT, STRING_EXT, one as the tail of another, or the rest of one.
 *
 * The cursor looks no further than its next step, so that going through nested lists costs no more than their size.
 */
#ifndef TRI_TERM_LIST_H
#define TRI_TERM_LIST_H

#include "term/tags.h"

struct tri_list {
    uint64_t stretch;          /* elements up to the next header or the tail                    */
    const uint8_t *characters; /* in a STRING_EXT: the next one, else NULL                      */
    const uint8_t *string_end; /* in a STRING_EXT: the byte after it                            */
    const uint8_t *rest_end;   /* the rest of a list: where its tail ends; NULL when in the tail */
};

/* Begins with a term of TR_KIND_LIST and returns the first value for tri_list_next's *at. */
const uint8_t *tri_list_begin(struct tri_list *list, tr_term term);

/* Moves *at to the next element (true) or to the tail (false).
 *   *at   the byte after the element before; at first, where the list begins */
bool tri_list_next(struct tri_list *list, const uint8_t **at);

/* Once the tail has been reached: the byte after the list. after_tail is the byte after its tail. */
static inline const uint8_t *tri_list_end(const struct tri_list *list, const uint8_t *after_tail)
{
    return list->characters ? list->string_end : after_tail;
}

/* What is left of the list when tri_list_next would be called next: a whole term, or a view of its rest. */
tr_term tri_list_rest(const struct tri_list *list, const uint8_t *at);

#endif
