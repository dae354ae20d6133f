/* Parse: libconfuse reads the text; this file tells it what may stand where, and takes over what it has read.
 *
 * It is used in such a way that it stops for nothing but wrong syntax. Every option is a list of pointers, whose callback
 * keeps the text and its line, so that types are checked by keys.c, all of them. A hidden first option has a default value,
 * and so is called at the beginning of each section: it notes the line and the order, and makes the title unique, because
 * a second section with the same title would take the first one's place. A statement that is not known is blanked, and the
 * text read again. */
#include <confuse.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "config/keys.h"
#include "config/text.h"

enum { MAX_DEPTH = 10, OPTIONS_MAX = CONFIG_KEYS + CONFIG_KINDS + 2 };

#define HIDDEN "=begin"
static char hidden_default[] = "begin"; /* libconfuse copies it, and takes no const */

/* libconfuse's callbacks know of nothing but their option, and its scanner exists once. */
static struct {
    struct config_mistakes *mistakes;
    unsigned serials;
    bool is_reading;                        /* else what is freed is freed for good */
    bool has_unknown, has_failed;           /* what stopped it */
    char unknown[256], where[32], why[256]; /* the word, its section; or what is wrong */
    unsigned line;
    struct config_value replaced; /* the value that a second one has driven out */
} parser;

/* ---------------------------------------------------------------- callbacks */

static struct config_value *value_new(const char *text, int line)
{
    struct config_value *value = malloc(sizeof *value);
    char *copy = strdup(text);
    if (!value || !copy) {
        free(value);
        free(copy);
        return NULL;
    }
    *value = (struct config_value){copy, line > 0 ? (unsigned)line : 1};
    return value;
}

static void value_free(void *pointer)
{
    struct config_value *value = pointer;
    if (parser.is_reading)
        parser.replaced.line = value->line;
    free(value->text);
    free(value);
}

static int take_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
    struct config_value *value = value_new(text, cfg->line);
    if (!value)
        return -1;
    if (parser.replaced.line)
        config_mistake(parser.mistakes, value->line, "%s: was given in line %u already", opt->name,
                       parser.replaced.line);
    parser.replaced.line = 0;
    *(void **)result = value;
    return 0;
}

static int take_begin(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
    char *title;
    struct config_value *value = value_new(text, cfg->line);
    if (!value)
        return -1;
    if (strcmp(text, hidden_default) != 0)
        config_mistake(parser.mistakes, value->line, "unknown key \"%s\"", opt->name);
    if (cfg->title) {
        if (asprintf(&title, "%u %s", ++parser.serials, cfg->title) < 0) {
            value_free(value);
            return -1;
        }
        free(cfg->title);
        cfg->title = title;
    }
    parser.replaced.line = 0;
    *(void **)result = value;
    return 0;
}

static void take_error(cfg_t *cfg, const char *format, va_list arguments)
{
    if (parser.has_unknown || parser.has_failed)
        return;
    parser.line = cfg->line > 0 ? (unsigned)cfg->line : 1;
    snprintf(parser.where, sizeof parser.where, "%s", cfg->name);
    if (strncmp(format, "no such option", 14) == 0) {
        parser.has_unknown = true;
        vsnprintf(parser.unknown, sizeof parser.unknown, "%s", arguments);
        return;
    }
    parser.has_failed = true;
    vsnprintf(parser.why, sizeof parser.why, format, arguments);
}

/* ---------------------------------------------------------------- options */

struct options {
    cfg_opt_t leaves[CONFIG_KINDS][OPTIONS_MAX];
    cfg_opt_t levels[MAX_DEPTH][OPTIONS_MAX]; /* the first is the file's top */
};

static size_t add_keys(cfg_opt_t *options, enum config_kind kind, bool is_top)
{
    size_t count = 0;
    options[count++] =
        (cfg_opt_t)CFG_PTR_CB(HIDDEN, hidden_default, CFGF_NONE, take_begin, value_free);
    for (int key = 0; key < CONFIG_KEYS; key++)
        if (config_key_belongs(key, kind, is_top))
            options[count++] = (cfg_opt_t)CFG_PTR_LIST_CB(config_key_names[key], NULL, CFGF_NONE,
                                                          take_value, value_free);
    return count;
}

