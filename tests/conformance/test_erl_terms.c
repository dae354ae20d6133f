/* Terms against Erlang itself: whatever we write it reads, whatever it writes we read, and both print the same.
 *
 * erl_terms.erl is the other side.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/skip.h"
#include "term/identity.h"
#include "unit/term/random_term.h"

enum {
    TERMS_OF_OURS = 3000,
    TERMS_OF_ERLANG = 2000,
    BROKEN_TERMS = 3000,
    ENCODINGS = 4,
    ANSWER_TIMEOUT_MS = 60000,
};

static struct {
    pid_t os_pid;
    int fd;
} erl;

struct answer {
    uint8_t *data;
    bool is_term;
    tr_term encodings[ENCODINGS];
    const char *text; /* not terminated */
    size_t text_length;
};

/* ---------------------------------------------------------------- talking to erl */

static void run_erl(int fd)
{
    char expression[4096];
    const char *source_dir = getenv("TROUPE_SOURCE_DIR");
    snprintf(expression, sizeof expression,
             "{ok, M, B} = compile:file(\"%s/tests/conformance/erl_terms\", [binary]), "
             "{module, M} = code:load_binary(M, \"erl_terms.erl\", B), M:main().",
             source_dir ? source_dir : ".");
    dup2(fd, STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    execlp("erl", "erl", "-noinput", "-boot", "start_clean", "+pc", "unicode", "-eval", expression,
           (char *)NULL);
    _exit(127);
}

static int start_erl(void **state)
{
    int pair[2];
    (void)state;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return -1;
    erl.os_pid = fork();
    if (erl.os_pid == 0)
        run_erl(pair[1]);
    close(pair[1]);
    erl.fd = pair[0];
    return erl.os_pid < 0 ? -1 : 0;
}

static int stop_erl(void **state)
{
    (void)state;
    close(erl.fd);
    kill(erl.os_pid, SIGKILL);
    return waitpid(erl.os_pid, NULL, 0) == erl.os_pid ? 0 : -1;
}

static void send_all(const void *data, size_t size)
{
    const uint8_t *at = data;
    while (size > 0) {
        ssize_t sent = send(erl.fd, at, size, MSG_NOSIGNAL);
        assert_true(sent > 0);
        at += sent;
        size -= (size_t)sent;
    }
}

static void receive_all(uint8_t *to, size_t size)
{
    while (size > 0) {
        struct pollfd readable = {.fd = erl.fd, .events = POLLIN};
        assert_int_equal(poll(&readable, 1, ANSWER_TIMEOUT_MS), 1);
        ssize_t received = read(erl.fd, to, size);
        assert_true(received > 0);
        to += received;
        size -= (size_t)received;
    }
}

static const uint8_t *take_part(const uint8_t *at, const uint8_t **ret_part, size_t *ret_size)
{
    *ret_size = tri_load32(at);
    *ret_part = at + 4;
    return at + 4 + *ret_size;
}

static uint32_t send_request(char request, const void *data, size_t size)
{
    uint8_t header[5], length[4];
    tri_store32(header, (uint32_t)size + 1);
    header[4] = (uint8_t)request;
    send_all(header, sizeof header);
    send_all(data, size);
    receive_all(length, sizeof length);
    return tri_load32(length);
}

/* Sends a request and takes its answer apart. The encodings have passed the validator. */
static void ask(char request, const void *data, size_t size, struct answer *ret_answer)
{
    uint32_t answer_size = send_request(request, data, size);
    ret_answer->data = malloc(answer_size);
    assert_non_null(ret_answer->data);
    receive_all(ret_answer->data, answer_size);
    ret_answer->is_term = ret_answer->data[0];
    if (!ret_answer->is_term)
        return;
    const uint8_t *at = ret_answer->data + 1, *part;
    size_t part_size;
    for (int i = 0; i < ENCODINGS; i++) {
        at = take_part(at, &part, &part_size);
        assert_int_equal(tr_check_external(part, part_size, NULL, &ret_answer->encodings[i]), 0);
    }
    take_part(at, &part, &ret_answer->text_length);
    ret_answer->text = (const char *)part;
}

static void ask_about(const struct tr_out *out, struct answer *ret_answer)
{
    struct tr_out external = {0};
    write_byte(&external, TRI_VERSION);
    tri_out_append(&external, out->data, out->size_bytes);
    ask('d', external.data, external.size_bytes, ret_answer);
    tr_out_deinit(&external);
}

static bool erlang_says_equal(const struct tr_out *one, const struct tr_out *other)
{
    struct tr_out both = {0};
    uint8_t is_equal;
    write_32(&both, (uint32_t)one->size_bytes + 1);
    write_byte(&both, TRI_VERSION);
    tri_out_append(&both, one->data, one->size_bytes);
    write_byte(&both, TRI_VERSION);
    tri_out_append(&both, other->data, other->size_bytes);
    assert_int_equal(send_request('e', both.data, both.size_bytes), 1);
    receive_all(&is_equal, 1);
    tr_out_deinit(&both);
    return is_equal;
}

/* ---------------------------------------------------------------- what a text can hold */

/* Kinds whose text is only for people; the text of identifiers of other nodes is not even Erlang's. */
static bool contains(tr_term term, bool (*is_wanted)(tr_term))
{
    struct tr_iter iter;
    tr_term element;
    if (is_wanted(term))
        return true;
    if (tr_get_tuple(term, &iter) || tr_get_list(term, &iter) || tr_get_map(term, &iter)) {
        while (tr_next(&iter, &element))
            if (contains(element, is_wanted))
                return true;
        return iter.has_tail && tr_kind_of(tr_tail(&iter)) != TR_KIND_LIST &&
               is_wanted(tr_tail(&iter));
    }
    return false;
}

static bool is_foreign(tr_term term)
{
    char text[512];
    enum tr_kind kind = tr_kind_of(term);
    if (kind != TR_KIND_PID && kind != TR_KIND_REF && kind != TR_KIND_PORT)
        return false;
    tr_print(term, text, sizeof text);
    return !strstr(text, "<0.");
}

static bool is_opaque(tr_term term)
{
    enum tr_kind kind = tr_kind_of(term);
    return is_foreign(term) || kind == TR_KIND_FUN || kind == TR_KIND_REF || kind == TR_KIND_PORT;
}

/* OTP prints a map of more than 32 pairs in another order than it encodes it. */
static bool is_large_map(tr_term term)
{
    struct tr_iter iter;
    return tr_get_map(term, &iter) && iter.left > 64;
}

/* OTP 25 prints the names in funs as Latin-1, whatever they are. */
static bool is_fun_with_strange_name(tr_term term)
{
    char text[512];
    if (tr_kind_of(term) != TR_KIND_FUN)
        return false;
    size_t length = tr_print(term, text, sizeof text);
    for (size_t i = 0; i < length; i++)
        if ((text[i] & 0x80) || text[i] == '\\')
            return true;
    return false;
}

static bool has_text_of_its_own(tr_term term)
{
    return is_foreign(term) || is_large_map(term) || is_fun_with_strange_name(term);
}

/* ---------------------------------------------------------------- what must hold */

/* The bytes as Erlang's shell takes them, for whoever looks into a failure. */
static void fail_with(const char *what, const struct tr_out *out)
{
    fprintf(stderr, "binary_to_term(<<131");
    for (size_t i = 0; i < out->size_bytes; i++)
        fprintf(stderr, ",%u", out->data[i]);
    fprintf(stderr, ">>).\n");
    fail_msg("%s", what);
}

static void same_text(const struct answer *answer)
{
    if (contains(answer->encodings[0], has_text_of_its_own))
        return;
    char *text = tr_print_new(answer->encodings[0]);
    assert_non_null(text);
    if (strlen(text) != answer->text_length || memcmp(text, answer->text, answer->text_length) != 0)
        fail_msg("ours   %s\n  theirs %.*s", text, (int)answer->text_length, answer->text);
    free(text);
}

static void text_can_be_read(const struct answer *answer)
{
    if (contains(answer->encodings[0], is_opaque))
        return;
    struct tr_out parsed = {0};
    char *text = strndup(answer->text, answer->text_length);
    const char *message = "";
    size_t error_at = 0;
    int r = tr_parse(text, &parsed, &error_at, &message);
    if (r)
        fail_msg("%s: %s at %zu: expected %s", text, tr_strerror(r), error_at, message);
    assert_true(tr_equal(tr_out_term(&parsed), answer->encodings[0]));
    tr_out_deinit(&parsed);
    free(text);
}

static void all_equal(tr_term term, const struct answer *answer)
{
    for (int i = 0; i < ENCODINGS; i++) {
        assert_true(tr_equal(term, answer->encodings[i]));
        assert_true(tr_equal(answer->encodings[i], term));
    }
}

static void erlang_reads_our_terms_and_sends_back_equal_ones(void **state)
{
    (void)state;
    struct random random = {1};
    for (int i = 0; i < TERMS_OF_OURS; i++) {
        struct tr_out out = {0};
        struct answer answer;
        tr_term term;
        write_term(&random, &out, 4);
        assert_int_equal(tr_check(out.data, out.size_bytes, NULL, &term), 0);
        ask_about(&out, &answer);
        if (!answer.is_term)
            fail_with("Erlang does not read it", &out);
        all_equal(term, &answer);
        same_text(&answer);
        text_can_be_read(&answer);
        free(answer.data);
        tr_out_deinit(&out);
    }
}

static void we_read_the_terms_that_erlang_makes(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= TERMS_OF_ERLANG; seed++) {
        uint8_t encoded_seed[4];
        struct answer answer, back;
        struct tr_out copy = {0};
        tri_store32(encoded_seed, seed);
        ask('g', encoded_seed, sizeof encoded_seed, &answer);
        all_equal(answer.encodings[0], &answer);
        same_text(&answer);
        text_can_be_read(&answer);
        assert_int_equal(tr_out_copy(&copy, answer.encodings[seed % ENCODINGS]), 0);
        ask_about(&copy, &back);
        all_equal(answer.encodings[0], &back);
        tr_out_deinit(&copy);
        free(answer.data);
        free(back.data);
    }
}

