/* Spec: the checks are made in OTP's order, because what is told is the first thing that is wrong. */
#include "behaviour/spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/panic.h"
#include "behaviour/words.h"
#include "process/surroundings.h"
#include "troupe/program.h"

enum { DEFAULT_SHUTDOWN_MS = 5000, DEFAULT_INTENSITY = 1, DEFAULT_PERIOD_S = 5 };

/* ---------------------------------------------------------------- what is wrong */

/* {What, Term} */
static int refuse(struct tr_out *error, const char *what, tr_term term)
{
    tr_out_reset(error);
    tr_put_tuple_of(error, 2);
    tr_put_atom(error, what);
    tr_put_term(error, term);
    return TR_REFUSED;
}

static int refuse_for_want(struct tr_out *error, const char *what)
{
    tr_out_reset(error);
    tr_put_atom(error, what);
    return TR_REFUSED;
}

/* Reads the value of a key as one of some words; without the key it stays as it is. */
static int read_word(tr_term map, const char *key, const char *const *words, const char *what,
                     unsigned *value, struct tr_out *error)
{
    tr_term term;
    if (tr_map_get_atom(map, key, &term) && !tri_word_find(words, term, value))
        return refuse(error, what, term);
    return 0;
}

/* The same for a number, which is not below the least. */
static int read_number(tr_term map, const char *key, uint64_t least, uint64_t most,
                       const char *what, uint64_t *value, struct tr_out *error)
{
    tr_term term;
    uint64_t number;
    if (!tr_map_get_atom(map, key, &term))
        return 0;
    if (!tr_get_unsigned(term, &number) || number < least || number > most)
        return refuse(error, what, term);
    *value = number;
    return 0;
}

/* ---------------------------------------------------------------- flags */

static int read_flags_map(tr_term map, struct tri_flags *flags, struct tr_out *error)
{
    unsigned strategy = TR_ONE_FOR_ONE, auto_shutdown = TR_NEVER;
    *flags = (struct tri_flags){.intensity = DEFAULT_INTENSITY, .period_s = DEFAULT_PERIOD_S};
    int r = read_word(map, "strategy", tri_strategy_words, "invalid_strategy", &strategy, error);
    if (r == 0)
        r = read_number(map, "intensity", 0, UINT32_MAX, "invalid_intensity", &flags->intensity,
                        error);
    if (r == 0)
        r = read_number(map, "period", 1, UINT32_MAX, "invalid_period", &flags->period_s, error);
    if (r == 0)
        r = read_word(map, "auto_shutdown", tri_auto_shutdown_words, "invalid_auto_shutdown",
                      &auto_shutdown, error);
    if (r == 0)
        r = read_number(map, "max_children", 1, UINT32_MAX, "invalid_max_children",
                        &flags->max_children, error);
    flags->strategy = strategy;
    flags->auto_shutdown = auto_shutdown;
    return r;
}

int tri_flags_read(tr_term term, struct tri_flags *ret_flags, struct tr_out *error)
{
    TRI_AUTO(tr_out_deinit) struct tr_out map = {0};
    tr_term strategy, intensity, period;
    if (tr_kind_of(term) == TR_KIND_MAP)
        return read_flags_map(term, ret_flags, error);
    if (tr_match(term, "{Strategy, Intensity, Period}", &strategy, &intensity, &period))
        return refuse(error, "invalid_type", term);
    tr_put(&map, "#{strategy => S, intensity => I, period => P}", strategy, intensity, period);
    return map.fault ? map.fault : read_flags_map(tr_out_term(&map), ret_flags, error);
}

/* ---------------------------------------------------------------- child specs */

/* The characters of an atom, or of a binary: a path may be too long for an atom. NULL when there is no memory. */
static char *text_of(tr_term term)
{
    char buffer[TR_ATOM_MAX_BYTES + 1];
    tr_atom atom;
    tr_bin binary;
    if (tr_get_binary(term, &binary))
        return strndup(binary.data, binary.size_bytes);
    if (!tr_get_atom(term, &atom))
        return NULL;
    tr_atom_text(atom, buffer, sizeof buffer);
    return strdup(buffer);
}

