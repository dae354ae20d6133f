/* Policy in a storm: a million supervisors, each with a random life, judged by what must hold whatever happens: nobody is
 * started who lives, or twice; order is kept; no more restarts than are allowed; and it always comes to an end.
 *
 * The seed is printed; TROUPE_STORM_SEED gives it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy_world.h"

enum { LIVES = 1000000, BEGINNERS_MAX = 5, EVENTS_MAX = 12, RESTARTS_MAX = 64 };

static struct world world;
static uint64_t seed, state_of_chance;
static unsigned life;
static const char *last_event = "";

/* What the judge knows of its own. */
static struct {
    uint64_t restarts_at_ns[RESTARTS_MAX]; /* that counted */
    unsigned restarts;
    bool must_give_up, must_shut_down;
    unsigned last_started, last_stopped; /* numbers, of what this event has led to */
    unsigned cause;                      /* who died, or is tried again; 0: nobody */
} judge;

static uint64_t chance(uint64_t below)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return state_of_chance % below;
}

#define MUST(claim)                                                                                \
    do {                                                                                           \
        if (!(claim))                                                                              \
            fail_msg("seed %llu, life %u, strategy %d, after %s (%s): %s",                         \
                     (unsigned long long)seed, life, world.policy.strategy, last_event,            \
                     world.trace, #claim);                                                         \
    } while (0)

/* ---------------------------------------------------------------- the judge */

static unsigned count_living(void)
{
    unsigned count = 0;
    for (int i = 0; i < WORLD_MAX; i++)
        count += world.beings[i].is_there &&
                 (world.beings[i].is_alive || world.beings[i].is_being_started);
    return count;
}

static bool is_grouped(void)
{
    return world.policy.strategy == TR_ONE_FOR_ALL || world.policy.strategy == TR_REST_FOR_ONE;
}

static void judge_start(const struct being *being)
{
    MUST(being->is_there && !being->is_alive && !being->is_being_started);
    MUST(being->child.restart != TR_TEMPORARY || being->starts == 0 || being->fate == '#' ||
         being->child.cause != TRI_START_RESTART);
    MUST(world.policy.phase != TRI_PHASE_ENDING);
    if (!tri_policy_is_ordered(&world.policy))
        return;
    if (judge.last_started)
        MUST(judge.last_started < being->number);
    if (!judge.last_started && world.policy.strategy == TR_ONE_FOR_ALL &&
        being->child.cause == TRI_START_RESTART)
        MUST(count_living() == 0);
    if (world.policy.strategy == TR_ONE_FOR_ONE && judge.cause)
        MUST(being->number == judge.cause);
    judge.last_started = being->number;
}

static void judge_stop(const struct being *being)
{
    MUST(being->is_there && (being->is_alive || being->is_being_started));
    MUST(!being->is_being_stopped);
    if (!tri_policy_is_ordered(&world.policy))
        return;
    MUST(judge.last_started == 0 || world.policy.phase == TRI_PHASE_ENDING);
    if (judge.last_stopped)
        MUST(judge.last_stopped > being->number);
    if (judge.cause && world.policy.phase != TRI_PHASE_ENDING) {
        MUST(is_grouped());
        if (world.policy.strategy == TR_REST_FOR_ONE)
            MUST(being->number > judge.cause);
    }
    judge.last_stopped = being->number;
}

static void look(struct world *of, const struct tri_action *action)
{
    const struct being *being = (const struct being *)action->child;
    (void)of;
    MUST(!world.has_ended);
    if (action->kind == TRI_DO_START)
        judge_start(being);
    else if (action->kind == TRI_DO_STOP)
        judge_stop(being);
    else if (action->kind == TRI_DO_END)
        MUST(count_living() == 0);
    else if (action->kind == TRI_DO_FORGET)
        MUST(!being->is_alive && !being->is_being_started);
    else if (action->kind == TRI_DO_WAIT)
        MUST(!being->is_alive && !being->is_being_started);
}

/* One more restart that counts: is it one too many? */
static void count_restart(void)
{
    const struct tri_intensity *intensity = &world.policy.intensity;
    unsigned within = 0;
    judge.restarts_at_ns[judge.restarts++ % RESTARTS_MAX] = world.now_ns;
    MUST(judge.restarts < RESTARTS_MAX);
    for (unsigned i = 0; i < judge.restarts; i++)
        within += judge.restarts_at_ns[i] + intensity->period_ns >= world.now_ns;
    if (within > intensity->max)
        judge.must_give_up = true;
}

/* ---------------------------------------------------------------- events */

static struct being *any_of(bool (*is_one)(const struct being *))
{
    struct being *found[WORLD_MAX];
    unsigned count = 0;
    for (int i = 0; i < WORLD_MAX; i++)
        if (world.beings[i].is_there && is_one(&world.beings[i]))
            found[count++] = &world.beings[i];
    return count ? found[chance(count)] : NULL;
}

static bool runs(const struct being *being) { return being->is_alive && !being->is_being_stopped; }
static bool waits(const struct being *being) { return being->has_wait; }
static bool is_idle(const struct being *being) { return being->child.state == TRI_CHILD_IDLE; }
static bool starts(const struct being *being) { return being->is_being_started; }
static bool stops(const struct being *being) { return being->is_being_stopped; }
static bool may_be_stopped(const struct being *being)
{
    return being->child.state != TRI_CHILD_STARTING && being->child.state != TRI_CHILD_STOPPING;
}

static char any_fate(void) { return "+++++?!!#"[chance(9)]; }

static void make_fates(void)
{
    for (int i = 0; i < WORLD_MAX; i++)
        world.beings[i].fate = any_fate();
}

static void dies(struct being *being)
{
    enum tri_death death = chance(2) ? TRI_DEATH_PLANNED : TRI_DEATH_UNPLANNED;
    enum tr_restart restart = being->child.restart;
    last_event = "a death";
    judge.cause = being->number;
    if (restart == TR_PERMANENT || (restart == TR_TRANSIENT && death == TRI_DEATH_UNPLANNED))
        count_restart();
    else if (being->child.is_significant && world.policy.auto_shutdown == TR_ANY_SIGNIFICANT)
        judge.must_shut_down = true;
    world_die(&world, being, death);
}

static void is_tried_again(struct being *being)
{
    bool is_due = being->child.state == TRI_CHILD_WAITING && being->attempt == being->child.attempt;
    last_event = "a wait";
    if (world.now_ns < being->due_ns)
        world.now_ns = being->due_ns;
    judge.cause = is_due && being->child.cause != TRI_START_FIRST ? being->number : 0;
    if (is_due && being->child.cause != TRI_START_FIRST && being->child.next_counts)
        count_restart();
    world_again(&world, being);
}

static void is_born(void)
{
    struct being *being = world_add(&world, (enum tr_restart)chance(3));
    last_event = "a new child";
    if (!being)
        return;
    being->fate = any_fate();
    being->child.is_significant = being->child.restart != TR_PERMANENT && chance(2);
    tri_policy_start(&world.policy, &being->child, TRI_START_NEW);
}

static void is_asked_to_end(void)
{
    last_event = "a request to end";
    tri_policy_end(&world.policy, TRI_END_ASKED);
}

/* Something happens. While it is busy nothing may but the end of what it is busy with. */
static void happen(void)
{
    struct being *being;
    uint64_t what = chance(10);
    judge.cause = judge.last_started = judge.last_stopped = 0;
    if (world.policy.has_no_room) {
        if (chance(4) == 0)
            is_asked_to_end();
        else if ((being = any_of(waits)))
            is_tried_again(being);
    } else if (what < 4 && (being = any_of(runs)))
        dies(being);
    else if (what == 4 && (being = any_of(waits)))
        is_tried_again(being);
    else if (what == 5)
        is_born();
    else if (what == 6 && (being = any_of(may_be_stopped))) {
        last_event = "a request to stop one";
        tri_policy_stop(&world.policy, &being->child);
    } else if (what == 7 && tri_policy_is_ordered(&world.policy) && (being = any_of(is_idle))) {
        last_event = "a request to start one, or to forget it";
        if (chance(2))
            tri_policy_start(&world.policy, &being->child, TRI_START_ASKED);
        else
            tri_policy_delete(&world.policy, &being->child);
    } else if (what == 8)
        world.now_ns += chance(4 * TRI_NS_PER_S);
    else if (what == 9 && chance(8) == 0)
        is_asked_to_end();
}

/* Where there is no order, starts and stops finish when they like. */
static void finish_some(unsigned in_ten)
{
    struct being *being;
    while (chance(10) < in_ten && (being = any_of(starts)) && !being->is_being_stopped)
        world_finish_start(&world, being);
    while (chance(10) < in_ten && (being = any_of(stops)))
        world_finish_stop(&world, being);
}

/* ---------------------------------------------------------------- a life */

static void carry_out(void)
{
    unsigned most = 4 * (WORLD_MAX + 1);
    MUST(world_act(&world) <= most);
    if (judge.must_give_up)
        MUST(world.policy.phase >= TRI_PHASE_ENDING && world.policy.end == TRI_END_GAVE_UP);
    else
        MUST(world.policy.phase < TRI_PHASE_ENDING || world.policy.end != TRI_END_GAVE_UP);
    if (judge.must_shut_down)
        MUST(world.policy.phase >= TRI_PHASE_ENDING);
    if (tri_policy_is_ordered(&world.policy)) {
        MUST(world.policy.busy == 0);
        MUST(world.has_ended == (world.policy.phase >= TRI_PHASE_ENDING));
    }
}

static void begin(void)
{
    memset(&judge, 0, sizeof judge);
    world_init(&world, (enum tr_strategy)(life % 5), (uint32_t)chance(4));
    world.look = look;
    world.policy.auto_shutdown = (enum tr_auto_shutdown)chance(3);
    if (tri_policy_is_ordered(&world.policy))
        for (uint64_t left = chance(BEGINNERS_MAX + 1); left > 0; left--) {
            struct being *being = world_add(&world, (enum tr_restart)chance(3));
            being->child.is_significant = being->child.restart != TR_PERMANENT && chance(2);
            being->child.backoff.min_ms = chance(4) ? 0 : 500;
            if (chance(4) == 0)
                being->fate = any_fate();
        }
    last_event = "the beginning";
    tri_policy_begin(&world.policy);
    carry_out();
}

/* Whatever there is, an end that is asked for comes. */
static void end(void)
{
    if (world.policy.phase < TRI_PHASE_ENDING) {
        judge.cause = judge.last_started = judge.last_stopped = 0;
        is_asked_to_end();
        carry_out();
    }
    for (int i = 0; i < 100 && !world.has_ended; i++) {
        finish_some(9);
        world_act(&world);
    }
    MUST(world.has_ended && count_living() == 0);
}

static void a_million_random_lives_keep_the_rules(void **state)
{
    (void)state;
    const char *given = getenv("TROUPE_STORM_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    seed = given ? strtoull(given, NULL, 10)
                 : (uint64_t)now.tv_nsec * 1000003u + (uint64_t)getpid() + 1;
    state_of_chance = seed ? seed : 1;
    printf("seed %llu\n", (unsigned long long)seed);
    for (life = 0; life < LIVES; life++) {
        begin();
        for (uint64_t left = chance(EVENTS_MAX); left > 0 && !world.has_ended; left--) {
            world.trace[0] = '\0';
            if (chance(4) == 0)
                make_fates();
            if (world.policy.phase < TRI_PHASE_ENDING)
                happen();
            carry_out();
            if (!tri_policy_is_ordered(&world.policy)) {
                finish_some(6);
                carry_out();
            }
        }
        end();
        tri_policy_deinit(&world.policy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_random_lives_keep_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
