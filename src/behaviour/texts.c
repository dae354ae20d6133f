/* Texts: what is read twice, of programs and of child specs, is read here. */
#include "behaviour/texts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "behaviour/iodata.h"

int tri_text_read(tr_term term, char **ret_text)
{
    TRI_AUTO(tri_bytes_deinit) struct tri_bytes bytes = {0};
    int r = tri_iodata_append(&bytes, term);
    if (r)
        return r;
    if (bytes.size_bytes > 0 && memchr(bytes.data, '\0', bytes.size_bytes))
        return TR_NO_MATCH;
    char *text = malloc(bytes.size_bytes + 1);
    if (!text)
        return -ENOMEM;
    if (bytes.size_bytes > 0)
        memcpy(text, bytes.data, bytes.size_bytes);
    text[bytes.size_bytes] = '\0';
    free(*ret_text);
    *ret_text = text;
    return 0;
}

/* ---------------------------------------------------------------- lists */

void tri_texts_deinit(struct tri_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->at[i]);
    free(texts->at);
    *texts = (struct tri_texts){.at = NULL};
}

int tri_texts_add(struct tri_texts *texts, char *text)
{
    char **at = text ? realloc(texts->at, (texts->count + 2) * sizeof *at) : NULL;
    if (!at) {
        free(text);
        return -ENOMEM;
    }
    texts->at = at;
    at[texts->count++] = text;
    at[texts->count] = NULL;
    return 0;
}

int tri_texts_read(struct tri_texts *texts, tr_term list)
{
    struct tr_iter iter;
    tr_term each;
    if (!tr_get_list(list, &iter) || iter.is_string)
        return TR_NO_MATCH;
    while (tr_next(&iter, &each)) {
        char *text = NULL;
        int r = tri_text_read(each, &text);
        if (r == 0)
            r = tri_texts_add(texts, text);
        if (r)
            return r;
    }
    return 0;
}

/* ---------------------------------------------------------------- environments */

static int read_variable(struct tri_texts *changes, tr_term pair)
{
    TRI_AUTO(tri_freep) char *name = NULL;
    TRI_AUTO(tri_freep) char *value = NULL;
    char *change;
    tr_term left, right;
    if (tr_match(pair, "{Name, Value}", &left, &right))
        return TR_NO_MATCH;
    int r = tri_text_read(left, &name);
    if (r)
        return r;
    if (!*name || strchr(name, '='))
        return TR_NO_MATCH;
    if (tr_is_atom(right, "false"))
        return tri_texts_add(changes, TRI_TAKE(name));
    r = tri_text_read(right, &value);
    if (r)
        return r;
    return asprintf(&change, "%s=%s", name, value) < 0 ? -ENOMEM : tri_texts_add(changes, change);
}

int tri_environment_read(struct tri_texts *changes, tr_term list)
{
    struct tr_iter iter;
    tr_term each;
    int r = tr_get_list(list, &iter) ? 0 : TR_NO_MATCH;
    while (r == 0 && tr_next(&iter, &each))
        r = read_variable(changes, each);
    return r;
}

/* Takes the variable out. The order of the others does not matter. */
static void variable_remove(struct tri_texts *environment, const char *name, size_t length)
{
    for (size_t i = 0; i < environment->count; i++) {
        char **each = &environment->at[i];
        if (strncmp(*each, name, length) != 0 || (*each)[length] != '=')
            continue;
        free(*each);
        *each = environment->at[--environment->count];
        environment->at[environment->count] = NULL;
        i--;
    }
}

int tri_environment_change(struct tri_texts *environment, const char *change)
{
    size_t length = strcspn(change, "=");
    variable_remove(environment, change, length);
    return change[length] ? tri_texts_add(environment, strdup(change)) : 0;
}