static void fill(struct options *options)
{
    for (int kind = CONFIG_SERVER; kind < CONFIG_KINDS; kind++) {
        size_t count = add_keys(options->leaves[kind], kind, false);
        options->leaves[kind][count] = (cfg_opt_t)CFG_END();
    }
    for (int depth = MAX_DEPTH - 1; depth >= 0; depth--) {
        cfg_opt_t *level = options->levels[depth];
        size_t count = add_keys(level, CONFIG_SUPERVISOR, depth == 0);
        if (depth + 1 < MAX_DEPTH)
            level[count++] = (cfg_opt_t)CFG_SEC("supervisor", options->levels[depth + 1],
                                                CFGF_MULTI | CFGF_TITLE);
        for (int kind = CONFIG_SERVER; kind < CONFIG_KINDS; kind++)
            level[count++] = (cfg_opt_t)CFG_SEC(config_kind_name(kind), options->leaves[kind],
                                                CFGF_MULTI | CFGF_TITLE);
        level[count] = (cfg_opt_t)CFG_END();
    }
}

/* ---------------------------------------------------------------- taking over */

static struct config_child *child_new(struct config_child *parent, enum config_kind kind)
{
    struct config_child *child = calloc(1, sizeof *child);
    if (child) {
        child->kind = kind;
        child->parent = parent;
        child->intensity = 1;
        child->period_ms = 5000;
        child->shutdown = kind == CONFIG_SUPERVISOR ? TR_SHUTDOWN_INFINITY : 5000;
    }
    return child;
}

static void words_deinit(struct config_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->at[i]);
    free(words->at);
}

static void child_free(struct config_child *child)
{
    if (!child)
        return;
    for (size_t i = 0; i < child->child_count; i++)
        child_free(child->children[i]);
    free(child->children);
    free(child->id);
    free(child->name);
    free(child->entry);
    free(child->path);
    free(child->directory);
    free(child->user);
    free(child->owner);
    tr_out_deinit(&child->argument);
    words_deinit(&child->arguments);
    words_deinit(&child->environment);
    words_deinit(&child->readable);
    words_deinit(&child->writable);
    free(child);
}

static int fill_child(struct config *config, struct config_child *child, cfg_t *section);

/* A section's title is its order and its id. */
static int add_child(struct config *config, struct config_child *parent, enum config_kind kind,
                     cfg_t *section)
{
    struct config_child **children =
        realloc(parent->children, (parent->child_count + 1) * sizeof *children);
    if (!children)
        return -ENOMEM;
    parent->children = children;
    struct config_child *child = child_new(parent, kind);
    if (!child)
        return -ENOMEM;
    children[parent->child_count++] = child;
    char *space;
    child->serial = (unsigned)strtoul(section->title, &space, 10);
    child->id = strdup(*space ? space + 1 : "");
    return child->id ? fill_child(config, child, section) : -ENOMEM;
}

static int take_sections(struct config *config, struct config_child *child, cfg_opt_t *opt)
{
    for (int kind = 0; kind < CONFIG_KINDS; kind++) {
        if (strcmp(opt->name, config_kind_name(kind)) != 0)
            continue;
        for (unsigned i = 0; i < opt->nvalues; i++) {
            int r = add_child(config, child, kind, opt->values[i]->section);
            if (r)
                return r;
        }
    }
    return 0;
}

static void take_key(struct config *config, struct config_child *child, const cfg_opt_t *opt)
{
    struct config_value **values = calloc(opt->nvalues + 1, sizeof *values);
    for (unsigned i = 0; values && i < opt->nvalues; i++)
        values[i] = opt->values[i]->ptr;
    if (strcmp(opt->name, HIDDEN) == 0 && opt->nvalues > 0)
        child->line = values ? values[0]->line : 1;
    for (int key = 0; values && key < CONFIG_KEYS; key++)
        if (strcmp(opt->name, config_key_names[key]) == 0)
            config_key_read(config, child, key, values, opt->nvalues, parser.mistakes);
    free(values);
}

