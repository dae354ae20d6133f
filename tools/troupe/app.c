/* App: the root actor of a configuration that runs. It ends as its tree ends, and its tree ends as it does. */
#include "app.h"

#include <stdlib.h>
#include <troupe.h>

#include "base/auto.h"

/* What there is once: an actor is a process. */
static struct app {
    char *file, *text;
    /* the text that the last reload has brought about wholly: what the next one compares with */
    char *base;
    size_t text_bytes, base_bytes;
    struct config *config;
    struct tr_out failed; /* the paths of those that the last reload could not start, a list */
    tr_pid tree, reload;  /* TR_NO_PID: it does not run */
    bool is_reload_due;   /* another was asked for while one was under way */
    bool is_replacing;    /* the tree is stopped to be started anew */
} app;

/* ---------------------------------------------------------------- the configuration */

static char *text_of(tr_bin bytes)
{
    char *text = malloc(bytes.size_bytes + 1);
    if (text) {
        memcpy(text, bytes.data, bytes.size_bytes);
        text[bytes.size_bytes] = '\0';
    }
    return text;
}

/* Takes over a text that has been checked. False: it cannot be read, for want of memory. */
static bool adopt(tr_bin bytes)
{
    char folder[4096];
    struct config_mistakes mistakes = {0};
    struct config *config = NULL;
    char *text = text_of(bytes);
    if (text &&
        config_read(text, bytes.size_bytes, app_folder(app.file, folder, sizeof folder), &mistakes,
                    &config) == 0 &&
        mistakes.count == 0) {
        config_free(app.config);
        free(app.text);
        app.config = config;
        app.text = text;
        app.text_bytes = bytes.size_bytes;
        config = NULL;
        text = NULL;
    }
    bool is_done = !text;
    config_mistakes_deinit(&mistakes);
    config_free(config);
    free(text);
    return is_done;
}

/* What runs is what the text says. */
static bool settle(void)
{
    char *base = text_of((tr_bin){app.text, app.text_bytes});
    if (!base)
        return false;
    free(app.base);
    app.base = base;
    app.base_bytes = app.text_bytes;
    return true;
}

/* What a branch has, to whom asks. */
static struct tr_step answer_branch(tr_term path)
{
    TRI_AUTO(tr_out_deinit) struct tr_out flags = {0};
    TRI_AUTO(tr_out_deinit) struct tr_out specs = {0};
    const struct config_child *branch = config_child_at(app.config, path);
    if (!branch || !config_is_branch(branch))
        return tr_answer("{error, not_found}");
    config_put_flags(&flags, branch);
    config_put_specs(&specs, branch, tr_self());
    if (flags.fault || specs.fault)
        return tr_answer("{error, system_limit}");
    return tr_answer("{ok, Flags, Specs}", tr_out_term(&flags), tr_out_term(&specs));
}

/* ---------------------------------------------------------------- the tree */

static bool start_tree(void)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    const struct tr_spawn_options options = {.flags = TR_SPAWN_LINK, .replaces = app.tree};
    config_put_branch(&argument, app.config->top, tr_self());
    return !argument.fault &&
           tr_spawn_term(APP_BRANCH_ENTRY, &options, tr_out_term(&argument), &app.tree, NULL) == 0;
}

static struct tr_step hear_hangup(void);

/* A supervisor says shutdown when it gives up, and when its significant children have ended; the second only if it was told
 * to. For who waits for the node these are not the same.
 * {shutdown, Why} is what it says when a child could not be started at first. */
static struct tr_step tree_has_ended(tr_term reason)
{
    bool has_shutdown = app.config->top->auto_shutdown != TR_NEVER;
    app.tree = TR_NO_PID;
    if (app.is_replacing) {
        app.is_replacing = false;
        if (!start_tree())
            return tr_stop("cannot_start_tree");
        return app.is_reload_due ? hear_hangup() : tr_noreply();
    }
    if (tr_is_atom(reason, "shutdown") && !has_shutdown)
        return tr_stop("{gave_up, reached_max_restart_intensity}");
    tr_term why;
    if (tr_match(reason, "{shutdown, Why}", &why) == 0)
        return tr_stop("{cannot_start, Why}", why);
    return tr_stop("Reason", reason);
}

/* ---------------------------------------------------------------- reload */