static bool is_proper_list(tr_term term)
{
    struct tr_iter iter;
    tr_term element;
    if (!tr_get_list(term, &iter))
        return false;
    while (tr_next(&iter, &element))
        ;
    return tr_match(tr_tail(&iter), "[]") == 0;
}

static bool is_atom_or_binary(tr_term term)
{
    return tr_kind_of(term) == TR_KIND_ATOM || tr_kind_of(term) == TR_KIND_BINARY;
}

static int read_start(tr_term map, struct tri_spec *spec, struct tr_out *error)
{
    tr_term start, module, function, arguments;
    if (!tr_map_get_atom(map, "start", &start))
        return refuse_for_want(error, "missing_start");
    if (tr_match(start, "{M, F, A}", &module, &function, &arguments) ||
        !is_atom_or_binary(module) || !is_proper_list(arguments))
        return refuse(error, "invalid_mfa", start);
    spec->has_handshake = tr_is_atom(function, "start_link");
    if (!spec->has_handshake && !tr_is_atom(function, "spawn_link"))
        return refuse(error, "invalid_mfa", start);
    spec->entry = text_of(module);
    if (!spec->entry || tr_out_copy(&spec->module, module) ||
        tr_out_copy(&spec->function, function) || tr_out_copy(&spec->arguments, arguments))
        return -ENOMEM;
    return 0;
}

/* SEMANTICS 47 */
static int read_significant(tr_term map, enum tr_auto_shutdown auto_shutdown, struct tri_spec *spec,
                            struct tr_out *error)
{
    tr_term term;
    if (!tr_map_get_atom(map, "significant", &term))
        return 0;
    if (!tr_get_bool(term, &spec->is_significant))
        return refuse(error, "invalid_significant", term);
    if (!spec->is_significant)
        return 0;
    tr_out_reset(error);
    if (auto_shutdown == TR_NEVER)
        tr_put(error, "{bad_combination, [{auto_shutdown, never}, {significant, true}]}");
    else if (spec->restart == TR_PERMANENT)
        tr_put(error, "{bad_combination, [{restart, permanent}, {significant, true}]}");
    else
        return 0;
    return TR_REFUSED;
}

static int read_shutdown(tr_term map, struct tri_spec *spec, struct tr_out *error)
{
    tr_term term;
    spec->shutdown_ms = spec->is_supervisor ? TR_SHUTDOWN_INFINITY : DEFAULT_SHUTDOWN_MS;
    if (!tr_map_get_atom(map, "shutdown", &term))
        return 0;
    if (tr_is_atom(term, "infinity"))
        spec->shutdown_ms = TR_SHUTDOWN_INFINITY;
    else if (tr_is_atom(term, "brutal_kill"))
        spec->shutdown_ms = TR_SHUTDOWN_BRUTAL_KILL;
    else if (!tr_get_integer(term, &spec->shutdown_ms) || spec->shutdown_ms < 0)
        return refuse(error, "invalid_shutdown", term);
    return 0;
}

static int read_modules(tr_term map, struct tri_spec *spec, struct tr_out *error)
{
    struct tr_iter iter;
    tr_term term, module;
    if (!tr_map_get_atom(map, "modules", &term)) {
        tr_put(&spec->modules, "[Module]", tr_out_term(&spec->module));
        return spec->modules.fault;
    }
    if (!tr_is_atom(term, "dynamic") && !is_proper_list(term))
        return refuse(error, "invalid_modules", term);
    if (tr_get_list(term, &iter))
        while (tr_next(&iter, &module))
            if (!is_atom_or_binary(module))
                return refuse(error, "invalid_module", module);
    return tr_out_copy(&spec->modules, term);
}

