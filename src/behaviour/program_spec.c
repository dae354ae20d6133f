/* Program's description: each option of the list is read by its name, and what is not known is wrong. */
#include "behaviour/program_spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/panic.h"
#include "behaviour/words.h"
#include "process/surroundings.h"

/* A message that is longer than this is a mistake of who set it. */
#define LIMIT_BYTES ((size_t)1 << 30)

/* ---------------------------------------------------------------- environment */

static int read_environment(struct tri_texts *environment, tr_term list)
{
    TRI_AUTO(tri_texts_deinit) struct tri_texts changes = {0};
    int r = tri_environment_read(&changes, list);
    for (size_t i = 0; r == 0 && i < changes.count; i++)
        r = tri_environment_change(environment, changes.at[i]);
    return r;
}

static int copy_environment(struct tri_texts *texts, char *const *environment)
{
    int r = 0;
    for (; r == 0 && environment && *environment; environment++)
        r = tri_texts_add(texts, strdup(*environment));
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

static int read_stderr(struct tri_program_spec *spec, tr_term value)
{
    unsigned which;
    if (!tri_word_find(tri_stderr_words, value, &which))
        return TR_NO_MATCH;
    spec->standard_error = (enum tr_program_stderr)which;
    return 0;
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

static int read_confinement(struct tri_program_spec *spec, tr_term value)
{
    const char *key;
    tr_term wrong;
    tri_confinement_deinit(&spec->confinement);
    return tri_confinement_read(&spec->confinement, value, &key, &wrong);
}

/* ---------------------------------------------------------------- the whole */

static int read_pair(struct tri_program_spec *spec, const char *key, tr_term value)
{
    if (strcmp(key, "args") == 0)
        return tri_texts_read(&spec->arguments, value);
    if (strcmp(key, "env") == 0)
        return read_environment(&spec->environment, value);
    if (strcmp(key, "cd") == 0)
        return tri_text_read(value, &spec->directory);
    if (strcmp(key, "user") == 0)
        return tri_text_read(value, &spec->user);
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
    if (strcmp(key, "confinement") == 0)
        return read_confinement(spec, value);
    if (strcmp(key, tri_framing_words[TR_FRAMING_LINE]) != 0)
        return TR_NO_MATCH;
    spec->framing.kind = TR_FRAMING_LINE;
    return read_max_bytes(spec, value);
}

static int read_option(struct tri_program_spec *spec, tr_term option)
{
    char key[32];
    tr_atom name;
    tr_term value;
    if (tr_is_atom(option, tri_framing_words[TR_FRAMING_STREAM])) {
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
    int r = tri_text_read(path, &spec->path);
    if (r == 0 && !*spec->path)
        r = TR_NO_MATCH;
    if (r == 0)
        r = tri_texts_add(&spec->arguments, strdup(spec->path));
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
    tri_texts_deinit(&spec->arguments);
    tri_texts_deinit(&spec->environment);
    free(spec->directory);
    free(spec->user);
    free(spec->owner_name);
    tri_confinement_deinit(&spec->confinement);
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
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "env");
    tri_environment_put(out, environment);
}

static void put_framing(struct tr_out *out, const struct tr_program *program)
{
    if (program->framing == TR_FRAMING_STREAM) {
        tr_put_atom(out, tri_framing_words[TR_FRAMING_STREAM]);
    } else if (program->framing == TR_FRAMING_LINE) {
        size_t bytes = program->max_bytes ? program->max_bytes : TR_PROGRAM_LINE_BYTES;
        tr_put_tuple_of(out, 2);
        tr_put_atom(out, tri_framing_words[TR_FRAMING_LINE]);
        tr_put_unsigned(out, bytes);
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
    tr_put_atom(out,
                standard_error <= TR_STDERR_NULL ? tri_stderr_words[standard_error] : "unknown");
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

static void put_confinement(struct tr_out *out, const struct tri_confinement *confinement)
{
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "confinement");
    tr_put_map_of(out, tri_confinement_count(confinement));
    tri_confinement_put(out, confinement);
}

/* A list whose length is not known beforehand: each element has the rest behind it. */
static struct tr_out *option(struct tr_out *out)
{
    tr_put_list_of(out, 1);
    return out;
}

/* A program has no heartbeat, and its standard error is looked after in any case. */
static struct tri_confinement confinement_of(const struct tr_program *program)
{
    return (struct tri_confinement){.limits = program->limits ? *program->limits
                                                              : (struct tr_resource_limits){0},
                                    .sandbox = program->sandbox,
                                    .readable = program->readable,
                                    .writable = program->writable,
                                    .is_strict = program->is_strict};
}

void tr_program_put(struct tr_out *out, const struct tr_program *program)
{
    const struct tri_confinement confinement = confinement_of(program);
    if (!program->path)
        tri_panic("a struct tr_program has no path");
    if (tri_confinement_mistake(&confinement))
        tri_panic("a struct tr_program has no such %s", tri_confinement_mistake(&confinement));
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
    if (!tri_confinement_is_none(&confinement))
        put_confinement(option(out), &confinement);
    tr_put_nil(out);
}
