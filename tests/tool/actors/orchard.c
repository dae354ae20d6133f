/* Orchard: trees of supervisors for the tests of `troupe tree`.
 *
 *     main                              root; starts the others, and registers last, as "orchard"
 *     ├─ trunk "trunk"                  rest_for_one, 3 in 60 s
 *     │  ├─ left, with the name "left"  a leaf, permanent
 *     │  ├─ twigs                       a supervisor, one_for_one, with a temporary leaf "twig"
 *     │  └─ fruit                       a leaf, transient
 *     └─ sprouts "sprouts"              simple_one_for_one, with one leaf
 */
#include "support/check.h"
#include "troupe/supervisor.h"

static struct tr_step leaf_init(tr_term argument, void **ret_state)
{
    (void)argument;
    *ret_state = NULL;
    return tr_ok();
}

static struct tr_step leaf_call(tr_term request, const struct tr_from *from, void *state)
{
    (void)from;
    (void)state;
    return tr_stop("What", request);
}

static const struct tr_server_callbacks leaf_callbacks = {.init = leaf_init,
                                                          .handle_call = leaf_call};
TR_SERVER(leaf, &leaf_callbacks)

static void plant_trunk(tr_term argument, struct tr_tree *tree)
{
    (void)argument;
    tr_tree_set(tree, &(struct tr_supervision){
                          .strategy = TR_REST_FOR_ONE, .intensity = 3, .period_s = 60});
    tr_tree_add(tree, TR_CHILD("leaf", .id = "left", .name = "left"), "[]");
    tr_tree_add(tree, TR_CHILD("twigs", .is_supervisor = true), "[]");
    tr_tree_add(tree, TR_CHILD("leaf", .id = "fruit", .name = "fruit", .restart = TR_TRANSIENT),
                "[]");
}
TR_SUPERVISOR(trunk, plant_trunk)

static void plant_twigs(tr_term argument, struct tr_tree *tree)
{
    (void)argument;
    tr_tree_add(tree, TR_CHILD("leaf", .id = "twig", .restart = TR_TEMPORARY), "[]");
}
TR_SUPERVISOR(twigs, plant_twigs)

static void plant_sprouts(tr_term argument, struct tr_tree *tree)
{
    (void)argument;
    tr_tree_set(tree, &(struct tr_supervision){.strategy = TR_SIMPLE_ONE_FOR_ONE});
    tr_tree_add(tree, TR_CHILD("leaf"), "[]");
}
TR_SUPERVISOR(sprouts, plant_sprouts)

static void start(const char *entry)
{
    const struct tr_start_options options = {.name = entry};
    tr_pid pid;
    CHECK(tr_server_start_link(&pid, entry, &options, "[]") == 0);
}

TR_ACTOR(main)
{
    start("trunk");
    start("sprouts");
    CHECK(tr_supervisor_start_instance("sprouts", NULL, NULL, "one") == 0);
    CHECK(tr_register("orchard", tr_self()) == 0);
    tr_receive {
        tr_case("stop") {
        }
    }
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
