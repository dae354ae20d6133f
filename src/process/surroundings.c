/* Surroundings: put by the spawner, entered by the child. */
#include "process/surroundings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "wire/death.h"

/* ---------------------------------------------------------------- the spawner */

bool tri_variable_is_proper(const char *variable) { return *variable && *variable != '='; }

void tri_environment_put(struct tr_out *out, const char *const *environment)
{
    uint32_t count = 0;
    while (environment && environment[count])
        count++;
    tr_put_list_of(out, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t length = strcspn(environment[i], "=");
        tr_put_tuple_of(out, 2);
        tr_put_binary(out, environment[i], length);
        if (environment[i][length])
            tr_put_text(out, environment[i] + length + 1);
        else
            tr_put_bool(out, false);
    }
    tr_put_nil(out);
}

void tri_surroundings_put(struct tr_out *out, const char *directory, const char *const *environment,
                          tr_term argument)
{
    tr_put_tuple_of(out, 3);
    if (directory)
        tr_put_text(out, directory);
    else
        tr_put_atom(out, "undefined");
    tri_environment_put(out, environment);
    if (argument.size_bytes)
        tr_put_term(out, argument);
    else
        tr_put_nil(out);
}

/* ---------------------------------------------------------------- the child */

/* A binary as a string of its own; NULL when it is none, has a NUL in it, or there is no memory. */
static char *text_of(tr_term term)
{
    tr_bin binary;
    if (!tr_get_binary(term, &binary) || memchr(binary.data, '\0', binary.size_bytes))
        return NULL;
    return strndup(binary.data, binary.size_bytes);
}

static int enter_variable(tr_term pair)
{
    TRI_AUTO(tri_freep) char *name = NULL;
    TRI_AUTO(tri_freep) char *value = NULL;
    tr_term left, right;
    if (tr_match(pair, "{Name, Value}", &left, &right))
        return TR_MALFORMED;
    name = text_of(left);
    if (!name || !*name || strchr(name, '='))
        return TR_MALFORMED;
    if (tr_is_atom(right, "false"))
        return unsetenv(name) < 0 ? -errno : 0;
    value = text_of(right);
    if (!value)
        return TR_MALFORMED;
    return setenv(name, value, 1) < 0 ? -errno : 0;
}

static int enter_environment(tr_term list)
{
    struct tr_iter iter;
    tr_term each;
    int r = tr_get_list(list, &iter) ? 0 : TR_MALFORMED;
    while (r == 0 && tr_next(&iter, &each))
        r = enter_variable(each);
    return r;
}

static int enter_directory(tr_term term, struct tr_out *why)
{
    if (tr_is_atom(term, "undefined"))
        return 0;
    TRI_AUTO(tri_freep) char *directory = text_of(term);
    if (!directory)
        return TR_MALFORMED;
    if (chdir(directory) == 0)
        return 0;
    int fault = -errno;
    tr_put_tuple_of(why, 3);
    tr_put_atom(why, "chdir");
    tri_death_put_errno(why, -fault);
    tr_put_text(why, directory);
    return fault;
}

char *tri_surroundings_directory(const struct tr_out *whole)
{
    tr_term term, directory;
    if (tr_check(whole->data, whole->size_bytes, NULL, &term) ||
        tr_match(term, "{Directory, _, _}", &directory))
        return NULL;
    return text_of(directory);
}

int tri_surroundings_enter(const struct tr_out *whole, tr_term *ret_argument, struct tr_out *why)
{
    tr_term term, directory, environment;
    if (tr_check(whole->data, whole->size_bytes, NULL, &term) ||
        tr_match(term, "{Directory, Environment, Argument}", &directory, &environment,
                 ret_argument))
        return TR_MALFORMED;
    int r = enter_environment(environment);
    return r ? r : enter_directory(directory, why);
}
