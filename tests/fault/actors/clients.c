/* Clients: calls in the company of the stopped and the dying. Each entry is a root actor that ends normally when all went
 * as it should. */
#include <signal.h>
#include <unistd.h>

#include "support/check.h"

static struct tr_step shop_init(tr_term argument, void **ret_state)
{
    (void)argument;
    (void)ret_state;
    return tr_ok();
}

static struct tr_step shop_handle_call(tr_term request, const struct tr_from *from, void *state)
{
    (void)from;
    (void)state;
    if (tr_is_atom(request, "os_pid"))
        return tr_answer("N", (long)getpid());
    if (tr_is_atom(request, "stop_yourself"))
        raise(SIGSTOP);
    return tr_answer("Request", request);
}

static const struct tr_server_callbacks shop = {.init = shop_init, .handle_call = shop_handle_call};
TR_SERVER(shop, &shop)

static tr_pid shop_new(void)
{
    tr_pid pid;
    CHECK(tr_server_start(&pid, "shop", NULL, "[]") == 0);
    return pid;
}

static long os_pid_of(tr_pid pid)
{
    TR_REPLY reply = {0};
    long os_pid = 0;
    CHECK(tr_call(pid, CHECK_DEADLINE_MS, &reply, "os_pid") == 0);
    CHECK(tr_match(reply.term, "N", &os_pid) == 0);
    return os_pid;
}

/* Says that it is ready, and calls until it is told to stop: an old server and one that it has never called before. */
TR_ACTOR(calls_go_on)
{
    tr_pid known = shop_new(), unknown = shop_new();
    CHECK(tr_call(known, CHECK_DEADLINE_MS, NULL, "first") == 0);
    CHECK(tr_register("client", tr_self()) == 0);
    kill(getppid(), SIGSTOP); /* the node */
    for (int i = 0; i < 200; i++)
        if (tr_call(known, CHECK_DEADLINE_MS, NULL, "N", i) ||
            tr_call(unknown, CHECK_DEADLINE_MS, NULL, "N", i))
            break;
    int r = tr_call(known, CHECK_DEADLINE_MS, NULL, "last");
    kill(getppid(), SIGCONT);
    CHECK(r == 0);
}

/* A server that is stopped answers late, and its caller hears of it no more. */
TR_ACTOR(a_stopped_server)
{
    TR_REPLY reply = {0};
    tr_pid pid = shop_new();
    long os_pid = os_pid_of(pid);
    CHECK(tr_call(pid, 50, NULL, "stop_yourself") == TR_TIMEOUT);
    CHECK(tr_call(pid, 50, NULL, "second") == TR_TIMEOUT);
    kill((pid_t)os_pid, SIGCONT);
    CHECK(tr_call(pid, CHECK_DEADLINE_MS, &reply, "third") == 0);
    CHECK(tr_is_atom(reply.term, "third"));
    EXPECT_NOTHING();
}

/* Kills the process that its argument names after a while. */
TR_ACTOR(killer)
{
    long os_pid;
    CHECK(tr_match(argument, "N", &os_pid) == 0);
    tr_receive {
        tr_after(50)
            kill((pid_t)os_pid, SIGKILL);
    }
}

/* kill -9 in the middle of a call that would have waited for ever. */
TR_ACTOR(a_killed_server)
{
    for (int i = 0; i < 5; i++) {
        TR_REPLY reply = {0};
        tr_pid pid = shop_new(), killer;
        CHECK(tr_spawn(&killer, "killer", "N", os_pid_of(pid)) == 0);
        CHECK(tr_call(pid, -1, &reply, "stop_yourself") == TR_DOWN);
        CHECK(tr_match(reply.term, "{signal, sigkill, _}") == 0);
        EXPECT_NOTHING();
    }
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
