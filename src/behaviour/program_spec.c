/* Program's description: each option of the list is read by its name, and what is not known is wrong. */
#include "behaviour/program_spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/panic.h"
#include "behaviour/iodata.h"

/* A message that is longer than this is a mistake of who set it. */
#define LIMIT_BYTES ((size_t)1 << 30)

/* ---------------------------------------------------------------- texts and words */

/* A text that the kernel takes: bytes without NUL. The caller frees it. */
static int read_text(tr_term term, char **ret_text)
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

static void words_deinit(struct tri_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->at[i]);
    free(words->at);
    *words = (struct tri_words){.at = NULL};
}

/* Appends a word, which belongs to the list from now on, or is freed. */
static int words_add(struct tri_words *words, char *word)
{
    char **at = word ? realloc(words->at, (words->count + 2) * sizeof *at) : NULL;
    if (!at) {
        free(word);
        return -ENOMEM;
    }
    words->at = at;
    at[words->count++] = word;
    at[words->count] = NULL;
    return 0;
}

/* ---------------------------------------------------------------- arguments and environment */

static int read_arguments(struct tri_words *arguments, tr_term list)
{
    struct tr_iter iter;
    tr_term each;
    if (!tr_get_list(list, &iter) || iter.is_string)
        return TR_NO_MATCH;
    while (tr_next(&iter, &each)) {
        char *word = NULL;
        int r = read_text(each, &word);
        if (r == 0)
            r = words_add(arguments, word);
        if (r)
            return r;
    }
    return 0;
}

/* Takes the variable out. The order of the others does not matter. */
static void variable_remove(struct tri_words *environment, const char *name)
{
    size_t length = strlen(name);
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

static int variable_set(struct tri_words *environment, const char *name, const char *value)
{
    char *word;
    variable_remove(environment, name);
    if (asprintf(&word, "%s=%s", name, value) < 0)
        return -ENOMEM;
    return words_add(environment, word);
}

static int read_variable(struct tri_words *environment, tr_term pair)
{
    TRI_AUTO(tri_freep) char *name = NULL;
    TRI_AUTO(tri_freep) char *value = NULL;
    tr_term left, right;
    if (tr_match(pair, "{Name, Value}", &left, &right))
        return TR_NO_MATCH;
    int r = read_text(left, &name);
    if (r)
        return r;
    if (!*name || strchr(name, '='))
        return TR_NO_MATCH;
    if (tr_is_atom(right, "false")) {
        variable_remove(environment, name);
        return 0;
    }
    r = read_text(right, &value);
    return r ? r : variable_set(environment, name, value);
}

static int read_environment(struct tri_words *environment, tr_term list)
{
    struct tr_iter iter;
    tr_term each;
    int r = tr_get_list(list, &iter) ? 0 : TR_NO_MATCH;
    while (r == 0 && tr_next(&iter, &each))
        r = read_variable(environment, each);
    return r;
}

static int copy_environment(struct tri_words *words, char *const *environment)
{
    int r = 0;
    for (; r == 0 && environment && *environment; environment++)
        r = words_add(words, strdup(*environment));
    return r;
}

/* ---------------------------------------------------------------- the other options */

static int read_max_bytes(struct tri_program_spec *spec, tr_term value)
{
    int64_t bytes;
    if (!tr_get_integer(value, &bytes) || bytes < 1 || (size_t)bytes > LIMIT_BYTES)
        return TR_NO_MATCH;
    spec->framing.max_bytes = (size_t)bytes;
    return 0;
}

static int read_packet(struct tri_program_spec *spec, tr_term value)
{
    int64_t bytes;
    if (!tr_get_integer(value, &bytes) || (bytes != 1 && bytes != 2 && bytes != 4))
        return TR_NO_MATCH;
    spec->framing.kind = bytes == 1   ? TR_FRAMING_PACKET_1
                         : bytes == 2 ? TR_FRAMING_PACKET_2
                                      : TR_FRAMING_PACKET_4;
    return 0;
}

static const char *const stderr_names[] = {[TR_STDERR_LOG] = "log",
                                           [TR_STDERR_MESSAGES] = "messages",
                                           [TR_STDERR_STDOUT] = "stdout",
                                           [TR_STDERR_NULL] = "null"};

static int read_stderr(struct tri_program_spec *spec, tr_term value)
{
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(stderr_names); i++)
        if (tr_is_atom(value, stderr_names[i])) {
            spec->standard_error = (enum tr_program_stderr)i;
            return 0;
        }
    return TR_NO_MATCH;
}

