/* Plan: two queues and a window. */
#include "map/plan.h"

/* How much work a worker may be ahead. */
#define AHEAD_NS UINT64_C(2000000)
/* So many workers may have died before they read a job and before they answered any other, and it is not to blame. */
#define UNREAD_MAX 2

void map_plan_init(struct map_plan *plan, unsigned retries, unsigned max_window)
{
    *plan = (struct map_plan){.retries = retries, .max_window = max_window};
    TAILQ_INIT(&plan->waiting);
}

void map_hand_init(struct map_hand *hand)
{
    *hand = (struct map_hand){.window = 1};
    TAILQ_INIT(&hand->jobs);
}

/* New jobs come in their order, so this looks at one; those that come back are few, and belong to the front. */
static void insert(struct map_plan *plan, struct map_job *job)
{
    struct map_job *last = TAILQ_LAST(&plan->waiting, map_jobs), *each;
    plan->count++;
    plan->size_bytes += job->size_bytes;
    plan->suspects += job->is_suspect;
    if (!last || last->number < job->number) {
        TAILQ_INSERT_TAIL(&plan->waiting, job, of_queue);
        return;
    }
    TAILQ_FOREACH(each, &plan->waiting, of_queue)
        if (each->number > job->number)
            break;
    TAILQ_INSERT_BEFORE(each, job, of_queue);
}

void map_plan_add(struct map_plan *plan, struct map_job *job) { insert(plan, job); }

/* The first one that may stand beside what the hand has. */
static struct map_job *fitting(const struct map_plan *plan, const struct map_hand *hand)
{
    struct map_job *job = TAILQ_FIRST(&plan->waiting);
    if (hand->count == 0)
        return job;
    if (TAILQ_FIRST(&hand->jobs)->is_suspect || plan->suspects == plan->count)
        return NULL;
    while (job && job->is_suspect)
        job = TAILQ_NEXT(job, of_queue);
    return job;
}

struct map_job *map_plan_give(struct map_plan *plan, struct map_hand *hand, uint64_t now_ns)
{
    struct map_job *job = hand->count < hand->window ? fitting(plan, hand) : NULL;
    if (!job)
        return NULL;
    TAILQ_REMOVE(&plan->waiting, job, of_queue);
    plan->count--;
    plan->size_bytes -= job->size_bytes;
    plan->suspects -= job->is_suspect;
    if (hand->count == 0)
        hand->since_ns = now_ns;
    TAILQ_INSERT_TAIL(&hand->jobs, job, of_queue);
    hand->count++;
    job->tries++;
    return job;
}

static unsigned window_for(const struct map_plan *plan, uint64_t mean_ns)
{
    uint64_t fit = mean_ns ? AHEAD_NS / mean_ns : plan->max_window;
    return fit < 1 ? 1 : fit > plan->max_window ? plan->max_window : (unsigned)fit;
}

static struct map_job *take_first(struct map_hand *hand)
{
    struct map_job *job = TAILQ_FIRST(&hand->jobs);
    if (job) {
        TAILQ_REMOVE(&hand->jobs, job, of_queue);
        hand->count--;
    }
    return job;
}

struct map_job *map_plan_answered(const struct map_plan *plan, struct map_hand *hand,
                                  uint64_t now_ns)
{
    struct map_job *job = take_first(hand);
    if (!job)
        return NULL;
    uint64_t took_ns = now_ns - hand->since_ns;
    hand->mean_ns = hand->answers++ ? (7 * hand->mean_ns + took_ns) / 8 : took_ns;
    hand->window = window_for(plan, hand->mean_ns);
    hand->since_ns = now_ns;
    return job;
}

/* A worker that has answered has cost nobody anything. Who is born and dies again and again would do so for ever. */
static unsigned excused(const struct map_hand *hand, unsigned unread)
{
    struct map_job *first = TAILQ_FIRST(&hand->jobs);
    if (unread < hand->count || unread == 0 || hand->answers > 0)
        return unread;
    return ++first->unread > UNREAD_MAX ? unread - 1 : unread;
}

struct map_job *map_plan_died(struct map_plan *plan, struct map_hand *hand, bool is_blamed,
                              unsigned unread)
{
    struct map_job *job, *blamed = NULL;
    unsigned read = is_blamed ? hand->count - excused(hand, unread) : 0;
    bool is_certain = read == 1;
    for (unsigned i = 0; (job = take_first(hand)); i++) {
        bool was_read = i < read;
        job->is_suspect |= was_read;
        job->tries -= !was_read;
        job->deaths += was_read && is_certain;
        if (was_read && is_certain && job->deaths > plan->retries)
            blamed = job;
        else
            insert(plan, job);
    }
    return blamed;
}
