/* Step: the terms of a step lie here, in one place for the process, because a process runs one behaviour and a callback
 * returns its step at once. */
#include "behaviour/step.h"

static struct tr_out reply, reason, argument;

/* The number of the last step that got a term. A step that is older would come with the terms of another. */
static uint32_t last_number;

static bool has_terms(const struct tr_step *step)
{
    return step->has_reply || step->has_continue || step->kind == TR_STEP_STOP;
}

static bool is_stale(const struct tr_step *step)
{
    return has_terms(step) && (step->number == 0 || step->number != last_number);
}

static void write(struct tr_step *step, struct tr_out *out, struct tri_pattern **cache,
                  const char *pattern, struct tr_holes holes)
{
    if (!is_stale(step)) {
        last_number += last_number == UINT32_MAX ? 2 : 1;
        step->number = last_number;
    }
    tr_out_reset(out);
    if (tri_put(out, cache, pattern, holes)) {
        tr_out_reset(out);
        tr_put_atom(out, "term_lost"); /* no memory; the atom takes what the buffer has already */
    }
}

struct tr_step tri_step_reply(struct tri_pattern **cache, const char *pattern,
                              struct tr_holes holes)
{
    struct tr_step step = tri_step_of(TR_STEP_NOREPLY);
    write(&step, &reply, cache, pattern, holes);
    step.has_reply = true;
    return step;
}

struct tr_step tri_step_stop(struct tr_step step, struct tri_pattern **cache, const char *pattern,
                             struct tr_holes holes)
{
    write(&step, &reason, cache, pattern, holes);
    step.kind = TR_STEP_STOP;
    return step;
}

struct tr_step tri_step_continue(struct tr_step step, struct tri_pattern **cache,
                                 const char *pattern, struct tr_holes holes)
{
    write(&step, &argument, cache, pattern, holes);
    step.has_continue = true;
    step.has_timeout = false;
    return step;
}

/* ---------------------------------------------------------------- policy */

static const struct {
    const char *name;
    int arity;
} callbacks[TRI_CALLBACKS] = {
    [TRI_ON_INIT] = {"init", 1},
    [TRI_ON_CALL] = {"handle_call", 3},
    [TRI_ON_CAST] = {"handle_cast", 2},
    [TRI_ON_INFO] = {"handle_info", 2},
    [TRI_ON_CONTINUE] = {"handle_continue", 2},
};

const char *tri_callback_name(enum tri_callback callback) { return callbacks[callback].name; }

int tri_callback_arity(enum tri_callback callback) { return callbacks[callback].arity; }

bool tri_step_is_proper(const struct tr_step *step, enum tri_callback callback)
{
    bool is_init = callback == TRI_ON_INIT;
    if (is_stale(step) || (step->has_reply && callback != TRI_ON_CALL))
        return false;
    if (step->kind == TR_STEP_STOP)
        return true;
    if (step->kind == TR_STEP_OK)
        return is_init;
    if (step->kind == TR_STEP_IGNORE)
        return is_init && !step->has_continue && !step->has_timeout;
    return step->kind == TR_STEP_NOREPLY && !is_init;
}

/* ---------------------------------------------------------------- terms */

static void take(struct tr_out *from, struct tr_out *out)
{
    struct tr_out spare = *out;
    *out = *from;
    tr_out_reset(&spare);
    *from = spare;
}

tr_term tri_step_reply_term(void) { return tr_out_term(&reply); }

void tri_step_take_reason(struct tr_out *out) { take(&reason, out); }

void tri_step_take_continue(struct tr_out *out) { take(&argument, out); }

static void put_head(struct tr_out *out, const struct tr_step *step)
{
    static const char *const names[] = {
        [TR_STEP_OK] = "ok", [TR_STEP_IGNORE] = "ignore", [TR_STEP_NOREPLY] = "noreply"};
    if (step->kind == TR_STEP_STOP && step->has_reply)
        tr_put(out, "{stop, Reason, Reply}", tr_out_term(&reason), tr_out_term(&reply));
    else if (step->kind == TR_STEP_STOP)
        tr_put(out, "{stop, Reason}", tr_out_term(&reason));
    else if (step->has_reply)
        tr_put(out, "{reply, Reply}", tr_out_term(&reply));
    else if (step->kind >= TR_STEP_OK && step->kind < TR_STEP_STOP)
        tr_put_atom(out, names[step->kind]);
    else
        tr_put(out, "{step, Kind}", step->kind);
}

void tri_step_put(struct tr_out *out, const struct tr_step *step)
{
    if (is_stale(step)) {
        tr_put(out, "{step, stale}");
        return;
    }
    if (step->has_continue || step->has_timeout)
        tr_put_tuple_of(out, 2);
    put_head(out, step);
    if (step->has_continue)
        tr_put(out, "{continue, Argument}", tr_out_term(&argument));
    else if (step->has_timeout)
        tr_put_integer(out, step->timeout_ms);
}