/* Where the child works, with which environment, and as whom: as of a program (program.h), but for changes in its binary's. */
static int read_surroundings(tr_term map, struct tri_spec *spec, struct tr_out *error)
{
    tr_term term;
    int r = 0;
    if (tr_map_get_atom(map, "user", &term))
        r = tri_text_read(term, &spec->user);
    if (r == TR_NO_MATCH || (spec->user && !*spec->user))
        return refuse(error, "invalid_user", term);
    if (r == 0 && tr_map_get_atom(map, "cd", &term))
        r = tri_text_read(term, &spec->directory);
    if (r == TR_NO_MATCH || (spec->directory && !*spec->directory))
        return refuse(error, "invalid_cd", term);
    if (r == 0 && tr_map_get_atom(map, "env", &term))
        r = tri_environment_read(&spec->environment, term);
    return r == TR_NO_MATCH ? refuse(error, "invalid_env", term) : r;
}

/* What it may use and touch: {invalid_limits, …}, {invalid_sandbox, …} … */
static int read_confinement(tr_term map, struct tri_spec *spec, struct tr_out *error)
{
    char what[64];
    const char *key;
    tr_term value;
    int r = tri_confinement_read(&spec->confinement, map, &key, &value);
    if (r != TR_NO_MATCH)
        return r;
    snprintf(what, sizeof what, "invalid_%s", key);
    return refuse(error, what, value);
}

/* What OTP does not have. */
static int read_ours(tr_term map, struct tri_spec *spec, struct tr_out *error)
{
    static const struct {
        const char *key, *what;
    } numbers[] = {
        {"backoff_min_ms", "invalid_backoff_min_ms"},
        {"backoff_max_ms", "invalid_backoff_max_ms"},
        {"backoff_reset_ms", "invalid_backoff_reset_ms"},
        {"start_timeout_ms", "invalid_start_timeout_ms"},
        {"mailbox_max_messages", "invalid_mailbox_max_messages"},
        {"mailbox_max_bytes", "invalid_mailbox_max_bytes"},
    };
    uint64_t values[TRI_ARRAY_LENGTH(numbers)] = {0};
    tr_term name;
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(numbers); i++) {
        int r = read_number(map, numbers[i].key, 0, i < 4 ? INT32_MAX : UINT64_MAX, numbers[i].what,
                            &values[i], error);
        if (r)
            return r;
    }
    spec->backoff = (struct tri_backoff){.min_ms = (uint32_t)values[0],
                                         .max_ms = (uint32_t)values[1],
                                         .reset_ms = (uint32_t)values[2]};
    spec->start_timeout_ms = (int64_t)values[3];
    spec->mailbox_max_messages = values[4];
    spec->mailbox_max_bytes = values[5];
    if (tr_map_get_atom(map, "name", &name)) {
        if (!is_atom_or_binary(name))
            return refuse(error, "invalid_name", name);
        spec->name = text_of(name);
        if (!spec->name)
            return -ENOMEM;
    }
    int r = read_word(map, "mailbox_policy", tri_mailbox_policy_words, "invalid_mailbox_policy",
                      &spec->mailbox_policy, error);
    if (r == 0)
        r = read_surroundings(map, spec, error);
    return r ? r : read_confinement(map, spec, error);
}

static int read_map(tr_term map, enum tr_auto_shutdown auto_shutdown, struct tri_spec *spec,
                    struct tr_out *error)
{
    unsigned restart = TR_PERMANENT, type = 0;
    tr_term id;
    if (!tr_map_get_atom(map, "id", &id))
        return refuse_for_want(error, "missing_id");
    int r = tr_out_copy(&spec->id, id);
    if (r == 0)
        r = read_start(map, spec, error);
    if (r == 0)
        r = read_word(map, "restart", tri_restart_words, "invalid_restart_type", &restart, error);
    spec->restart = restart;
    if (r == 0)
        r = read_significant(map, auto_shutdown, spec, error);
    if (r == 0)
        r = read_word(map, "type", tri_type_words, "invalid_child_type", &type, error);
    spec->is_supervisor = type == 1;
    if (r == 0)
        r = read_shutdown(map, spec, error);
    if (r == 0)
        r = read_modules(map, spec, error);
    return r ? r : read_ours(map, spec, error);
}

