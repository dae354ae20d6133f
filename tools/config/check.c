/* Check: what is wrong with a configuration although each of its values is right. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "config/keys.h"
#include "config/model.h"
#include "term/utf8.h"
#include "wire/table.h"

/* OTP's own atoms are as long. */
enum { ID_MAX_CHARACTERS = 255 };

struct check {
    const struct config *config;
    struct config_mistakes *mistakes;
    const struct config_child **named; /* those with a name that have been seen */
    size_t named_count;
};

static unsigned line_of(const struct config_child *child, enum config_key key)
{
    return child->lines[key] ? child->lines[key] : child->line;
}

#define SAY(check, child, key, ...)                                                                \
    config_mistake((check)->mistakes, line_of((child), CONFIG_##key), __VA_ARGS__)

/* ---------------------------------------------------------------- words that are to be atoms and names */

static bool is_text(const char *text, size_t max_characters)
{
    size_t characters;
    return tri_utf8_count((const uint8_t *)text, strlen(text), &characters) &&
           characters <= max_characters;
}

static bool is_proper_name(const char *name)
{
    return is_text(name, SIZE_MAX) && tri_name_is_valid(name);
}

static void check_id(struct check *check, const struct config_child *child)
{
    if (!*child->id)
        config_mistake(check->mistakes, child->line, "the %s has no id",
                       config_kind_name(child->kind));
    else if (!is_text(child->id, ID_MAX_CHARACTERS))
        config_mistake(check->mistakes, child->line,
                       "the id of the %s is not a text of at most %d characters",
                       config_kind_name(child->kind), ID_MAX_CHARACTERS);
}

/* A name is registered on the node, so it is one child's in all of the file. */
static void check_name(struct check *check, const struct config_child *child)
{
    if (!child->name || !child->parent)
        return;
    if (!is_proper_name(child->name)) {
        SAY(check, child, name, "name: \"%s\" cannot be registered", child->name);
        return;
    }
    for (size_t i = 0; i < check->named_count; i++)
        if (strcmp(check->named[i]->name, child->name) == 0) {
            SAY(check, child, name, "name: \"%s\" is taken, see line %u", child->name,
                line_of(check->named[i], CONFIG_name));
            return;
        }
    const struct config_child **named =
        realloc(check->named, (check->named_count + 1) * sizeof *named);
    if (!named)
        return;
    check->named = named;
    named[check->named_count++] = child;
}

static void check_same_ids(struct check *check, const struct config_child *branch, size_t which)
{
    const struct config_child *child = branch->children[which];
    for (size_t i = 0; i < which; i++) {
        const struct config_child *before = branch->children[i];
        if (strcmp(before->id, child->id) != 0)
            continue;
        config_mistake(check->mistakes, child->line, "the id \"%s\" is taken, see line %u",
                       child->id, before->line);
        return;
    }
}

/* ---------------------------------------------------------------- supervisors */

static bool has_significant(const struct config_child *branch)
{
    for (size_t i = 0; i < branch->child_count; i++)
        if (branch->children[i]->significant)
            return true;
    return false;
}

static void check_count(struct check *check, const struct config_child *branch)
{
    const char *whose = branch->parent ? "the supervisor" : "the file";
    unsigned line = branch->parent ? branch->line : branch->lines[CONFIG_strategy];
    if (branch->strategy == TR_DYNAMIC && branch->child_count > 0)
        SAY(check, branch, strategy, "strategy: the children of dynamic are not in the file");
    else if (branch->strategy == TR_SIMPLE_ONE_FOR_ONE && branch->child_count != 1)
        SAY(check, branch, strategy,
            "strategy: simple_one_for_one has one child, the model of all, not %zu",
            branch->child_count);
    else if (branch->strategy != TR_DYNAMIC && branch->child_count == 0 && !check->config->is_cut)
        config_mistake(check->mistakes, line, "%s has no children", whose);
}

static void check_branch(struct check *check, const struct config_child *branch)
{
    bool is_ordered = branch->strategy != TR_DYNAMIC && branch->strategy != TR_SIMPLE_ONE_FOR_ONE;
    check_count(check, branch);
    if (branch->auto_shutdown != TR_NEVER && !has_significant(branch) && !check->config->is_cut)
        SAY(check, branch, auto_shutdown, "auto_shutdown: no child is significant");
    if (branch->lines[CONFIG_max_children] && is_ordered)
        SAY(check, branch, max_children, "max_children: only for dynamic and simple_one_for_one");
}

/* A supervisor of a binary brings its children along. */
static void check_entry_supervisor(struct check *check, const struct config_child *child)
{
    static const enum config_key of_branches[] = {CONFIG_strategy, CONFIG_intensity, CONFIG_period,
                                                  CONFIG_auto_shutdown, CONFIG_max_children};
    if (child->child_count > 0)
        config_mistake(check->mistakes, child->children[0]->line,
                       "the supervisor in line %u is an entry of a binary, which has its own "
                       "children",
                       child->line);
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(of_branches); i++)
        if (child->lines[of_branches[i]])
            config_mistake(check->mistakes, child->lines[of_branches[i]],
                           "a supervisor that is an entry of a binary says that itself");
}

/* ---------------------------------------------------------------- children */

/* SEMANTICS 47 */
static void check_significant(struct check *check, const struct config_child *child)
{
    if (!child->significant)
        return;
    if (child->parent->auto_shutdown == TR_NEVER)
        SAY(check, child, significant,
            "significant: the supervisor's auto_shutdown is never, so it means nothing");
    if (child->restart == TR_PERMANENT)
        SAY(check, child, significant,
            "significant: a child that is permanent never ends for good");
}

static void check_backoff(struct check *check, const struct config_child *child)
{
    if (child->backoff_max && child->backoff_min > child->backoff_max)
        SAY(check, child, backoff_max, "backoff_max: less than backoff_min");
    if (!child->lines[CONFIG_backoff_min] && child->lines[CONFIG_backoff_max])
        SAY(check, child, backoff_max, "backoff_max: means nothing without backoff_min");
    if (!child->lines[CONFIG_backoff_min] && child->lines[CONFIG_backoff_reset])
        SAY(check, child, backoff_reset, "backoff_reset: means nothing without backoff_min");
    if (child->backoff_min && child->restart == TR_TEMPORARY && child->lines[CONFIG_restart])
        SAY(check, child, backoff_min, "backoff_min: a temporary child is never started again");
}

static void check_mailbox(struct check *check, const struct config_child *child)
{
    if (child->lines[CONFIG_mailbox_policy] && !child->lines[CONFIG_mailbox_max_messages] &&
        !child->lines[CONFIG_mailbox_max_bytes])
        SAY(check, child, mailbox_policy, "mailbox_policy: means nothing without a bound");
}

static void check_confinement(struct check *check, const struct config_child *child)
{
    if (child->sandbox != TR_SANDBOX_NONE)
        return;
    if (child->lines[CONFIG_readable])
        SAY(check, child, readable, "readable: means nothing without a sandbox");
    if (child->lines[CONFIG_writable])
        SAY(check, child, writable, "writable: means nothing without a sandbox");
}

/* A supervisor of the file is nothing but that. */
static void check_plain_supervisor(struct check *check, const struct config_child *child)
{
    static const enum config_key of_entries[] = {CONFIG_argument, CONFIG_environment,
                                                 CONFIG_directory};
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(of_entries); i++)
        if (child->lines[of_entries[i]])
            config_mistake(check->mistakes, child->lines[of_entries[i]],
                           "%s: means nothing without an entry", config_key_names[of_entries[i]]);
}

