/* Shelf: a word that names several things names none: what is shown may be removed next. */
#include "shelf.h"

#include <string.h>

#include "base/auto.h"
#include "base/statedir.h"
#include "command.h"
#include "say.h"
#include "troupe/outcome.h"

int shelf_fail(const struct shelf *shelf, int r)
{
    char path[TRI_STATEDIR_BYTES];
    if (tri_statedir_path(shelf->part, path))
        say("%s: neither TROUPE_STATE nor HOME says where %ss are kept", shelf->command,
            shelf->one);
    else if (r == TR_REFUSED)
        say("%s: %s is a link, another user's, or open to others: nothing in it is believed",
            shelf->command, path);
    else
        say("%s: %s: %s", shelf->command, path, tr_strerror(r));
    return ANSWER_NOTHING;
}

/* How many a word may mean; ret_at is the last of them. A whole id means itself, also where others begin with it. */
static size_t count_meant(const struct tri_keepsake *entries, size_t count, const char *word,
                          size_t *ret_at)
{
    size_t found = 0;
    bool is_last = strcmp(word, "last") == 0;
    for (size_t i = 0; i < count; i++) {
        bool is_whole = strcmp(entries[i].id, word) == 0;
        if (!is_last && strncmp(entries[i].id, word, strlen(word)) != 0)
            continue;
        *ret_at = i;
        found = is_last || is_whole ? 1 : found + 1;
        if (is_whole)
            break;
    }
    return found;
}

int shelf_find(const struct shelf *shelf, const char *word, char ret_id[TRI_KEEPSAKE_ID_BYTES])
{
    TRI_AUTO(tri_freep) struct tri_keepsake *entries = NULL;
    size_t count, at = 0;
    int r = shelf->list(&entries, &count);
    if (r)
        return shelf_fail(shelf, r);
    size_t found = count_meant(entries, count, word, &at);
    if (found == 1) {
        strcpy(ret_id, entries[at].id);
        return ANSWER_FINE;
    }
    if (found > 1)
        say("%s: %zu %ss begin with \"%s\"; troupe %s lists them", shelf->command, found,
            shelf->one, word, shelf->command);
    else if (count == 0)
        say("%s: no %s is kept", shelf->command, shelf->one);
    else
        say("%s: there is no %s \"%s\"; troupe %s lists them", shelf->command, shelf->one, word,
            shelf->command);
    return ANSWER_NOTHING;
}
