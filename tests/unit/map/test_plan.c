/* Plan: a hundred thousand runs of a few workers, which read on, keep answers back, and die of some of their jobs. Whatever
 * happens, each job ends once, and who is blamed is guilty. The seed is printed; TROUPE_STORM_SEED gives it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "map/plan.h"

enum { RUNS = 100000, JOBS_MAX = 40, WORKERS_MAX = 4 };

static uint64_t seed, state_of_chance;
static unsigned run;

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
            fail_msg("seed %llu, run %u: %s", (unsigned long long)seed, run, #claim);              \
    } while (0)

/* One run: which jobs kill, and what has come of each. */
static struct {
    struct map_plan plan;
    struct map_hand hands[WORKERS_MAX];
    unsigned jobs, workers, ended;
    bool is_deadly[JOBS_MAX + 1], has_ended[JOBS_MAX + 1];
    uint64_t now_ns;
} world;

static struct map_job *new_job(uint64_t number)
{
    struct map_job *job = calloc(1, sizeof *job);
    assert_non_null(job);
    job->number = number;
    return job;
}

static void expect_ended_once(struct map_job *job)
{
    MUST(!world.has_ended[job->number]);
    world.has_ended[job->number] = true;
    world.ended++;
    free(job);
}

static void begin(void)
{
    map_plan_init(&world.plan, (unsigned)chance(3), 1 + (unsigned)chance(8));
    world.jobs = 1 + (unsigned)chance(JOBS_MAX);
    world.workers = 1 + (unsigned)chance(WORKERS_MAX);
    world.ended = 0;
    for (unsigned i = 0; i < world.workers; i++)
        map_hand_init(&world.hands[i]);
    for (unsigned number = 1; number <= world.jobs; number++) {
        world.is_deadly[number] = chance(6) == 0;
        world.has_ended[number] = false;
        map_plan_add(&world.plan, new_job(number));
    }
}

/* The first job in hand that kills, as the worker comes to it, or NULL. */
static const struct map_job *first_deadly(const struct map_hand *hand)
{
    const struct map_job *job;
    TAILQ_FOREACH(job, &hand->jobs, of_queue)
        if (world.is_deadly[job->number])
            return job;
    return NULL;
}

static void die(struct map_hand *hand, bool is_blamed, unsigned unread)
{
    unsigned read = hand->count - unread;
    struct map_job *blamed = map_plan_died(&world.plan, hand, is_blamed, unread);
    MUST(hand->count == 0);
    if (!blamed)
        return;
    MUST(is_blamed);
    MUST(read == 1);
    MUST(world.is_deadly[blamed->number]);
    MUST(blamed->deaths == world.plan.retries + 1);
    expect_ended_once(blamed);
}

/* It works up to the first that kills, has read some of what stands behind that, and gives some of the answers that it has. */
static void live(struct map_hand *hand)
{
    const struct map_job *deadly = first_deadly(hand);
    unsigned answers = 0, unread;
    const struct map_job *job;
    TAILQ_FOREACH(job, &hand->jobs, of_queue) {
        if (job == deadly)
            break;
        answers++;
    }
    unread = deadly ? (unsigned)chance(hand->count - answers) : 0;
    if (deadly && answers)
        answers = (unsigned)chance(answers + 1); /* the rest dies with it, in its buffer */
    while (answers-- > 0) {
        world.now_ns += chance(3000000);
        struct map_job *done = map_plan_answered(&world.plan, hand, world.now_ns);
        MUST(done && !world.is_deadly[done->number]);
        expect_ended_once(done);
    }
    if (deadly)
        die(hand, true, unread);
}

static void give(struct map_hand *hand)
{
    struct map_job *job, *first = TAILQ_FIRST(&hand->jobs);
    while ((job = map_plan_give(&world.plan, hand, world.now_ns))) {
        MUST(!job->is_suspect || hand->count == 1);
        MUST(!first || !first->is_suspect);
        first = first ? first : job;
        MUST(hand->count <= hand->window && hand->window <= world.plan.max_window);
        if (chance(4) == 0)
            break;
    }
}

static void each_job_ends_once_and_who_is_blamed_is_guilty(void **state)
{
    (void)state;
    for (run = 0; run < RUNS; run++) {
        begin();
        for (unsigned steps = 0; world.ended < world.jobs; steps++) {
            struct map_hand *hand = &world.hands[chance(world.workers)];
            MUST(steps < 100000);
            switch (chance(8)) {
            case 0: /* killed by somebody, for nothing that its jobs have done */
                die(hand, false, 0);
                break;
            case 4: /* it dies by itself when it has answered, and what it has been given since it has not read */
                if (hand->answers)
                    die(hand, true, hand->count);
                break;
            case 1:
            case 2:
            case 3:
                give(hand);
                break;
            default:
                live(hand);
            }
        }
        MUST(world.plan.count == 0 && world.plan.suspects == 0);
        for (unsigned number = 1; number <= world.jobs; number++)
            MUST(world.has_ended[number]);
    }
}

static void fast_workers_get_more_at_once_and_slow_ones_one(void **state)
{
    (void)state;
    struct map_plan plan;
    struct map_hand fast, slow;
    map_plan_init(&plan, 0, 64);
    map_hand_init(&fast);
    map_hand_init(&slow);
    for (uint64_t number = 1; number <= 200; number++)
        map_plan_add(&plan, new_job(number));
    for (uint64_t i = 0; i < 50; i++) {
        assert_non_null(map_plan_give(&plan, &fast, i * 10000));
        free(map_plan_answered(&plan, &fast, i * 10000 + 10000)); /* 10 us each */
        assert_non_null(map_plan_give(&plan, &slow, i * 5000000));
        free(map_plan_answered(&plan, &slow, i * 5000000 + 5000000)); /* 5 ms each */
    }
    assert_int_equal(fast.window, 64);
    assert_int_equal(slow.window, 1);
    struct map_job *job;
    while ((job = TAILQ_FIRST(&plan.waiting))) {
        TAILQ_REMOVE(&plan.waiting, job, of_queue);
        free(job);
    }
}

static void who_never_reads_anything_is_blamed_in_the_end(void **state)
{
    (void)state;
    struct map_plan plan;
    struct map_job *blamed = NULL;
    unsigned lives = 0;
    map_plan_init(&plan, 1, 64);
    map_plan_add(&plan, new_job(1));
    while (!blamed && lives < 100) {
        struct map_hand hand;
        map_hand_init(&hand);
        assert_non_null(map_plan_give(&plan, &hand, 0));
        blamed = map_plan_died(&plan, &hand, true, 1);
        lives++;
    }
    assert_non_null(blamed);
    assert_int_equal(lives, 4); /* two that are forgiven, the first try and the second one */
    assert_int_equal(blamed->tries, 2);
    free(blamed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_job_ends_once_and_who_is_blamed_is_guilty),
        cmocka_unit_test(fast_workers_get_more_at_once_and_slow_ones_one),
        cmocka_unit_test(who_never_reads_anything_is_blamed_in_the_end),
    };
    const char *given = getenv("TROUPE_STORM_SEED");
    seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) ^ (uint64_t)getpid() << 20;
    state_of_chance = seed | 1;
    printf("seed %llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