static int read_owner(struct tri_program_spec *spec, tr_term value)
{
    tr_atom name;
    char text[TR_ATOM_MAX_BYTES + 1];
    free(spec->owner_name);
    spec->owner_name = NULL;
    spec->owner = TR_NO_PID;
    spec->has_no_owner = tr_is_atom(value, "none");
    if (spec->has_no_owner || tr_get_pid(value, &spec->owner))
        return 0;
    if (!tr_get_atom(value, &name))
        return TR_NO_MATCH;
    tr_atom_text(name, text, sizeof text);
    spec->owner_name = strdup(text);
    return spec->owner_name ? 0 : -ENOMEM;
}

/* ---------------------------------------------------------------- the whole */

static int read_pair(struct tri_program_spec *spec, const char *key, tr_term value)
{
    if (strcmp(key, "args") == 0)
        return read_arguments(&spec->arguments, value);
    if (strcmp(key, "env") == 0)
        return read_environment(&spec->environment, value);
    if (strcmp(key, "cd") == 0)
        return read_text(value, &spec->directory);
    if (strcmp(key, "user") == 0)
        return read_text(value, &spec->user);
    if (strcmp(key, "packet") == 0)
        return read_packet(spec, value);
    if (strcmp(key, "max_bytes") == 0)
        return read_max_bytes(spec, value);
    if (strcmp(key, "stderr") == 0)
        return read_stderr(spec, value);
    if (strcmp(key, "owner") == 0)
        return read_owner(spec, value);
    if (strcmp(key, "stop_ms") == 0)
        return tr_get_integer(value, &spec->stop_ms) ? 0 : TR_NO_MATCH;
    if (strcmp(key, "line") != 0)
        return TR_NO_MATCH;
    spec->framing.kind = TR_FRAMING_LINE;
    return read_max_bytes(spec, value);
}

static int read_option(struct tri_program_spec *spec, tr_term option)
{
    char key[32];
    tr_atom name;
    tr_term value;
    if (tr_is_atom(option, "stream")) {
        spec->framing.kind = TR_FRAMING_STREAM;
        return 0;
    }
    if (tr_match(option, "{Key, Value}", &name, &value) ||
        tr_atom_text(name, key, sizeof key) >= sizeof key)
        return TR_NO_MATCH;
    return read_pair(spec, key, value);
}

static void set_defaults(struct tri_program_spec *spec)
{
    bool is_packet = spec->framing.kind > TR_FRAMING_LINE;
    if (spec->framing.max_bytes == 0)
        spec->framing.max_bytes = is_packet ? TR_PROGRAM_PACKET_BYTES : TR_PROGRAM_LINE_BYTES;
    if (spec->stop_ms == 0)
        spec->stop_ms = TR_PROGRAM_STOP_MS;
}

int tri_program_spec_read(struct tri_program_spec *spec, tr_term description,
                          char *const *environment, tr_term *ret_wrong)
{
    struct tr_iter options;
    tr_term path, list;
    *spec = (struct tri_program_spec){.path = NULL};
    *ret_wrong = description;
    if (tr_match(description, "{program, Path, Options}", &path, &list) ||
        !tr_get_list(list, &options))
        return TR_NO_MATCH;
    int r = read_text(path, &spec->path);
    if (r == 0 && !*spec->path)
        r = TR_NO_MATCH;
    if (r == 0)
        r = words_add(&spec->arguments, strdup(spec->path));
    if (r == 0)
        r = copy_environment(&spec->environment, environment);
    while (r == 0 && tr_next(&options, ret_wrong))
        r = read_option(spec, *ret_wrong);
    if (r == 0)
        set_defaults(spec);
    return r;
}