static int compare_serials(const void *a, const void *b)
{
    const struct config_child *one = *(struct config_child *const *)a;
    const struct config_child *other = *(struct config_child *const *)b;
    return one->serial < other->serial ? -1 : one->serial > other->serial;
}

static int fill_child(struct config *config, struct config_child *child, cfg_t *section)
{
    int r = 0;
    for (cfg_opt_t *opt = section->opts; r == 0 && opt->name; opt++) {
        if (opt->type == CFGT_SEC)
            r = take_sections(config, child, opt);
        else
            take_key(config, child, opt);
    }
    if (child->child_count > 0)
        qsort(child->children, child->child_count, sizeof *child->children, compare_serials);
    return r;
}

/* ---------------------------------------------------------------- the whole */

/* Reads the text once. What is said twice is told in each round, and kept once. */
static cfg_t *read_once(struct options *options, char *text)
{
    cfg_t *cfg = cfg_init(options->levels[0], CFGF_NONE);
    if (!cfg)
        return NULL;
    cfg_set_error_function(cfg, take_error);
    parser.serials = 0;
    parser.has_unknown = parser.has_failed = false;
    parser.replaced.line = 0;
    parser.is_reading = true;
    errno = 0;
    int r = cfg_parse_buf(cfg, text);
    parser.is_reading = false;
    bool has_no_message = r != CFG_SUCCESS && !parser.has_unknown && !parser.has_failed;
    if (has_no_message && errno == ENOMEM) {
        cfg_free(cfg);
        return NULL;
    }
    if (has_no_message) {
        parser.has_failed = true;
        parser.line = config_text_empty(text);
        snprintf(parser.why, sizeof parser.why, "an empty word where a key belongs");
    }
    return cfg;
}

/* Reads it until nothing in it is unknown. NULL: no memory. */
static cfg_t *read_all(struct options *options, char *text)
{
    for (;;) {
        cfg_t *cfg = read_once(options, text);
        if (!cfg || !parser.has_unknown)
            return cfg;
        config_key_unknown(parser.where, parser.unknown, parser.line, parser.mistakes);
        bool goes_on =
            !parser.mistakes->is_full && config_text_blank(text, parser.line, parser.unknown);
        if (!goes_on)
            return cfg;
        cfg_free(cfg);
    }
}

/* Of a text that has no end the scanner has told already. */
static int take_over(struct config *config, cfg_t *cfg, bool has_end)
{
    config->is_cut = parser.has_unknown || parser.has_failed || !has_end;
    if (parser.has_failed && has_end)
        config_mistake(parser.mistakes, parser.line, "%s; what follows has not been looked at",
                       parser.why);
    config->top = child_new(NULL, CONFIG_SUPERVISOR);
    return config->top ? fill_child(config, config->top, cfg) : -ENOMEM;
}

int config_read(const char *text, size_t size_bytes, const char *folder,
                struct config_mistakes *mistakes, struct config **ret_config)
{
    TRI_AUTO(config_freep) struct config *config = calloc(1, sizeof *config);
    TRI_AUTO(tri_freep) char *copy = malloc(size_bytes + 1);
    TRI_AUTO(tri_freep) struct options *options = calloc(1, sizeof *options);
    if (!config || !copy || !options || !(config->folder = strdup(folder)))
        return -ENOMEM;
    if (size_bytes > 0)
        memcpy(copy, text, size_bytes);
    copy[size_bytes] = '\0';
    parser.mistakes = mistakes;
    bool has_end = config_text_clean(copy, size_bytes, mistakes);
    fill(options);
    cfg_t *cfg = read_all(options, copy);
    if (!cfg)
        return -ENOMEM;
    int r = take_over(config, cfg, has_end);
    cfg_free(cfg);
    if (r)
        return r;
    *ret_config = TRI_TAKE(config);
    return 0;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    child_free(config->top);
    free(config->folder);
    free(config);
}