/* {Id, StartFunc, Restart, Shutdown, Type, Modules} */
static int read_tuple(tr_term tuple, enum tr_auto_shutdown auto_shutdown, struct tri_spec *spec,
                      struct tr_out *error)
{
    TRI_AUTO(tr_out_deinit) struct tr_out map = {0};
    tr_term id, start, restart, shutdown, type, modules;
    if (tr_match(tuple, "{Id, Start, Restart, Shutdown, Type, Modules}", &id, &start, &restart,
                 &shutdown, &type, &modules))
        return refuse(error, "invalid_child_spec", tuple);
    tr_put(&map, "#{id => I, start => F, restart => R, shutdown => S, type => T, modules => M}", id,
           start, restart, shutdown, type, modules);
    return map.fault ? map.fault : read_map(tr_out_term(&map), auto_shutdown, spec, error);
}

int tri_spec_read(tr_term term, enum tr_auto_shutdown auto_shutdown, struct tri_spec *ret_spec,
                  struct tr_out *error)
{
    struct tri_spec spec = {.name = NULL};
    int r = tr_kind_of(term) == TR_KIND_MAP ? read_map(term, auto_shutdown, &spec, error)
                                            : read_tuple(term, auto_shutdown, &spec, error);
    if (r == 0)
        *ret_spec = spec;
    else
        tri_spec_deinit(&spec);
    return r;
}

void tri_spec_deinit(struct tri_spec *spec)
{
    tr_out_deinit(&spec->id);
    tr_out_deinit(&spec->modules);
    tr_out_deinit(&spec->module);
    tr_out_deinit(&spec->function);
    tr_out_deinit(&spec->arguments);
    free(spec->entry);
    free(spec->name);
    free(spec->directory);
    free(spec->user);
    tri_confinement_deinit(&spec->confinement);
    tri_texts_deinit(&spec->environment);
    *spec = (struct tri_spec){.name = NULL};
}

struct tr_spawn_options tri_spec_spawn_options(const struct tri_spec *spec)
{
    return (struct tr_spawn_options){
        .mailbox_max_messages = spec->mailbox_max_messages,
        .mailbox_max_bytes = spec->mailbox_max_bytes,
        .mailbox_policy = spec->mailbox_policy,
        .directory = spec->directory,
        .environment = (const char *const *)spec->environment.at,
        .user = spec->user,
        .limits = &spec->confinement.limits,
        .sandbox = spec->confinement.sandbox,
        .readable = spec->confinement.readable,
        .writable = spec->confinement.writable,
        .is_strict = spec->confinement.is_strict,
        .hang_ms = spec->confinement.hang_ms,
        .keeps_stderr = spec->confinement.keeps_stderr,
    };
}

/* ---------------------------------------------------------------- as terms */

static void put_shutdown(struct tr_out *out, int64_t shutdown_ms)
{
    if (shutdown_ms == TR_SHUTDOWN_INFINITY)
        tr_put_atom(out, "infinity");
    else if (shutdown_ms == TR_SHUTDOWN_BRUTAL_KILL)
        tr_put_atom(out, "brutal_kill");
    else
        tr_put_integer(out, shutdown_ms);
}

/* {M, F, A} */
static void put_spec_start(struct tr_out *out, const struct tri_spec *spec)
{
    tr_put_tuple_of(out, 3);
    tr_put_term(out, tr_out_term(&spec->module));
    tr_put_term(out, tr_out_term(&spec->function));
    if (spec->arguments.size_bytes)
        tr_put_term(out, tr_out_term(&spec->arguments));
    else
        tr_put_atom(out, "undefined");
}

