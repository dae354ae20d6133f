/* The cursor through a list. */
#include "term/list.h"

const uint8_t *tri_list_begin(struct tri_list *list, tr_term term)
{
    *list = (struct tri_list){0};
    if (term.size_bytes & TRI_REST_OF_STRING) {
        list->characters = term.data;
        list->string_end = tri_rest_end(term);
    } else if (term.size_bytes & TRI_REST_OF_LIST) {
        list->rest_end = tri_rest_end(term);
    }
    return term.data;
}

bool tri_list_next(struct tri_list *list, const uint8_t **at)
{
    for (;;) {
        if (list->characters) {
            if (list->characters == list->string_end) {
                *at = tri_nil;
                return false;
            }
            *at = tri_small_integers[*list->characters++];
            return true;
        }
        if (list->stretch > 0) {
            list->stretch--;
            return true;
        }
        if (list->rest_end) {
            if (tri_skip(*at) != list->rest_end)
                return true;
            list->rest_end = NULL;
        }
        if (**at == TRI_LIST) {
            list->stretch = tri_load32(*at + 1);
            *at += 5;
        } else if (**at == TRI_STRING) {
            list->characters = *at + 3;
            list->string_end = list->characters + tri_load16(*at + 1);
        } else {
            return false;
        }
    }
}

tr_term tri_list_rest(const struct tri_list *list, const uint8_t *at)
{
    tr_term rest = {tri_nil, sizeof tri_nil};
    if (list->characters) {
        if (list->characters < list->string_end) {
            rest.data = list->characters;
            rest.size_bytes = (size_t)(list->string_end - list->characters) | TRI_REST_OF_STRING;
        }
        return rest;
    }
    const uint8_t *end = list->rest_end;
    if (!end && list->stretch > 0)
        end = tri_skip_many(at, list->stretch + 1);
    if (!end || tri_skip(at) == end)
        return tri_is_nil(at) ? rest : tri_term_at(at);
    rest.data = at;
    rest.size_bytes = (size_t)(end - at) | TRI_REST_OF_LIST;
    return rest;
}
