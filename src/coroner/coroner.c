/* Coroner: one loop. Those questions for whose answer somebody waits come first; each report is begun before its answer,
 * and written after it. */
#include "coroner/coroner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/statedir.h"
#include "coroner/examine.h"
#include "coroner/relay.h"
#include "coroner/store.h"
#include "wire/control.h"
#include "wire/inquest.h"

/* So many questions are taken in at most before they are answered: further ones wait in the channel. */
#define QUESTIONS_MAX 128
/* No facts are longer. */
#define FACTS_BYTES ((uint64_t)16 << 20)
/* For so long the node may leave an answer unread. */
#define ANSWER_MS 1000

struct question {
    TAILQ_ENTRY(question) entry;
    struct tri_inquest head;
    uint8_t facts[];
};
TAILQ_HEAD(questions, question);

struct coroner {
    struct tri_coroner_options options;
    struct tri_examiner *examiner;
    struct tri_relay *relay;
    struct tri_store store;
    int store_fault; /* the last that the operator was told of */
    struct questions awaited, others;
    size_t question_count;
    bool is_over; /* the node has closed its end */
    struct {
        struct tri_inquest head;
        uint8_t body[TRI_INQUEST_BODY_BYTES];
    } packet;
};

/* ---------------------------------------------------------------- keeping */

/* Once for each kind of trouble: a thousand crashes are not to be a thousand lines. */
static void tell_fault(struct coroner *coroner, int r)
{
    char path[TRI_STATEDIR_BYTES];
    if (r == coroner->store_fault || r == -EDQUOT)
        return;
    coroner->store_fault = r;
    if (tri_statedir_path(TRI_STORE_PART, path))
        tri_warn("reports of crashes are not kept: neither TROUPE_STATE nor HOME says where");
    else if (r == TR_REFUSED)
        tri_warn("reports of crashes are not kept: %s is a link, another user's, or open to others",
                 path);
    else
        tri_warn("reports of crashes are not kept in %s: %s", path, strerror(-r));
}

static void keep(struct coroner *coroner, const struct tri_report *report,
                 struct tri_store_draft *draft)
{
    struct tr_out out = {0};
    tri_report_put(&out, report);
    TRI_AUTO(tri_freep) char *text = out.fault ? NULL : tri_report_text(tr_out_term(&out));
    tr_out_deinit(&out);
    int r = text ? tri_store_finish(&coroner->store, draft, text, strlen(text)) : -ENOMEM;
    if (!text)
        tri_store_drop(draft);
    if (r)
        tell_fault(coroner, r);
    else
        coroner->store_fault = 0;
}

/* ---------------------------------------------------------------- answering */

/* One that is too large to be sent is none: the node goes on without. */
static void answer(struct coroner *coroner, const struct question *question,
                   const struct tri_report *report)
{
    struct tr_out out = {0};
    struct tri_inquest head = question->head;
    tri_report_put_answer(&out, report);
    head.flags = 0;
    head.body_bytes = out.size_bytes;
    struct iovec parts[] = {{&head, sizeof head}, {out.data, out.size_bytes}};
    struct pollfd channel = {.fd = coroner->options.channel_fd, .events = POLLOUT};
    if (out.fault == 0 && out.size_bytes <= TRI_INQUEST_BODY_BYTES &&
        tri_fd_send(channel.fd, parts, 2, -1) == -EAGAIN && poll(&channel, 1, ANSWER_MS) > 0)
        tri_fd_send(channel.fd, parts, 2, -1);
    tr_out_deinit(&out);
}

/* What the relay has kept, unless the node has kept it itself. */
static tr_bin errors_of(struct coroner *coroner, uint64_t pid, tr_term facts)
{
    tr_term value;
    tr_bin errors;
    if (tr_map_get_atom(facts, "stderr", &value) && tr_get_binary(value, &errors))
        return errors;
    return coroner->relay ? tri_relay_last(coroner->relay, pid) : (tr_bin){"", 0};
}

static void deal_with(struct coroner *coroner, const struct question *question)
{
    struct tri_report report;
    struct tri_store_draft draft;
    char id[TRI_KEEPSAKE_ID_BYTES];
    tr_term facts;
    uint64_t pid = question->head.pid;
    if (tr_check(question->facts, question->head.body_bytes, NULL, &facts) ||
        tr_kind_of(facts) != TR_KIND_MAP)
        return;
    tri_examine(coroner->examiner, pid, facts, &report);
    int r = tri_store_name(report.time_ns, coroner->options.node, (tr_pid){pid}, id);
    /* Who is told an id is to find the report. */
    if (r == 0)
        r = tri_store_begin(&coroner->store, id, &draft);
    report.id = r == 0 ? id : NULL;
    answer(coroner, question, &report);
    if (r) {
        tell_fault(coroner, r);
        return;
    }
    tri_examine_rest(coroner->examiner, &report);
    report.errors = errors_of(coroner, pid, facts);
    keep(coroner, &report, &draft);
}

