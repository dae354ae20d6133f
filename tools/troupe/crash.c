/* Crash: one report, and what can be asked of it. Nothing in it is believed: it may be any file. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "coroner/report.h"
#include "crashes.h"
#include "term/utf8.h"

static const uint8_t empty_map[] = {116, 0, 0, 0, 0};

int crash_read(const char *id, struct crash *ret_crash)
{
    TRI_AUTO(tri_freep) char *text = NULL;
    struct crash crash = {.report = {empty_map, sizeof empty_map}};
    size_t size_bytes;
    int r = tri_store_read(id, &text, &size_bytes);
    if (r && r != TR_TOO_LARGE)
        return r;
    if (r == 0)
        r = strlen(text) == size_bytes ? tri_report_parse(text, &crash.out) : TR_MALFORMED;
    if (r == 0)
        crash.report = tr_out_term(&crash.out);
    else if (r == -ENOMEM)
        return r;
    snprintf(crash.id, sizeof crash.id, "%s", id);
    *ret_crash = crash;
    return r ? TR_MALFORMED : 0;
}

void crash_deinit(struct crash *crash) { tr_out_deinit(&crash->out); }

bool crash_find(tr_term map, const char *key, tr_term *ret_value)
{
    return tr_kind_of(map) == TR_KIND_MAP && tr_map_get_atom(map, key, ret_value);
}

bool crash_is_true(tr_term map, const char *key)
{
    tr_term value;
    return crash_find(map, key, &value) && tr_is_atom(value, "true");
}

bool crash_number(tr_term map, const char *key, uint64_t *ret_number)
{
    tr_term value;
    return crash_find(map, key, &value) && tr_get_unsigned(value, ret_number);
}

/* ---------------------------------------------------------------- text */

/* The length of the character at `at`, 0 when it would spoil a terminal: bytes that are no UTF-8, and control characters of
 * either kind. */
static unsigned harmless(const uint8_t *at, const uint8_t *end)
{
    uint32_t character = 0;
    unsigned n = tri_utf8_decode(at, end, &character);
    return character < 0x20 || (character >= 0x7f && character < 0xa0) ? 0 : n;
}

void crash_write(FILE *to, const char *text, size_t size_bytes)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + size_bytes;
    while (at < end) {
        unsigned n = harmless(at, end);
        if (n > 0)
            fwrite(at, 1, n, to);
        else
            fputs(*at == '\t' ? "    " : *at == '\n' ? " " : "\xc2\xb7", to);
        at += n ? n : 1;
    }
}

void crash_write_term(FILE *to, tr_term term)
{
    TRI_AUTO(tri_freep) char *text = tr_print_new(term);
    if (text)
        crash_write(to, text, strlen(text));
}

/* Copies what is harmless, as much as there is room for. */
static char *copy(const void *data, size_t size_bytes, char *buffer, size_t room)
{
    const uint8_t *at = data, *end = at + size_bytes;
    size_t length = 0;
    while (at < end && length + TRI_UTF8_MAX_BYTES < room) {
        unsigned n = harmless(at, end);
        memcpy(buffer + length, n ? (const void *)at : "?", n ? n : 1);
        length += n ? n : 1;
        at += n ? n : 1;
    }
    buffer[length] = '\0';
    return buffer;
}

char *crash_text(tr_term map, const char *key, char *buffer, size_t size_bytes)
{
    char atom_text[TR_ATOM_MAX_BYTES + 1];
    tr_term value;
    tr_bin binary;
    tr_atom atom;
    buffer[0] = '\0';
    if (!crash_find(map, key, &value))
        return buffer;
    if (tr_get_binary(value, &binary))
        return copy(binary.data, binary.size_bytes, buffer, size_bytes);
    if (tr_get_atom(value, &atom))
        return copy(atom_text, tr_atom_text(atom, atom_text, sizeof atom_text), buffer, size_bytes);
    return buffer;
}

bool crash_is_of_node(const struct crash *crash, const char *node)
{
    char text[512];
    if (!node)
        return true;
    crash_text(crash->report, "node", text, sizeof text);
    if (!strchr(node, '@'))
        text[strcspn(text, "@")] = '\0';
    return strcmp(text, node) == 0;
}

/* ---------------------------------------------------------------- reason and time */

static void append(char *buffer, size_t size_bytes, const char *text)
{
    size_t length = strlen(buffer);
    snprintf(buffer + length, size_bytes - length, "%s%s", length ? " " : "", text);
}

/* The words of {signal, sigsegv, #{code => segv_maperr}} without those that only say what kind of words follow. */
static void append_words(struct tr_iter *elements, char *buffer, size_t size_bytes)
{
    tr_term each;
    while (tr_next(elements, &each)) {
        char word[TR_ATOM_MAX_BYTES + 1], clean[128];
        struct tr_iter map;
        if (tr_get_map(each, &map)) {
            crash_text(each, "code", clean, sizeof clean);
            if (clean[0])
                append(buffer, size_bytes, clean);
        } else if (!tr_is_atom(each, "signal")) {
            size_t length = tr_print(each, word, sizeof word);
            append(
                buffer, size_bytes,
                copy(word, length < sizeof word ? length : sizeof word - 1, clean, sizeof clean));
        }
    }
}

char *crash_why(tr_term report, char *buffer, size_t size_bytes)
{
    struct tr_iter elements;
    tr_term reason;
    char text[512];
    buffer[0] = '\0';
    if (!crash_find(report, "reason", &reason))
        return buffer;
    if (tr_get_tuple(reason, &elements)) {
        append_words(&elements, buffer, size_bytes);
        return buffer;
    }
    size_t length = tr_print(reason, text, sizeof text);
    return copy(text, length < sizeof text ? length : sizeof text - 1, buffer, size_bytes);
}

uint64_t crash_time_s(tr_term report)
{
    char text[64];
    struct tm utc = {0};
    const char *end =
        strptime(crash_text(report, "time", text, sizeof text), "%Y-%m-%dT%H:%M:%S", &utc);
    time_t seconds = end ? timegm(&utc) : 0;
    return seconds > 0 ? (uint64_t)seconds : 0;
}

char *crash_when(tr_term report, char *buffer, size_t size_bytes)
{
    time_t seconds = (time_t)crash_time_s(report);
    struct tm here;
    if (seconds == 0 || !localtime_r(&seconds, &here) ||
        strftime(buffer, size_bytes, "%Y-%m-%d %H:%M:%S", &here) == 0)
        buffer[0] = '\0';
    return buffer;
}
