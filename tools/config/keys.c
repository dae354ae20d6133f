/* Keys: one table, which says of each key where it may stand, what its value is, and where it goes. */
#include "config/keys.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "behaviour/words.h"
#include "config/duration.h"
#include "process/confinement.h"

/* ---------------------------------------------------------------- the table */

enum value_type {
    VALUE_TEXT,
    VALUE_PATH, /* relative ones begin at the file's folder */
    VALUE_ENTRY,
    VALUE_COMMAND, /* a path, or without a slash a name that is looked for in PATH */
    VALUE_WORDS,
    VALUE_PATHS, /* as PATH */
    VALUE_NUMBER,
    VALUE_BYTES,
    VALUE_NICE,
    VALUE_OCTAL,
    VALUE_BOOL,
    VALUE_CHOICE,
    VALUE_DURATION,
    VALUE_DURATION_OR_FOREVER,
    VALUE_SHUTDOWN,
    VALUE_TERM,
};

struct key {
    enum value_type type;
    size_t offset;
    int64_t least, most;
    const char *const *choices;
};

#define ROW(value_type, field) .type = (value_type), .offset = offsetof(struct config_child, field)
#define FROM_TO(from, to) .least = (from), .most = (to)
#define PIECE_MAX ((int64_t)1 << 30)

static const struct key keys[CONFIG_KEYS] = {
    [CONFIG_node] = {ROW(VALUE_TEXT, name)},
    [CONFIG_strategy] = {ROW(VALUE_CHOICE, strategy), .choices = tri_strategy_words},
    [CONFIG_intensity] = {ROW(VALUE_NUMBER, intensity), FROM_TO(0, INT32_MAX)},
    [CONFIG_period] = {ROW(VALUE_DURATION, period_ms), FROM_TO(1000, INT32_MAX)},
    [CONFIG_auto_shutdown] = {ROW(VALUE_CHOICE, auto_shutdown), .choices = tri_auto_shutdown_words},
    [CONFIG_max_children] = {ROW(VALUE_NUMBER, max_children), FROM_TO(1, UINT32_MAX)},
    [CONFIG_name] = {ROW(VALUE_TEXT, name)},
    [CONFIG_restart] = {ROW(VALUE_CHOICE, restart), .choices = tri_restart_words},
    [CONFIG_shutdown] = {ROW(VALUE_SHUTDOWN, shutdown), FROM_TO(0, INT32_MAX)},
    [CONFIG_significant] = {ROW(VALUE_BOOL, significant)},
    [CONFIG_start_timeout] = {ROW(VALUE_DURATION_OR_FOREVER, start_timeout), FROM_TO(1, INT32_MAX)},
    [CONFIG_backoff_min] = {ROW(VALUE_DURATION, backoff_min), FROM_TO(1, INT32_MAX)},
    [CONFIG_backoff_max] = {ROW(VALUE_DURATION, backoff_max), FROM_TO(1, INT32_MAX)},
    [CONFIG_backoff_reset] = {ROW(VALUE_DURATION, backoff_reset), FROM_TO(1, INT32_MAX)},
    [CONFIG_mailbox_max_messages] = {ROW(VALUE_NUMBER, mailbox_max_messages),
                                     FROM_TO(1, INT64_MAX)},
    [CONFIG_mailbox_max_bytes] = {ROW(VALUE_NUMBER, mailbox_max_bytes), FROM_TO(1, INT64_MAX)},
    [CONFIG_mailbox_policy] = {ROW(VALUE_CHOICE, mailbox_policy),
                               .choices = tri_mailbox_policy_words},
    [CONFIG_entry] = {ROW(VALUE_ENTRY, entry)},
    [CONFIG_argument] = {ROW(VALUE_TERM, argument)},
    [CONFIG_path] = {ROW(VALUE_COMMAND, path)},
    [CONFIG_arguments] = {ROW(VALUE_WORDS, arguments)},
    [CONFIG_environment] = {ROW(VALUE_WORDS, environment)},
    [CONFIG_directory] = {ROW(VALUE_PATH, directory)},
    [CONFIG_user] = {ROW(VALUE_TEXT, user)},
    [CONFIG_framing] = {ROW(VALUE_CHOICE, framing), .choices = tri_framing_words},
    [CONFIG_max_bytes] = {ROW(VALUE_NUMBER, max_bytes), FROM_TO(1, PIECE_MAX)},
    [CONFIG_stderr] = {ROW(VALUE_CHOICE, standard_error), .choices = tri_stderr_words},
    [CONFIG_owner] = {ROW(VALUE_TEXT, owner)},
    [CONFIG_memory] = {ROW(VALUE_BYTES, memory), FROM_TO(1, INT64_MAX)},
    [CONFIG_cpu] = {ROW(VALUE_DURATION, cpu_ms), FROM_TO(1000, (int64_t)INT32_MAX * 1000)},
    [CONFIG_open_files] = {ROW(VALUE_NUMBER, open_files), FROM_TO(1, INT32_MAX)},
    [CONFIG_processes] = {ROW(VALUE_NUMBER, processes), FROM_TO(1, INT32_MAX)},
    [CONFIG_file_size] = {ROW(VALUE_BYTES, file_size), FROM_TO(1, INT64_MAX)},
    [CONFIG_core] = {ROW(VALUE_BYTES, core), FROM_TO(0, INT64_MAX)},
    [CONFIG_nice] = {ROW(VALUE_NICE, nice), FROM_TO(-20, 19)},
    [CONFIG_umask] = {ROW(VALUE_OCTAL, umask), FROM_TO(0, 077)},
    [CONFIG_sandbox] = {ROW(VALUE_CHOICE, sandbox), .choices = tri_sandbox_words},
    [CONFIG_readable] = {ROW(VALUE_PATHS, readable)},
    [CONFIG_writable] = {ROW(VALUE_PATHS, writable)},
    [CONFIG_strict] = {ROW(VALUE_BOOL, strict)},
    [CONFIG_hang] = {ROW(VALUE_DURATION, hang_ms), FROM_TO(10, INT32_MAX)},
    [CONFIG_keeps_stderr] = {ROW(VALUE_BOOL, keeps_stderr)},
};

