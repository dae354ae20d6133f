/* App's reload: the file is read and checked; then what differs is done, through the supervisors that run. */
#include <stdlib.h>
#include <string.h>
#include <troupe.h>

#include "app.h"
#include "base/auto.h"
#include "config/diff.h"

struct reload {
    tr_pid root, tree;
    char *file;
    struct config *old, *now;
    tr_term failed_before; /* paths, a list */
    struct tr_out failed;  /* the same of this time, its end still open */
    struct config_steps steps;
};

/* ---------------------------------------------------------------- who is where */

/* A child's pid; TR_NO_PID when it does not run. */
static tr_pid child_pid(tr_pid supervisor, const char *id)
{
    TR_REPLY reply = {0};
    struct tr_iter iter;
    tr_term child, own_id;
    tr_pid pid;
    if (tr_supervisor_which_children(supervisor, &reply) || !tr_get_list(reply.term, &iter))
        return TR_NO_PID;
    while (tr_next(&iter, &child))
        if (tr_match(child, "{Id, Pid, _, _}", &own_id, &pid) == 0 && tr_is_atom(own_id, id))
            return pid;
    return TR_NO_PID;
}

/* The supervisor of a branch; TR_NO_PID when it does not run: whoever starts it has the new configuration. */
static tr_pid branch_pid(const struct reload *reload, const struct config_child *branch)
{
    if (!branch->parent)
        return reload->tree;
    tr_pid above = branch_pid(reload, branch->parent);
    return tr_pid_is_none(above) ? above : child_pid(above, branch->id);
}

static bool has_failed(const struct config_child *child, void *context)
{
    const struct reload *reload = context;
    TRI_AUTO(tr_out_deinit) struct tr_out path = {0};
    struct tr_iter iter;
    tr_term each;
    config_put_path(&path, child);
    if (!tr_get_list(reload->failed_before, &iter))
        return false;
    while (tr_next(&iter, &each))
        if (tr_equal(each, tr_out_term(&path)))
            return true;
    return false;
}

/* ---------------------------------------------------------------- steps */

static void complain(struct reload *reload, const struct config_child *child, const char *what,
                     int r, const struct tr_reply *reply)
{
    TRI_AUTO(tri_freep)
    char *why = r == TR_REFUSED || r == TR_DOWN ? tr_print_new(reply->term) : NULL;
    fprintf(stderr, "%s:%u: %s \"%s\" %s: %s\n", reload->file, child->line,
            config_kind_name(child->kind), child->id ? child->id : "", what,
            why ? why : tr_strerror(r));
}

static void stop_child(struct reload *reload, const struct config_child *child, tr_pid supervisor)
{
    TR_REPLY reply = {0};
    tr_term id;
    TRI_AUTO(tr_out_deinit) struct tr_out atom = {0};
    tr_put_atom(&atom, child->id);
    id = tr_out_term(&atom);
    int r = tr_supervisor_terminate_child(supervisor, &reply, "Id", id);
    if (r == 0)
        r = tr_supervisor_delete_child(supervisor, &reply, "Id", id);
    /* A temporary child has gone by now, with its spec. */
    if (r && !(r == TR_REFUSED && tr_is_atom(reply.term, "not_found")))
        complain(reload, child, "could not be stopped", r, &reply);
}

static void start_child(struct reload *reload, const struct config_child *child, tr_pid supervisor)
{
    TR_REPLY reply = {0};
    TRI_AUTO(tr_out_deinit) struct tr_out spec = {0};
    config_put_spec(&spec, child, reload->root);
    int r = TRI_SUPERVISOR_ASK(supervisor, NULL, &reply, "{start_child, Spec}", tr_out_term(&spec));
    if (r == 0 || (r == TR_REFUSED && (tr_is_atom(reply.term, "already_present") ||
                                       tr_match(reply.term, "{already_started, _}") == 0)))
        return;
    complain(reload, child, "could not be started", r, &reply);
    tr_put_list_of(&reload->failed, 1);
    config_put_path(&reload->failed, child);
}

static void set_flags(struct reload *reload, const struct config_child *branch, tr_pid supervisor)
{
    TR_REPLY reply = {0};
    TRI_AUTO(tr_out_deinit) struct tr_out flags = {0};
    config_put_flags(&flags, branch);
    int r =
        TRI_SUPERVISOR_ASK(supervisor, NULL, &reply, "{'$set_flags', Flags}", tr_out_term(&flags));
    if (r)
        complain(reload, branch, "could not be changed", r, &reply);
}

