/* Tree: what a supervisor's function says. C's structs become OTP's terms at once, so there is one way in which flags and
 * child specs are read and checked. */
#include <errno.h>
#include <stdlib.h>

#include "base/auto.h"
#include "behaviour/supervisor.h"
#include "behaviour/words.h"

struct tr_tree {
    struct tr_out flags;  /* empty: the defaults */
    struct tr_out *specs; /* a term each */
    uint32_t count, capacity;
    int fault; /* the first, for want of memory */
    bool is_ignored;
    struct tr_out nonsense; /* what was given in place of a tree; empty: nothing */
};

/* ---------------------------------------------------------------- flags */

void tr_tree_set_term(struct tr_tree *tree, tr_term flags)
{
    int r = tr_out_copy(&tree->flags, flags);
    if (r)
        tree->fault = r;
}

void tr_tree_set(struct tr_tree *tree, const struct tr_supervision *supervision)
{
    TRI_AUTO(tr_out_deinit) struct tr_out flags = {0};
    int intensity = supervision->intensity == TR_NO_RESTARTS ? 0
                    : supervision->intensity == 0            ? 1
                                                             : supervision->intensity;
    if (supervision->strategy > TR_DYNAMIC || supervision->auto_shutdown > TR_ALL_SIGNIFICANT)
        tri_panic("tr_tree_set: there is no strategy %u with auto_shutdown %u",
                  supervision->strategy, supervision->auto_shutdown);
    tr_put_map_of(&flags, supervision->max_children ? 5 : 4);
    tr_put_atom(&flags, "strategy");
    tr_put_atom(&flags, tri_strategy_words[supervision->strategy]);
    tr_put_atom(&flags, "intensity");
    tr_put_integer(&flags, intensity);
    tr_put_atom(&flags, "period");
    tr_put_integer(&flags, supervision->period_s ? supervision->period_s : 5);
    tr_put_atom(&flags, "auto_shutdown");
    tr_put_atom(&flags, tri_auto_shutdown_words[supervision->auto_shutdown]);
    if (supervision->max_children) {
        tr_put_atom(&flags, "max_children");
        tr_put_unsigned(&flags, supervision->max_children);
    }
    if (flags.fault)
        tree->fault = flags.fault;
    else
        tr_tree_set_term(tree, tr_out_term(&flags));
}

/* ---------------------------------------------------------------- children */

/* Takes the term over. */
static void add(struct tr_tree *tree, struct tr_out *spec)
{
    if (tree->count == tree->capacity) {
        uint32_t capacity = tree->capacity ? 2 * tree->capacity : 8;
        struct tr_out *specs = realloc(tree->specs, capacity * sizeof *specs);
        if (!specs)
            spec->fault = -ENOMEM;
        else {
            tree->specs = specs;
            tree->capacity = capacity;
        }
    }
    if (spec->fault) {
        tree->fault = spec->fault;
        tr_out_deinit(spec);
        return;
    }
    tree->specs[tree->count++] = *spec;
}

void tr_tree_add_term(struct tr_tree *tree, tr_term child_spec)
{
    struct tr_out spec = {0};
    tr_put_term(&spec, child_spec);
    add(tree, &spec);
}

void tri_tree_add(struct tr_tree *tree, const struct tr_child *child, struct tri_pattern **cache,
                  const char *pattern, struct tr_holes holes)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    struct tr_out spec = {0};
    int r = tri_put(&argument, cache, pattern, holes);
    if (r)
        spec.fault = r;
    else
        tri_child_put(&spec, child, tr_out_term(&argument));
    add(tree, &spec);
}

void tr_tree_add_model(struct tr_tree *tree, const struct tr_child *child)
{
    struct tr_out spec = {0};
    tri_child_put(&spec, child, (tr_term){.data = NULL});
    add(tree, &spec);
}

void tr_tree_ignore(struct tr_tree *tree) { tree->is_ignored = true; }

void tr_tree_of_term(tr_term term, struct tr_tree *tree)
{
    tr_term flags, specs, spec;
    struct tr_iter iter;
    if (tr_match(term, "{Flags, Specs}", &flags, &specs) || !tr_get_list(specs, &iter)) {
        tr_put_term(&tree->nonsense, term);
        return;
    }
    tr_tree_set_term(tree, flags);
    while (tr_next(&iter, &spec))
        tr_tree_add_term(tree, spec);
}

/* ---------------------------------------------------------------- reading it */

void tri_plan_deinit(struct tri_plan *plan)
{
    for (uint32_t i = 0; plan->specs && i < plan->count; i++)
        tri_spec_deinit(&plan->specs[i]);
    free(plan->specs);
    plan->specs = NULL;
}

/* The list of all specs. */
static int refuse_count(const struct tr_tree *tree, struct tri_plan *plan, struct tr_out *error)
{
    plan->wrong = TRI_WRONG_COUNT;
    tr_put_list_of(error, tree->count);
    for (uint32_t i = 0; i < tree->count; i++)
        tr_put_term(error, tr_out_term(&tree->specs[i]));
    tr_put_nil(error);
    return error->fault ? error->fault : TR_REFUSED;
}

static int refuse_nonsense(const struct tr_tree *tree, struct tri_plan *plan, struct tr_out *error)
{
    int r = tr_out_copy(error, tr_out_term(&tree->nonsense));
    plan->wrong = TRI_WRONG_TREE;
    return r ? r : TR_REFUSED;
}