void tri_spec_put_record(struct tr_out *out, const struct tri_spec *spec)
{
    tr_put_tuple_of(out, 9);
    tr_put_atom(out, "child");
    tr_put_atom(out, "undefined");
    tr_put_term(out, tr_out_term(&spec->id));
    put_spec_start(out, spec);
    tr_put_atom(out, tri_restart_words[spec->restart]);
    tr_put_bool(out, spec->is_significant);
    put_shutdown(out, spec->shutdown_ms);
    tr_put_atom(out, tri_type_words[spec->is_supervisor]);
    tr_put_term(out, tr_out_term(&spec->modules));
}

static void put_number(struct tr_out *out, const char *key, uint64_t value)
{
    if (value == 0)
        return;
    tr_put_atom(out, key);
    tr_put_unsigned(out, value);
}

/* The keys of an actor's surroundings, as far as there are any. */
static void put_surroundings(struct tr_out *out, const char *directory,
                             const char *const *environment)
{
    if (directory) {
        tr_put_atom(out, "cd");
        tr_put_text(out, directory);
    }
    if (environment && *environment) {
        tr_put_atom(out, "env");
        tri_environment_put(out, environment);
    }
}

static void put_user(struct tr_out *out, const char *user)
{
    if (!user)
        return;
    tr_put_atom(out, "user");
    tr_put_text(out, user);
}

static uint32_t count_surroundings(const char *directory, const char *const *environment)
{
    return (directory != NULL) + (environment && *environment);
}

/* An atom; what is too long for one, a binary. */
static void put_word(struct tr_out *out, const char *text)
{
    if (strlen(text) <= TR_ATOM_MAX_CHARACTERS)
        tr_put_atom(out, text);
    else
        tr_put_text(out, text);
}

/* In the order in which Erlang prints the keys. */
void tri_spec_put(struct tr_out *out, const struct tri_spec *spec)
{
    uint32_t ours = (spec->backoff.min_ms > 0) + (spec->backoff.max_ms > 0) +
                    (spec->backoff.reset_ms > 0) + (spec->start_timeout_ms > 0) +
                    (spec->mailbox_max_messages > 0) + (spec->mailbox_max_bytes > 0) +
                    (spec->mailbox_policy > 0) + (spec->name != NULL) + (spec->user != NULL);
    const char *const *environment = (const char *const *)spec->environment.at;
    ours += count_surroundings(spec->directory, environment);
    tr_put_map_of(out, 7 + ours + tri_confinement_count(&spec->confinement));
    put_number(out, "backoff_max_ms", spec->backoff.max_ms);
    put_number(out, "backoff_min_ms", spec->backoff.min_ms);
    put_number(out, "backoff_reset_ms", spec->backoff.reset_ms);
    put_surroundings(out, spec->directory, environment);
    tr_put_atom(out, "id");
    tr_put_term(out, tr_out_term(&spec->id));
    put_number(out, "mailbox_max_bytes", spec->mailbox_max_bytes);
    put_number(out, "mailbox_max_messages", spec->mailbox_max_messages);
    if (spec->mailbox_policy) {
        tr_put_atom(out, "mailbox_policy");
        tr_put_atom(out, tri_mailbox_policy_words[spec->mailbox_policy]);
    }
    tr_put_atom(out, "modules");
    tr_put_term(out, tr_out_term(&spec->modules));
    if (spec->name) {
        tr_put_atom(out, "name");
        put_word(out, spec->name);
    }
    tr_put_atom(out, "restart");
    tr_put_atom(out, tri_restart_words[spec->restart]);
    tr_put_atom(out, "shutdown");
    put_shutdown(out, spec->shutdown_ms);
    tr_put_atom(out, "significant");
    tr_put_bool(out, spec->is_significant);
    tr_put_atom(out, "start");
    put_spec_start(out, spec);
    put_number(out, "start_timeout_ms", (uint64_t)spec->start_timeout_ms);
    tr_put_atom(out, "type");
    tr_put_atom(out, tri_type_words[spec->is_supervisor]);
    put_user(out, spec->user);
    tri_confinement_put(out, &spec->confinement);
}

/* ---------------------------------------------------------------- from C */