static void start_reload(void)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    const struct tr_spawn_options options = {.flags = TR_SPAWN_LINK};
    static const uint8_t nil = 106;
    tr_term failed = app.failed.size_bytes ? tr_out_term(&app.failed) : (tr_term){&nil, 1};
    app.is_reload_due = false;
    tr_put(&argument, "{reload, Root, Tree, File, Text, Failed}", tr_self(), app.tree,
           (const char *)app.file, ((tr_bin){app.base, app.base_bytes}), failed);
    int r = argument.fault ? argument.fault
                           : tr_spawn_term(APP_RELOAD_ENTRY, &options, tr_out_term(&argument),
                                           &app.reload, NULL);
    if (r)
        fprintf(stderr, "troupe: %s cannot be read again: %s\n", app.file, tr_strerror(r));
}

static struct tr_step hear_hangup(void)
{
    app.is_reload_due = true;
    if (tr_pid_is_none(app.reload) && !tr_pid_is_none(app.tree) && !app.is_replacing)
        start_reload();
    return tr_noreply();
}

static struct tr_step reload_has_ended(tr_term reason)
{
    app.reload = TR_NO_PID;
    if (!tr_is_atom(reason, "normal")) {
        TRI_AUTO(tri_freep) char *why = tr_print_new(reason);
        fprintf(stderr, "troupe: the reload of %s ended: %s\n", app.file, why ? why : "?");
    }
    return app.is_reload_due ? hear_hangup() : tr_noreply();
}

/* ---------------------------------------------------------------- callbacks */

static struct tr_step init(tr_term argument, void **ret_state)
{
    tr_bin file, text;
    *ret_state = &app;
    tr_trap_exit(true);
    if (tr_match(argument, "{app, File, Text}", &file, &text))
        return tr_stop("badarg");
    app.file = text_of(file);
    if (!app.file || !adopt(text) || !settle())
        return tr_stop("system_limit");
    return start_tree() ? tr_ok() : tr_stop("cannot_start_tree");
}

static struct tr_step handle_call(tr_term request, const struct tr_from *from, void *state)
{
    tr_term path, failed;
    tr_bin text;
    (void)from;
    (void)state;
    if (tr_match(request, "{branch, Path}", &path) == 0)
        return answer_branch(path);
    if (tr_match(request, "{adopt, Text}", &text) == 0)
        return adopt(text) ? tr_answer("ok") : tr_answer("{error, system_limit}");
    if (tr_match(request, "{done, Failed}", &failed) == 0) {
        bool is_kept = tr_out_copy(&app.failed, failed) == 0 && settle();
        return is_kept ? tr_answer("ok") : tr_answer("{error, system_limit}");
    }
    if (tr_is_atom(request, "replace")) {
        if (!settle())
            return tr_answer("{error, system_limit}");
        app.is_replacing = true;
        tr_exit_process(app.tree, "shutdown");
        return tr_answer("ok");
    }
    return tr_answer("{error, {unknown_request, Request}}", request);
}

static struct tr_step handle_info(tr_term message, void *state)
{
    tr_pid from;
    tr_term reason;
    (void)state;
    if (tr_is_atom(message, "$hangup"))
        return hear_hangup();
    if (tr_match(message, "{'EXIT', From, Reason}", &from, &reason))
        return tr_noreply();
    if (tr_pid_equal(from, app.tree))
        return tree_has_ended(reason);
    if (tr_pid_equal(from, app.reload))
        return reload_has_ended(reason);
    return tr_noreply();
}

/* A branch that is being started again must have its answer before its supervisor can end it. */
static void answer_while_ending(tr_term from)
{
    struct tr_from caller;
    if (tr_from_get(from, &caller))
        tr_reply(&caller, "{error, ending}");
}

/* The node stops: the tree ends in its own order, which may take as long as its children may. */
static void terminate(tr_term reason, void *state)
{
    tr_term from;
    (void)reason;
    (void)state;
    if (!tr_pid_is_none(app.reload))
        tr_exit_process(app.reload, "kill");
    if (tr_pid_is_none(app.tree))
        return;
    tr_exit_process(app.tree, "shutdown");
    for (bool is_over = false; !is_over;)
        tr_receive {
            tr_case("{'EXIT', Tree, _}", app.tree)
                is_over = true;
            tr_case("{'$gen_call', From, {branch, _}}", &from)
                answer_while_ending(from);
        }
}

static void put_state(struct tr_out *out, const void *state)
{
    (void)state;
    tr_put(out, "#{file => F, tree => T, is_reloading => B}", (const char *)app.file, app.tree,
           (bool)!tr_pid_is_none(app.reload));
}

static const struct tr_server_callbacks callbacks = {
    .init = init,
    .handle_call = handle_call,
    .handle_info = handle_info,
    .terminate = terminate,
    .put_state = put_state,
};

TR_SERVER(app, &callbacks)
