/* A pool's answers to calls: never waited for, because who has no room for them would hold up all others, and the deadlines of
 * their jobs. */
#include <stdlib.h>

#include "base/log.h"
#include "behaviour/from.h"
#include "behaviour/pool.h"

enum { MOST_LETTERS = 10000 }; /* a client that asks so often without reading gets no answer */

struct tri_pool_letter {
    tr_ref to;
    struct tr_out text;
    TAILQ_ENTRY(tri_pool_letter) in_letters;
};

static bool send(const struct tri_pool_letter *letter)
{
    return tr_send_term(tri_to_alias(letter->to), tr_out_term(&letter->text), TR_SEND_NOWAIT) == 0;
}

static void free_letter(struct tri_pool_letter *letter)
{
    tr_out_deinit(&letter->text);
    free(letter);
}

bool tri_pool_alias_of(const struct tr_from *from, tr_ref *ret_alias)
{
    tr_term tag;
    return tr_match(tr_from_term(from), "{_, Tag}", &tag) == 0 && tri_tag_is_alias(tag, ret_alias);
}

void tri_pool_answer(struct tri_pool_server *pool, const struct tr_from *from, tr_term answer)
{
    tr_ref alias;
    struct tri_pool_letter *letter =
        tri_pool_alias_of(from, &alias) ? calloc(1, sizeof *letter) : NULL;
    if (!letter || tr_put(&letter->text, "{[alias | Ref], Answer}", alias, answer)) {
        tri_warn("a pool cannot answer a call");
        if (letter)
            free_letter(letter);
        return;
    }
    letter->to = alias;
    if (!send(letter) && pool->letter_count < MOST_LETTERS) {
        TAILQ_INSERT_TAIL(&pool->letters, letter, in_letters);
        pool->letter_count++;
    } else {
        free_letter(letter);
    }
}

void tri_pool_send_letters(struct tri_pool_server *pool)
{
    for (size_t left = pool->letter_count; left > 0; left--) {
        struct tri_pool_letter *letter = TAILQ_FIRST(&pool->letters);
        TAILQ_REMOVE(&pool->letters, letter, in_letters);
        if (send(letter)) {
            pool->letter_count--;
            free_letter(letter);
        } else {
            TAILQ_INSERT_TAIL(&pool->letters, letter, in_letters);
        }
    }
}