/* What Erlang accepts and we do not: documented in validate.c, and sent by nobody. The tags from 73 to 76 are for its
 * own memory. */
static bool is_known_difference(const struct tr_out *out)
{
    for (size_t i = 0; i < out->size_bytes; i++) {
        const uint8_t *at = out->data + i;
        size_t left = out->size_bytes - i;
        if (at[0] == TRI_FLOAT || at[0] == TRI_NEW_FUN || (at[0] >= 73 && at[0] <= 76) ||
            (at[0] == TRI_LIST && left >= 5 && tri_load32(at + 1) == 0) ||
            (at[0] == TRI_NEWER_REFERENCE && left >= 3 && tri_load16(at + 1) == 0))
            return true;
    }
    return false;
}

static void what_erlang_accepts_of_broken_terms_we_accept_as_the_same(void **state)
{
    (void)state;
    struct random random = {2};
    int accepted = 0;
    for (int i = 0; i < BROKEN_TERMS; i++) {
        struct tr_out out = {0};
        struct answer answer;
        tr_term term;
        write_term(&random, &out, 3);
        for (uint32_t left = 1 + random_below(&random, 2); left > 0; left--)
            out.data[random_below(&random, (uint32_t)out.size_bytes)] =
                (uint8_t)(random_below(&random, 2) ? 97 + random_below(&random, 25)
                                                   : random_next(&random));
        ask_about(&out, &answer);
        int r = tr_check(out.data, out.size_bytes, NULL, &term);
        if (answer.is_term && !is_known_difference(&out)) {
            if (r)
                fail_with("Erlang reads it, we do not", &out);
            all_equal(term, &answer);
            accepted++;
        }
        free(answer.data);
        tr_out_deinit(&out);
    }
    assert_true(accepted > BROKEN_TERMS / 10);
}

