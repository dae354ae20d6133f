/* App's branches: a supervisor whose function asks the root what it is to supervise. */
#include <troupe.h>

/* The root does not wait for anybody, so it answers unless it is stopped by hand. */
enum { ANSWER_MS = 60000 };

static void plant(tr_term argument, struct tr_tree *tree)
{
    tr_pid root;
    tr_term path, flags, specs, spec;
    struct tr_iter iter;
    TR_REPLY reply = {0};
    if (tr_match(argument, "{branch, Root, Path}", &root, &path))
        tr_exit("badarg");
    int r = tr_call(root, ANSWER_MS, &reply, "{branch, Path}", path);
    if (r)
        tr_exit("{no_answer, Why}", tr_strerror(r));
    if (tr_match(reply.term, "{ok, Flags, Specs}", &flags, &specs))
        tr_exit("{no_branch, Path}", path);
    tr_tree_set_term(tree, flags);
    if (tr_get_list(specs, &iter))
        while (tr_next(&iter, &spec))
            tr_tree_add_term(tree, spec);
}

TR_SUPERVISOR(branch, plant)