void tri_program_spec_deinit(struct tri_program_spec *spec)
{
    free(spec->path);
    words_deinit(&spec->arguments);
    words_deinit(&spec->environment);
    free(spec->directory);
    free(spec->user);
    free(spec->owner_name);
    *spec = (struct tri_program_spec){.path = NULL};
}

/* ---------------------------------------------------------------- from the struct */

static void put_arguments(struct tr_out *out, const char *const *arguments)
{
    uint32_t count = 0;
    while (arguments[count])
        count++;
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "args");
    tr_put_list_of(out, count);
    for (uint32_t i = 0; i < count; i++)
        tr_put_text(out, arguments[i]);
    tr_put_nil(out);
}

static void put_environment(struct tr_out *out, const char *const *environment)
{
    uint32_t count = 0;
    while (environment[count])
        count++;
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "env");
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

static void put_framing(struct tr_out *out, const struct tr_program *program)
{
    if (program->framing == TR_FRAMING_STREAM) {
        tr_put_atom(out, "stream");
    } else if (program->framing == TR_FRAMING_LINE) {
        size_t bytes = program->max_bytes ? program->max_bytes : TR_PROGRAM_LINE_BYTES;
        tr_put(out, "{line, N}", bytes);
    } else {
        static const int bytes[] = {
            [TR_FRAMING_PACKET_1] = 1, [TR_FRAMING_PACKET_2] = 2, [TR_FRAMING_PACKET_4] = 4};
        bool is_known = (size_t)program->framing < TRI_ARRAY_LENGTH(bytes);
        tr_put(out, "{packet, N}", is_known ? bytes[program->framing] : 0);
    }
}

static void put_stderr(struct tr_out *out, enum tr_program_stderr standard_error)
{
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "stderr");
    tr_put_atom(out, (size_t)standard_error < TRI_ARRAY_LENGTH(stderr_names)
                         ? stderr_names[standard_error]
                         : "unknown");
}

static void put_owner(struct tr_out *out, const struct tr_program *program)
{
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "owner");
    if (program->has_no_owner)
        tr_put_atom(out, "none");
    else if (program->owner_name)
        tr_put_atom(out, program->owner_name);
    else
        tr_put_pid(out, program->owner);
}

/* A list whose length is not known beforehand: each element has the rest behind it. */
static struct tr_out *option(struct tr_out *out)
{
    tr_put_list_of(out, 1);
    return out;
}

void tr_program_put(struct tr_out *out, const struct tr_program *program)
{
    if (!program->path)
        tri_panic("a struct tr_program has no path");
    tr_put_tuple_of(out, 3);
    tr_put_atom(out, "program");
    tr_put_text(out, program->path);
    put_framing(option(out), program);
    if (program->arguments)
        put_arguments(option(out), program->arguments);
    if (program->environment)
        put_environment(option(out), program->environment);
    if (program->directory)
        tr_put(option(out), "{cd, D}", program->directory);
    if (program->user)
        tr_put(option(out), "{user, U}", program->user);
    if (program->max_bytes && program->framing != TR_FRAMING_LINE)
        tr_put(option(out), "{max_bytes, N}", program->max_bytes);
    if (program->standard_error)
        put_stderr(option(out), program->standard_error);
    if (program->has_no_owner || program->owner_name || !tr_pid_is_none(program->owner))
        put_owner(option(out), program);
    if (program->stop_ms)
        tr_put(option(out), "{stop_ms, N}", program->stop_ms);
    tr_put_nil(out);
}
