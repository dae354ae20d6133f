/* Callers: as many actors as the argument says call one server at once, each with questions that nobody else asks. */
#include "support/arguments.h"
#include "support/check.h"

enum { CALLS_EACH = 5 };

static struct tr_step office_init(tr_term argument, void **ret_state)
{
    static long count;
    (void)argument;
    *ret_state = &count;
    return tr_ok();
}

static struct tr_step office_handle_call(tr_term request, const struct tr_from *from, void *state)
{
    long *count = state;
    (void)from;
    if (tr_is_atom(request, "how_many"))
        return tr_answer("N", *count);
    ++*count;
    return tr_answer("{answer_to, Request}", request);
}

static const struct tr_server_callbacks office = {.init = office_init,
                                                  .handle_call = office_handle_call};
TR_SERVER(office, &office)

/* Waits for the word, asks, and must get each answer once: what is left over is found at the end. */
TR_ACTOR(caller)
{
    TR_REPLY reply = {0};
    tr_receive {
        tr_case("go") {
        }
    }
    for (int i = 0; i < CALLS_EACH; i++) {
        CHECK(tr_call("office", -1, &reply, "{Self, N}", tr_self(), i) == 0);
        CHECK(tr_match(reply.term, "{answer_to, {Self, N}}", tr_self(), i) == 0);
    }
    tr_send(tr_parent(), "done");
    tr_receive {
        tr_case("look") {
        }
    }
    EXPECT_NOTHING();
}

TR_ACTOR(main)
{
    long count = argument_number(argument, 0, 10), total;
    struct tr_start_options options = {.name = "office"};
    struct tr_spawn_options as_child = {.flags = TR_SPAWN_LINK};
    tr_pid *callers = calloc((size_t)count, sizeof *callers);
    TR_REPLY reply = {0};
    CHECK(callers && tr_server_start_link(NULL, "office", &options, "[]") == 0);
    tr_trap_exit(true);
    for (long i = 0; i < count; i++)
        CHECK(tr_spawn_term("caller", &as_child, argument, &callers[i], NULL) == 0);
    for (long i = 0; i < count; i++)
        tr_send(callers[i], "go");
    for (long i = 0; i < count; i++)
        EXPECT("done");
    for (long i = 0; i < count; i++)
        tr_send(callers[i], "look");
    for (long i = 0; i < count; i++)
        EXPECT("{'EXIT', Pid, normal}", callers[i]);
    CHECK(tr_call("office", CHECK_DEADLINE_MS, &reply, "how_many") == 0);
    CHECK(tr_match(reply.term, "N", &total) == 0 && total == count * CALLS_EACH);
    free(callers);
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