#define KEY_NAME(key, kinds) #key,
const char *const config_key_names[CONFIG_KEYS] = {CONFIG_EACH_KEY(KEY_NAME)};

enum {
    S = 1 << CONFIG_SUPERVISOR,
    V = 1 << CONFIG_SERVER,
    A = 1 << CONFIG_ACTOR,
    P = 1 << CONFIG_PROGRAM,
    T = 1 << CONFIG_KINDS
};
#define KEY_KINDS(key, kinds) (kinds),
static const unsigned key_kinds[CONFIG_KEYS] = {CONFIG_EACH_KEY(KEY_KINDS)};

bool config_key_belongs(enum config_key key, enum config_kind kind, bool is_top)
{
    return key_kinds[key] & (is_top ? (unsigned)T : 1u << kind);
}

static const char *const kind_names[CONFIG_KINDS] = {"supervisor", "server", "actor", "program"};

const char *config_kind_name(enum config_kind kind) { return kind_names[kind]; }

/* ---------------------------------------------------------------- what went wrong */

/* What is being read. */
struct reading {
    struct config *config;
    enum config_key key;
    const struct config_value *value;
    struct config_mistakes *mistakes;
};

#define REFUSE(reading, format, ...)                                                               \
    config_mistake((reading)->mistakes, (reading)->value->line, "%s: " format,                     \
                   config_key_names[(reading)->key], ##__VA_ARGS__)

/* How many letters must be changed, left out or put in to make one word of the other. */
static size_t distance(const char *one, const char *other)
{
    size_t row[64], length = strlen(other);
    if (length >= TRI_ARRAY_LENGTH(row))
        return SIZE_MAX;
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; *one; i++, one++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t changed = corner + (*one != other[j - 1]);
            size_t shorter = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            corner = row[j];
            row[j] = changed < shorter ? changed : shorter;
        }
    }
    return row[length];
}

static void consider(const char *word, const char *other, size_t *best, const char **ret_nearest)
{
    size_t far = distance(word, other);
    if (far < *best) {
        *best = far;
        *ret_nearest = other;
    }
}

static const char *nearest_choice(const char *word, const char *const *choices)
{
    const char *nearest = NULL;
    size_t best = strlen(word) / 3 + 2;
    for (; *choices; choices++)
        consider(word, *choices, &best, &nearest);
    return nearest;
}

/* Which sections have it? "program" or "server, actor, program". */
static void list_kinds(unsigned kinds, char *text, size_t size_bytes)
{
    text[0] = '\0';
    for (int kind = 0; kind < CONFIG_KINDS; kind++)
        if (kinds & 1u << kind)
            snprintf(text + strlen(text), size_bytes - strlen(text), "%s%s", *text ? ", " : "",
                     kind_names[kind]);
    if (!*text)
        snprintf(text, size_bytes, "the top of the file");
}

static unsigned kind_of_section(const char *where)
{
    for (int kind = 0; kind < CONFIG_KINDS; kind++)
        if (strcmp(where, kind_names[kind]) == 0)
            return 1u << kind;
    return T;
}