static bool is_fun(tr_term term) { return tr_kind_of(term) == TR_KIND_FUN; }

/* Breaks a byte of a copy: often the value changes, sometimes only the encoding. */
static void what_is_equal_for_erlang_is_equal_for_us(void **state)
{
    (void)state;
    struct random random = {3};
    int equal = 0, different = 0;
    for (int i = 0; i < BROKEN_TERMS; i++) {
        struct tr_out one = {0}, other = {0};
        tr_term left, right;
        write_term(&random, &one, 2);
        tr_out_copy(&other, tr_out_term(&one));
        other.data[random_below(&random, (uint32_t)other.size_bytes)] ^=
            (uint8_t)(1u << random_below(&random, 8));
        struct answer answer;
        ask_about(&other, &answer);
        assert_int_equal(tr_check(one.data, one.size_bytes, NULL, &left), 0);
        if (answer.is_term && tr_check(other.data, other.size_bytes, NULL, &right) == 0 &&
            !contains(left, is_fun)) {
            bool is_equal = erlang_says_equal(&one, &other);
            if (tr_equal(left, right) != is_equal)
                fail_with("Erlang thinks otherwise of this and its neighbour", &other);
            equal += is_equal;
            different += !is_equal;
        }
        free(answer.data);
        tr_out_deinit(&one);
        tr_out_deinit(&other);
    }
    assert_true(equal > 10 && different > 500);
}