static void set_order(struct reload *reload, const struct config_child *branch, tr_pid supervisor)
{
    TR_REPLY reply = {0};
    TRI_AUTO(tr_out_deinit) struct tr_out ids = {0};
    tr_put_list_of(&ids, (uint32_t)branch->child_count);
    for (size_t i = 0; i < branch->child_count; i++)
        tr_put_atom(&ids, branch->children[i]->id);
    tr_put_nil(&ids);
    int r = TRI_SUPERVISOR_ASK(supervisor, NULL, &reply, "{'$set_order', Ids}", tr_out_term(&ids));
    if (r)
        complain(reload, branch, "could not be put in order", r, &reply);
}

static void take_step(struct reload *reload, const struct config_step *step)
{
    bool is_of_branch = step->kind == CONFIG_FLAGS || step->kind == CONFIG_ORDER;
    tr_pid supervisor = branch_pid(reload, is_of_branch ? step->child : step->child->parent);
    if (tr_pid_is_none(supervisor))
        return;
    if (step->kind == CONFIG_STOP)
        stop_child(reload, step->child, supervisor);
    else if (step->kind == CONFIG_START)
        start_child(reload, step->child, supervisor);
    else if (step->kind == CONFIG_FLAGS)
        set_flags(reload, step->child, supervisor);
    else
        set_order(reload, step->child, supervisor);
}

/* ---------------------------------------------------------------- the whole */

static void tell_done(struct reload *reload)
{
    struct tr_out *paths = &reload->failed;
    tr_put_nil(paths);
    if (!paths->fault)
        tr_call(reload->root, -1, NULL, "{done, Failed}", tr_out_term(paths));
}

/* The one thing in the file that cannot be changed while it runs. */
static void tell_of_name(const struct reload *reload)
{
    const char *old = reload->old->top->name, *now = reload->now->top->name;
    if (now && (!old || strcmp(old, now) != 0))
        fprintf(stderr, "%s:%u: node: this one keeps its name, %s, as long as it runs\n",
                reload->file, reload->now->top->lines[CONFIG_node], tr_node());
}

static void act(struct reload *reload, tr_bin text)
{
    TR_REPLY reply = {0};
    const struct config_steps *steps = &reload->steps;
    int r = tr_call(reload->root, -1, &reply, "{adopt, Text}", text);
    if (r || !tr_is_atom(reply.term, "ok"))
        tr_exit("system_limit");
    tell_of_name(reload);
    if (steps->replaces_all) {
        fprintf(stderr, "troupe: %s: the strategy of all has changed, so all is started anew\n",
                reload->file);
        tr_call(reload->root, -1, NULL, "replace");
        return;
    }
    for (size_t i = 0; i < steps->count; i++)
        take_step(reload, &steps->at[i]);
    tell_done(reload);
    fprintf(stderr,
            "troupe: %s has been read again: %zu started, %zu stopped, %zu restarted, %zu as they "
            "were\n",
            reload->file, steps->started, steps->stopped, steps->restarted, steps->kept);
}

/* The old text was right when it was read; what was there then need not be there now, and is not looked at. */
static bool read_old(struct reload *reload, tr_bin text)
{
    char folder[4096];
    struct config_mistakes mistakes = {0};
    int r = config_read(text.data, text.size_bytes, app_folder(reload->file, folder, sizeof folder),
                        &mistakes, &reload->old);
    config_mistakes_deinit(&mistakes);
    return r == 0;
}

TR_ACTOR(reload)
{
    struct reload reload = {.old = NULL};
    tr_bin file, old_text;
    char *text;
    size_t size_bytes;
    if (tr_match(argument, "{reload, Root, Tree, File, Text, Failed}", &reload.root, &reload.tree,
                 &file, &old_text, &reload.failed_before))
        tr_exit("badarg");
    reload.file = strndup(file.data, file.size_bytes);
    if (!reload.file || !read_old(&reload, old_text))
        tr_exit("system_limit");
    int r = app_read_file(reload.file, &text, &size_bytes);
    if (r) {
        fprintf(stderr, "troupe: %s: %s; all goes on as before\n", reload.file, app_read_error(r));
        return;
    }
    r = app_config_read(reload.file, reload.file, text, size_bytes, &reload.now);
    if (r < 0)
        tr_exit("system_limit");
    if (r > 0) {
        fprintf(stderr, "troupe: %s is wrong (see above); all goes on as before\n", reload.file);
        return;
    }
    config_compare(reload.old, reload.now, has_failed, &reload, &reload.steps);
    if (reload.steps.has_fault)
        tr_exit("system_limit");
    act(&reload, (tr_bin){text, size_bytes});
}