void config_key_unknown(const char *where, const char *word, unsigned line,
                        struct config_mistakes *mistakes)
{
    char kinds[64];
    const char *nearest = NULL;
    size_t best = strlen(word) / 3 + 2;
    unsigned kind = kind_of_section(where);
    for (int key = 0; key < CONFIG_KEYS; key++) {
        if (strcmp(word, config_key_names[key]) == 0) {
            list_kinds(key_kinds[key], kinds, sizeof kinds);
            config_mistake(mistakes, line, "%s has no key \"%s\"; it belongs to: %s",
                           kind == T ? "the top of the file" : where, word, kinds);
            return;
        }
        if (key_kinds[key] & kind)
            consider(word, config_key_names[key], &best, &nearest);
    }
    if (kind & (T | S))
        for (int each = 0; each < CONFIG_KINDS; each++)
            consider(word, kind_names[each], &best, &nearest);
    if (best == 0) /* supervisors that are nested as deep as they may be */
        config_mistake(mistakes, line, "%s: nested too deep", word);
    else if (nearest)
        config_mistake(mistakes, line, "unknown key \"%s\"; do you mean %s?", word, nearest);
    else
        config_mistake(mistakes, line, "unknown key \"%s\"", word);
}

/* ---------------------------------------------------------------- single values */

static void read_choice(const struct reading *reading, unsigned *ret_choice)
{
    char all[256] = "";
    const char *const *choices = keys[reading->key].choices;
    for (unsigned i = 0; choices[i]; i++) {
        if (strcmp(choices[i], reading->value->text) == 0) {
            *ret_choice = i;
            return;
        }
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "", choices[i]);
    }
    const char *nearest = nearest_choice(reading->value->text, choices);
    if (nearest)
        REFUSE(reading, "\"%s\" is none of %s; do you mean %s?", reading->value->text, all,
               nearest);
    else
        REFUSE(reading, "\"%s\" is none of %s", reading->value->text, all);
}

static void read_number(const struct reading *reading, int64_t *ret_number)
{
    const struct key *key = &keys[reading->key];
    const char *text = reading->value->text;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end)
        REFUSE(reading, "\"%s\" is not a number", text);
    else if (errno || number < key->least || number > key->most)
        REFUSE(reading, "%s is not from %lld to %lld", text, (long long)key->least,
               (long long)key->most);
    else
        *ret_number = number;
}

/* "4096", "64K", "256M", "2G": in units of 1024. */
static void read_bytes(const struct reading *reading, int64_t *ret_bytes)
{
    static const char units[] = "KMGT";
    const char *text = reading->value->text;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool is_one = isdigit((unsigned char)*text) && errno == 0;
    const char *unit = *end ? strchr(units, *end) : NULL;
    int64_t factor = unit ? (int64_t)1 << 10 * (unit - units + 1) : 1, bytes = 0;
    if (!is_one || (*end && (!unit || end[1])) ||
        __builtin_mul_overflow((int64_t)number, factor, &bytes))
        REFUSE(reading, "\"%s\" is no number of bytes: give 4096, 64K, 256M or 2G", text);
    else if (bytes < keys[reading->key].least)
        REFUSE(reading, "%s is too little", text);
    else
        *ret_bytes = bytes;
}

static void read_in_base(const struct reading *reading, int base, const char *what,
                         int64_t *ret_number)
{
    const struct key *key = &keys[reading->key];
    const char *text = reading->value->text;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, base);
    if (!*text || *end || errno || number < key->least || number > key->most)
        REFUSE(reading, "\"%s\" is not %s", text, what);
    else
        *ret_number = number;
}

static void read_duration(const struct reading *reading, const char *others, int64_t *ret_ms)
{
    const struct key *key = &keys[reading->key];
    int64_t ms;
    if (!config_duration_read(reading->value->text, 0, &ms))
        REFUSE(reading, "\"%s\" is not a time: give 250ms, 5s, 2min or 1h%s", reading->value->text,
               others);
    else if (ms < key->least || ms > key->most)
        REFUSE(reading, "%s is not from %lldms to %lldms", reading->value->text,
               (long long)key->least, (long long)key->most);
    else if ((reading->key == CONFIG_period || reading->key == CONFIG_cpu) && ms % 1000)
        REFUSE(reading, "%s is not in whole seconds", reading->value->text);
    else
        *ret_ms = ms;
}

static void read_forever(const struct reading *reading, int64_t *ret_ms)
{
    if (strcmp(reading->value->text, "infinity") == 0)
        *ret_ms = -1;
    else
        read_duration(reading, ", or infinity", ret_ms);
}

static void read_shutdown(const struct reading *reading, int64_t *ret_ms)
{
    if (strcmp(reading->value->text, "infinity") == 0)
        *ret_ms = TR_SHUTDOWN_INFINITY;
    else if (strcmp(reading->value->text, "brutal_kill") == 0)
        *ret_ms = TR_SHUTDOWN_BRUTAL_KILL;
    else
        read_duration(reading, ", infinity, or brutal_kill", ret_ms);
}

