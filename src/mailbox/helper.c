/* Helper: a loop of short sleeps while its owner computes, and one long sleep while its owner waits. */
#include "mailbox/helper.h"

#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "troupe/outcome.h"

/* Room for the little that it calls; only what is touched takes memory. */
#define STACK_BYTES (256u * 1024u)

/* Sleeps for pause_ns (TRI_NEVER: until it is called) in that depth of sleep. Tells whether it was called. */
static bool sleep_in(struct tri_helper *helper, enum tri_helper_sleep depth, uint64_t pause_ns)
{
    const struct timespec pause = {(time_t)(pause_ns / TRI_NS_PER_S),
                                   (long)(pause_ns % TRI_NS_PER_S)};
    syscall(SYS_futex, &helper->sleep, FUTEX_WAIT_PRIVATE, depth,
            pause_ns == TRI_NEVER ? NULL : &pause, NULL, 0);
    return atomic_exchange(&helper->sleep, TRI_HELPER_AWAKE) == TRI_HELPER_AWAKE;
}

/* A short sleep cannot be called out of: whoever calls knows that it will not be long. */
static void doze(uint64_t pause_ns)
{
    clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, (long)pause_ns}, NULL);
}

/* Announces a deeper sleep before it looks whether it may: so an owner who begins to need it either is seen, or sees
 * that it sleeps. */
static bool may_sleep(struct tri_helper *helper, enum tri_helper_sleep depth)
{
    atomic_store(&helper->sleep, depth);
    tri_turn_barrier();
    enum tri_helper_need most =
        depth == TRI_HELPER_PARKED ? TRI_HELPER_NOT_NEEDED : TRI_HELPER_WATCHES;
    bool may = helper->need(helper->context) <= most;
    if (!may)
        atomic_store(&helper->sleep, TRI_HELPER_AWAKE);
    return may && !atomic_load(&helper->is_stopping);
}

static uint64_t longer(uint64_t pause_ns)
{
    return tri_sooner_ns(2 * pause_ns, TRI_HELPER_LATER_NS);
}

/* What it knows from one look to the next. */
struct rhythm {
    uint64_t pause_ns, looked_ns;
    uint64_t least_pause_ns; /* what a short pause has come to: more, where processors are short */
    unsigned in_stream;      /* how many looks in a row found that the owner sends by itself */
};

/* A helper that gets the processor late does not ask for it more often than it gets it: with hundreds of them, that would
 * be all that the machine does. */
static void doze_and_learn(struct rhythm *rhythm, uint64_t pause_ns)
{
    uint64_t asked_ns = pause_ns > rhythm->least_pause_ns ? pause_ns : rhythm->least_pause_ns;
    uint64_t begin_ns = tri_clock_ns();
    doze(asked_ns);
    uint64_t slept_ns = tri_clock_ns() - begin_ns;
    bool is_late = slept_ns > asked_ns + 3 * pause_ns;
    rhythm->least_pause_ns = is_late ? tri_sooner_ns(slept_ns, TRI_HELPER_LATER_NS) : asked_ns / 2;
}

/* Sleeps for about the pause, and sets the next. */
static void pause_for_a_while(struct tri_helper *helper, struct rhythm *rhythm)
{
    uint64_t pause_ns = rhythm->pause_ns;
    if (pause_ns >= TRI_HELPER_LATER_NS && may_sleep(helper, TRI_HELPER_PARKED)) {
        sleep_in(helper, TRI_HELPER_PARKED, TRI_NEVER);
        rhythm->pause_ns = TRI_HELPER_SOON_NS;
        return;
    }
    rhythm->pause_ns = longer(pause_ns);
    if (rhythm->in_stream >= TRI_HELPER_STREAM_LOOKS)
        doze_and_learn(rhythm, TRI_HELPER_STREAM_NS);
    else if (pause_ns == TRI_HELPER_SOON_NS || !may_sleep(helper, TRI_HELPER_FOR_LONG))
        doze_and_learn(rhythm, TRI_HELPER_SOON_NS);
    else if (sleep_in(helper, TRI_HELPER_FOR_LONG, pause_ns))
        rhythm->pause_ns = TRI_HELPER_SOON_NS;
}

/* Takes the turn when that is needed, and looks in any case once in a while. */
static void help_if_needed(struct tri_helper *helper, struct rhythm *rhythm)
{
    uint64_t now_ns = tri_clock_ns();
    enum tri_helper_need need = helper->need(helper->context);
    bool is_due =
        need >= TRI_HELPER_WATCHES && now_ns - rhythm->looked_ns >= TRI_HELPER_LATER_NS / 2;
    bool is_close = need == TRI_HELPER_IS_CLOSE;
    rhythm->in_stream = is_close ? rhythm->in_stream + 1 : 0;
    if (is_close)
        rhythm->pause_ns = TRI_HELPER_SOON_NS;
    if ((need != TRI_HELPER_IS_NEEDED && !is_due) || !tri_turn_try(&helper->turn))
        return;
    rhythm->looked_ns = now_ns;
    if (helper->help(helper->context))
        rhythm->pause_ns = TRI_HELPER_SOON_NS;
    tri_turn_give_back(&helper->turn);
}

static void *run(void *at)
{
    struct tri_helper *helper = at;
    struct rhythm rhythm = {.pause_ns = TRI_HELPER_SOON_NS};
    while (!atomic_load(&helper->is_stopping)) {
        pause_for_a_while(helper, &rhythm);
        help_if_needed(helper, &rhythm);
    }
    return NULL;
}

/* No signal is the helper's: the program's handlers run in the actor's own thread. */
static int start_thread(struct tri_helper *helper)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    int r = pthread_attr_init(&attributes);
    if (r)
        return -r;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&helper->thread, &attributes, run, helper);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -r;
}

bool tri_helper_start(struct tri_helper *helper)
{
    if (helper->is_started || helper->has_failed)
        return helper->is_started;
    atomic_store(&helper->sleep, TRI_HELPER_AWAKE);
    int r = tri_turn_prepare();
    if (r == 0)
        r = start_thread(helper);
    if (r)
        tri_debug("no helper thread: %s", tr_strerror(r));
    helper->is_started = r == 0;
    helper->has_failed = r != 0;
    return helper->is_started;
}

void tri_helper_wake(struct tri_helper *helper)
{
    if (!helper->is_started)
        return;
    atomic_store(&helper->sleep, TRI_HELPER_AWAKE);
    syscall(SYS_futex, &helper->sleep, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void tri_helper_stop(struct tri_helper *helper)
{
    if (!helper->is_started)
        return;
    atomic_store(&helper->is_stopping, true);
    tri_helper_wake(helper);
    pthread_join(helper->thread, NULL);
    helper->is_started = false;
}