static int read_flags(const struct tr_tree *tree, struct tri_plan *plan, struct tr_out *error)
{
    static const uint8_t empty_map[] = {116, 0, 0, 0, 0};
    tr_term flags =
        tree->flags.size_bytes ? tr_out_term(&tree->flags) : (tr_term){empty_map, sizeof empty_map};
    plan->wrong = TRI_WRONG_FLAGS;
    return tri_flags_read(flags, &plan->flags, error);
}

/* Adds a child's spec, whose id must be new. */
static int read_spec(tr_term term, struct tri_plan *plan, struct tr_out *error)
{
    struct tri_spec *spec = &plan->specs[plan->count];
    int r = tri_spec_read(term, plan->flags.auto_shutdown, spec, error);
    plan->wrong = TRI_WRONG_SPEC;
    for (uint32_t i = 0; r == 0 && i < plan->count; i++)
        if (tr_equal(tr_out_term(&plan->specs[i].id), tr_out_term(&spec->id))) {
            tr_put(error, "{duplicate_child_name, Id}", tr_out_term(&spec->id));
            r = error->fault ? error->fault : TR_REFUSED;
        }
    if (r)
        tri_spec_deinit(spec);
    else
        plan->count++;
    return r;
}

static int read_tree(const struct tr_tree *tree, struct tri_plan *plan, struct tr_out *error)
{
    if (tree->nonsense.size_bytes)
        return refuse_nonsense(tree, plan, error);
    int r = tree->fault ? tree->fault : read_flags(tree, plan, error);
    if (r)
        return r;
    bool is_simple = plan->flags.strategy == TR_SIMPLE_ONE_FOR_ONE;
    bool is_dynamic = plan->flags.strategy == TR_DYNAMIC;
    if ((is_simple && tree->count != 1) || (is_dynamic && tree->count != 0))
        return refuse_count(tree, plan, error);
    plan->specs = calloc(tree->count + 1, sizeof *plan->specs);
    if (!plan->specs)
        return -ENOMEM;
    for (uint32_t i = 0; r == 0 && i < tree->count; i++)
        r = read_spec(tr_out_term(&tree->specs[i]), plan, error);
    return r;
}

int tri_plan_read(const struct tri_supervisor *supervisor, struct tri_plan *ret_plan,
                  struct tr_out *error)
{
    struct tr_tree tree = {.count = 0};
    *ret_plan = (struct tri_plan){.count = 0};
    supervisor->plant(tr_out_term(&supervisor->argument), &tree);
    int r = tree.is_ignored ? TR_IGNORED : read_tree(&tree, ret_plan, error);
    for (uint32_t i = 0; i < tree.count; i++)
        tr_out_deinit(&tree.specs[i]);
    free(tree.specs);
    tr_out_deinit(&tree.flags);
    tr_out_deinit(&tree.nonsense);
    return r;
}

/* ---------------------------------------------------------------- planting it */

/* What a supervisor ends with: {supervisor_data, Wrong}, {start_spec, Wrong}, … */
static int tell_wrong(const struct tri_supervisor *supervisor, enum tri_wrong wrong,
                      struct tr_out *error)
{
    static const char *const words[] = {
        [TRI_WRONG_FLAGS] = "supervisor_data",
        [TRI_WRONG_SPEC] = "start_spec",
        [TRI_WRONG_COUNT] = "bad_start_spec",
        [TRI_WRONG_TREE] = "bad_return",
    };
    TRI_AUTO(tr_out_deinit) struct tr_out inner = *error;
    *error = (struct tr_out){0};
    tr_put_tuple_of(error, 2);
    tr_put_atom(error, words[wrong]);
    if (wrong == TRI_WRONG_TREE) {
        tr_put_tuple_of(error, 3);
        tr_put_atom(error, supervisor->entry);
        tr_put_atom(error, "init");
    }
    tr_put_term(error, tr_out_term(&inner));
    return error->fault ? error->fault : TR_REFUSED;
}

void tri_supervisor_take_flags(struct tri_supervisor *supervisor, const struct tri_flags *flags)
{
    struct tri_child_policy *policy = &supervisor->policy;
    supervisor->flags = *flags;
    policy->strategy = flags->strategy;
    policy->auto_shutdown = flags->auto_shutdown;
    policy->intensity.max = (uint32_t)flags->intensity;
    policy->intensity.period_ns = flags->period_s * TRI_NS_PER_S;
}

static int add_child(struct tri_supervisor *supervisor, struct tri_spec *spec)
{
    struct tri_ward *ward = tri_ward_new(supervisor, spec, false);
    if (!ward)
        return -ENOMEM;
    tri_policy_add(&supervisor->policy, &ward->child);
    return 0;
}

static void take_model(struct tri_supervisor *supervisor, struct tri_spec *spec)
{
    supervisor->model = *spec;
    *spec = (struct tri_spec){.name = NULL};
}

int tri_tree_plant(struct tri_supervisor *supervisor, struct tr_out *error)
{
    TRI_AUTO(tri_plan_deinit) struct tri_plan plan;
    int r = tri_plan_read(supervisor, &plan, error);
    if (r)
        return r == TR_REFUSED ? tell_wrong(supervisor, plan.wrong, error) : r;
    tri_supervisor_take_flags(supervisor, &plan.flags);
    tri_policy_init(&supervisor->policy);
    if (plan.flags.strategy == TR_SIMPLE_ONE_FOR_ONE)
        take_model(supervisor, &plan.specs[0]);
    else
        for (uint32_t i = 0; r == 0 && i < plan.count; i++)
            r = add_child(supervisor, &plan.specs[i]);
    return r;
}