static void put_start(struct tr_out *out, const struct tr_child *child, tr_term argument)
{
    TRI_AUTO(tr_out_deinit) struct tr_out program = {0};
    if (child->program) {
        tr_program_put(&program, child->program);
        if (program.fault)
            out->fault = program.fault;
        else
            argument = tr_out_term(&program);
    }
    tr_put_atom(out, "start");
    tr_put_tuple_of(out, 3);
    put_word(out, child->program ? TR_PROGRAM_ENTRY : child->entry);
    tr_put_atom(out, child->is_plain_actor ? "spawn_link" : "start_link");
    if (argument.data) {
        tr_put_list_of(out, 1);
        tr_put_term(out, argument);
    }
    tr_put_nil(out);
}

static void check(const struct tr_child *child)
{
    bool has_entry = child->entry && child->entry[0];
    if (has_entry == (child->program != NULL))
        tri_panic("a struct tr_child has either an entry or a program");
    if (child->program && !child->program->path)
        tri_panic("a struct tr_child has a program without path");
    if (child->restart > TR_TEMPORARY || child->mailbox_policy > TR_MAILBOX_KILLS)
        tri_panic("a struct tr_child has restart %u, mailbox_policy %u", child->restart,
                  child->mailbox_policy);
}

/* The last part of "path:entry", or of a program's path. */
static const char *id_of(const struct tr_child *child)
{
    const char *whole = child->program ? child->program->path : child->entry;
    const char *last = strrchr(whole, child->program ? '/' : ':');
    return child->id ? child->id : last ? last + 1 : whole;
}

static void put_optional_shutdown(struct tr_out *out, int64_t shutdown_ms)
{
    if (shutdown_ms == 0)
        return;
    tr_put_atom(out, "shutdown");
    put_shutdown(out, shutdown_ms);
}

void tri_child_put(struct tr_out *out, const struct tr_child *child, tr_term argument)
{
    const struct tri_confinement confinement = TRI_CONFINEMENT_OF(child);
    check(child);
    if (tri_confinement_mistake(&confinement))
        tri_panic("a struct tr_child has no such %s", tri_confinement_mistake(&confinement));
    uint32_t pairs = 5 + (child->shutdown_ms != 0) + (child->name != NULL) +
                     (child->backoff_min_ms > 0) + (child->backoff_max_ms > 0) +
                     (child->backoff_reset_ms > 0) + (child->start_timeout_ms > 0) +
                     (child->mailbox_max_messages > 0) + (child->mailbox_max_bytes > 0) +
                     (child->mailbox_policy > 0) + (child->user != NULL) +
                     count_surroundings(child->directory, child->environment);
    tr_put_map_of(out, pairs + tri_confinement_count(&confinement));
    tr_put_atom(out, "id");
    put_word(out, id_of(child));
    put_start(out, child, argument);
    tr_put_atom(out, "restart");
    tr_put_atom(out, tri_restart_words[child->restart]);
    tr_put_atom(out, "type");
    tr_put_atom(out, tri_type_words[child->is_supervisor]);
    tr_put_atom(out, "significant");
    tr_put_bool(out, child->is_significant);
    put_optional_shutdown(out, child->shutdown_ms);
    if (child->name) {
        tr_put_atom(out, "name");
        put_word(out, child->name);
    }
    put_number(out, "backoff_min_ms", child->backoff_min_ms);
    put_number(out, "backoff_max_ms", child->backoff_max_ms);
    put_number(out, "backoff_reset_ms", child->backoff_reset_ms);
    put_number(out, "start_timeout_ms",
               child->start_timeout_ms > 0 ? (uint64_t)child->start_timeout_ms : 0);
    put_number(out, "mailbox_max_messages", child->mailbox_max_messages);
    put_number(out, "mailbox_max_bytes", child->mailbox_max_bytes);
    if (child->mailbox_policy) {
        tr_put_atom(out, "mailbox_policy");
        tr_put_atom(out, tri_mailbox_policy_words[child->mailbox_policy]);
    }
    put_surroundings(out, child->directory, child->environment);
    put_user(out, child->user);
    tri_confinement_put(out, &confinement);
}