static void read_bool(const struct reading *reading, bool *ret_value)
{
    const char *text = reading->value->text;
    if (strcmp(text, "true") == 0 || strcmp(text, "yes") == 0)
        *ret_value = true;
    else if (strcmp(text, "false") == 0 || strcmp(text, "no") == 0)
        *ret_value = false;
    else
        REFUSE(reading, "\"%s\" is neither true nor false", text);
}

static void set_text(const struct reading *reading, char *text, char **ret_text)
{
    if (!text) {
        REFUSE(reading, "out of memory");
        return;
    }
    free(*ret_text);
    *ret_text = text;
}

/* A relative path begins where the file is, wherever troupe was called. */
static char *whole_path(const struct config *config, const char *path)
{
    char *whole;
    if (path[0] == '/')
        return strdup(path);
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    const char *folder = config->folder;
    return asprintf(&whole, "%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/", path) < 0
               ? NULL
               : whole;
}

static void read_text(const struct reading *reading, char **ret_text)
{
    const char *text = reading->value->text;
    enum value_type type = keys[reading->key].type;
    const char *colon = strrchr(text, ':');
    if (!*text)
        REFUSE(reading, "is empty");
    else if (type == VALUE_ENTRY && (!colon || colon == text || !colon[1]))
        REFUSE(reading, "\"%s\" is not BINARY:ENTRY", text);
    else if (type == VALUE_ENTRY || type == VALUE_PATH ||
             (type == VALUE_COMMAND && strchr(text, '/')))
        set_text(reading, whole_path(reading->config, text), ret_text);
    else
        set_text(reading, strdup(text), ret_text);
}

static void read_term(const struct reading *reading, struct tr_out *ret_term)
{
    size_t at;
    const char *message;
    tr_out_reset(ret_term);
    int r = tr_parse(reading->value->text, ret_term, &at, &message);
    if (r == TR_SYNTAX)
        REFUSE(reading, "not a term, character %zu: %s", at, message);
    else if (r)
        REFUSE(reading, "not a term: %s", tr_strerror(r));
}

static void read_words(struct reading *reading, struct config_value *const *values, size_t count,
                       struct config_words *ret_words)
{
    char **at = calloc(count + 1, sizeof *at);
    for (size_t i = 0; at && i < count; i++) {
        reading->value = values[i];
        bool is_variable = reading->key == CONFIG_environment;
        if (is_variable && (!*values[i]->text || *values[i]->text == '='))
            REFUSE(reading, "\"%s\" is neither NAME=VALUE nor NAME", values[i]->text);
        bool is_path = keys[reading->key].type == VALUE_PATHS;
        if (is_path && !*values[i]->text)
            REFUSE(reading, "is empty");
        set_text(reading,
                 is_path ? whole_path(reading->config, values[i]->text) : strdup(values[i]->text),
                 &at[i]);
    }
    ret_words->at = at;
    ret_words->count = at ? count : 0;
}

static void read_one(const struct reading *reading, void *field)
{
    switch (keys[reading->key].type) {
    case VALUE_TEXT:
    case VALUE_PATH:
    case VALUE_ENTRY:
    case VALUE_COMMAND:
        read_text(reading, field);
        break;
    case VALUE_NUMBER:
        read_number(reading, field);
        break;
    case VALUE_BYTES:
        read_bytes(reading, field);
        break;
    case VALUE_NICE:
        read_in_base(reading, 10, "from -20 to 19", field);
        break;
    case VALUE_OCTAL:
        read_in_base(reading, 8, "from 000 to 077", field);
        break;
    case VALUE_BOOL:
        read_bool(reading, field);
        break;
    case VALUE_CHOICE:
        read_choice(reading, field);
        break;
    case VALUE_DURATION:
        read_duration(reading, "", field);
        break;
    case VALUE_DURATION_OR_FOREVER:
        read_forever(reading, field);
        break;
    case VALUE_SHUTDOWN:
        read_shutdown(reading, field);
        break;
    case VALUE_TERM:
        read_term(reading, field);
        break;
    case VALUE_WORDS:
    case VALUE_PATHS:
        break;
    }
}

void config_key_read(struct config *config, struct config_child *child, enum config_key key,
                     struct config_value *const *values, size_t count,
                     struct config_mistakes *mistakes)
{
    struct reading reading = {config, key, count > 0 ? values[0] : NULL, mistakes};
    void *field = (char *)child + keys[key].offset;
    if (count == 0)
        return;
    child->lines[key] = values[0]->line;
    if (keys[key].type == VALUE_WORDS || keys[key].type == VALUE_PATHS)
        read_words(&reading, values, count, field);
    else if (count > 1)
        REFUSE(&reading, "has one value, not %zu", count);
    else
        read_one(&reading, field);
}