static void what_we_write_by_values_is_what_term_to_binary_writes(void **state)
{
    (void)state;
    struct tr_out out = {0};
    struct answer answer;
    tr_term tail = {(const uint8_t *)"\x6b\0\1a", 4};
    tr_put(&out, "{ok, [A, B, C, D | T], #{k => V}, \"text\", F, Flag, []}", 255, 256, -1,
           INT64_MIN, tail, UINT64_MAX, 0.1, true);
    ask_about(&out, &answer);
    tr_term theirs = answer.encodings[3];
    assert_int_equal(out.size_bytes, theirs.size_bytes);
    assert_memory_equal(out.data, theirs.data, theirs.size_bytes);
    free(answer.data);
    tr_out_deinit(&out);
}

static void erlang_keeps_our_pids_and_references(void **state)
{
    (void)state;
    struct tr_out out = {0};
    struct answer answer;
    tr_pid pid = tr_pid_make(0xFFFFFFFF, 0xFFFFFFFE), pid_back;
    tr_ref ref = {pid, 0x3FFFFFFFFFFFF}, ref_back;
    tri_identity_set("stage@here", 0x9ABCDEF0);
    tr_put(&out, "{Pid, Ref}", pid, ref);
    ask_about(&out, &answer);
    for (int i = 0; i < ENCODINGS; i++) {
        assert_int_equal(tr_match(answer.encodings[i], "{Pid, Ref}", &pid_back, &ref_back), 0);
        assert_true(tr_pid_equal(pid_back, pid));
        assert_true(tr_ref_equal(ref_back, ref));
    }
    tri_identity_set("nonode@nohost", 0);
    free(answer.data);
    tr_out_deinit(&out);
}

int main(void)
{
    int skipped = skip_without("erl");
    if (skipped)
        return skipped;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_we_write_by_values_is_what_term_to_binary_writes),
        cmocka_unit_test(erlang_keeps_our_pids_and_references),
        cmocka_unit_test(erlang_reads_our_terms_and_sends_back_equal_ones),
        cmocka_unit_test(we_read_the_terms_that_erlang_makes),
        cmocka_unit_test(what_erlang_accepts_of_broken_terms_we_accept_as_the_same),
        cmocka_unit_test(what_is_equal_for_erlang_is_equal_for_us),
    };
    return cmocka_run_group_tests(tests, start_erl, stop_erl);
}