static void check_what_runs(struct check *check, const struct config_child *child)
{
    bool is_program = child->kind == CONFIG_PROGRAM;
    enum config_key key = is_program ? CONFIG_path : CONFIG_entry;
    if (child->kind != CONFIG_SUPERVISOR && !child->lines[key] && !check->config->is_cut)
        config_mistake(check->mistakes, child->line, "the %s \"%s\" has no %s",
                       config_kind_name(child->kind), child->id, is_program ? "path" : "entry");
    if (is_program && child->framing == TR_FRAMING_PACKET_1 && child->max_bytes > UINT8_MAX)
        SAY(check, child, max_bytes, "max_bytes: packet_1 has at most %d", UINT8_MAX);
    if (is_program && child->framing == TR_FRAMING_PACKET_2 && child->max_bytes > UINT16_MAX)
        SAY(check, child, max_bytes, "max_bytes: packet_2 has at most %d", UINT16_MAX);
    if (is_program && child->owner && !is_proper_name(child->owner))
        SAY(check, child, owner, "owner: \"%s\" is no name", child->owner);
    if (is_program && child->owner && child->name && strcmp(child->owner, child->name) == 0)
        SAY(check, child, owner, "owner: a program cannot be sent its own output");
    if (is_program && child->standard_error == TR_STDERR_MESSAGES &&
        (!child->owner || strcmp(child->owner, "none") == 0))
        SAY(check, child, stderr, "stderr: there is no owner to send messages to");
}

static void check_child(struct check *check, const struct config_child *child)
{
    if (child->parent) {
        check_id(check, child);
        check_name(check, child);
        check_significant(check, child);
        check_backoff(check, child);
        check_mailbox(check, child);
        check_confinement(check, child);
        check_what_runs(check, child);
    }
    if (config_is_branch(child) && child->parent)
        check_plain_supervisor(check, child);
    if (config_is_branch(child))
        check_branch(check, child);
    else if (child->kind == CONFIG_SUPERVISOR)
        check_entry_supervisor(check, child);
    for (size_t i = 0; i < child->child_count; i++) {
        check_same_ids(check, child, i);
        check_child(check, child->children[i]);
    }
}

void config_check(const struct config *config, struct config_mistakes *mistakes)
{
    struct check check = {config, mistakes, NULL, 0};
    const struct config_child *top = config->top;
    check_child(&check, top);
    if (top->name && strchr(top->name, '/'))
        config_mistake(mistakes, top->lines[CONFIG_node], "node: a name has no slash");
    free(check.named);
}