static void deal_with_next(struct coroner *coroner)
{
    struct questions *list = TAILQ_EMPTY(&coroner->awaited) ? &coroner->others : &coroner->awaited;
    TRI_AUTO(tri_freep) struct question *question = TAILQ_FIRST(list);
    TAILQ_REMOVE(list, question, entry);
    coroner->question_count--;
    deal_with(coroner, question);
}

/* ---------------------------------------------------------------- listening */

static void take_question(struct coroner *coroner, size_t packet_bytes, int passed_fd)
{
    const struct tri_inquest *head = &coroner->packet.head;
    bool is_in_file = head->flags & TRI_INQUEST_IN_FILE;
    size_t body_bytes = packet_bytes - sizeof *head;
    if (is_in_file ? passed_fd < 0 || head->body_bytes > FACTS_BYTES ||
                         !tri_body_file_is_sealed(passed_fd, head->body_bytes)
                   : head->body_bytes != body_bytes)
        return;
    struct question *question = malloc(sizeof *question + head->body_bytes);
    if (!question)
        return;
    question->head = *head;
    memcpy(question->facts, coroner->packet.body, is_in_file ? 0 : body_bytes);
    if (is_in_file && tri_fd_read_at(passed_fd, question->facts, head->body_bytes, 0) !=
                          (ssize_t)head->body_bytes) {
        free(question);
        return;
    }
    struct questions *list =
        head->flags & TRI_INQUEST_IS_AWAITED ? &coroner->awaited : &coroner->others;
    TAILQ_INSERT_TAIL(list, question, entry);
    coroner->question_count++;
}

static void take_packets(struct coroner *coroner)
{
    while (coroner->question_count < QUESTIONS_MAX) {
        TRI_AUTO(tri_fd_close) int passed_fd = -1;
        ssize_t n = tri_fd_receive(coroner->options.channel_fd, &coroner->packet,
                                   sizeof coroner->packet, &passed_fd);
        if (n == -EAGAIN || n == -EMSGSIZE)
            return;
        if (n <= 0) {
            coroner->is_over = true;
            return;
        }
        if ((size_t)n < sizeof coroner->packet.head)
            continue;
        if (coroner->packet.head.kind == TRI_INQUEST_DEATH) {
            take_question(coroner, (size_t)n, passed_fd);
        } else if (coroner->packet.head.kind == TRI_INQUEST_STDERR && coroner->relay &&
                   passed_fd >= 0) {
            tri_relay_add(coroner->relay, coroner->packet.head.pid, passed_fd);
            passed_fd = -1;
        }
    }
}

static void live(struct coroner *coroner)
{
    struct pollfd polls[] = {
        {.fd = coroner->options.channel_fd, .events = POLLIN},
        {.fd = coroner->relay ? tri_relay_fd(coroner->relay) : -1, .events = POLLIN},
    };
    while (!coroner->is_over || coroner->question_count > 0) {
        bool is_busy = coroner->question_count > 0;
        if (poll(polls, 2, is_busy ? 0 : -1) < 0 && errno != EINTR && errno != ENOMEM)
            return;
        if (!coroner->is_over && polls[0].revents)
            take_packets(coroner);
        if (coroner->question_count > 0)
            deal_with_next(coroner);
        if (polls[1].revents)
            tri_relay_work(coroner->relay);
        polls[0].fd = coroner->is_over ? -1 : coroner->options.channel_fd;
    }
    if (coroner->relay)
        tri_relay_work(coroner->relay);
}

_Noreturn void tri_coroner_run(const struct tri_coroner_options *options)
{
    struct coroner *coroner = calloc(1, sizeof *coroner);
    char who[128];
    snprintf(who, sizeof who, "coroner of %s", options->node);
    tri_log_init(who);
    signal(SIGPIPE, SIG_IGN); /* who reads our standard error may go */
    if (!coroner)
        _exit(1);
    coroner->options = *options;
    TAILQ_INIT(&coroner->awaited);
    TAILQ_INIT(&coroner->others);
    coroner->examiner = tri_examiner_new(options->boxes_fd, options->slots);
    coroner->relay = tri_relay_new();
    if (!coroner->examiner || tri_fd_set_nonblocking(options->channel_fd, true))
        _exit(1);
    live(coroner);
    /* Not exit: what the node's program has registered for its end is not ours to do. */
    _exit(0);
}
