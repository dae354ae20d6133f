/* Columns: the table of what is known, and how it is written. */
#include "column.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"

static struct value nothing(void) { return (struct value){.kind = VALUE_NONE}; }

static struct value text(const char *characters)
{
    return *characters ? (struct value){.kind = VALUE_TEXT, .text = characters} : nothing();
}

static struct value number(uint64_t n) { return (struct value){.kind = VALUE_NUMBER, .number = n}; }

static struct value real(double n) { return (struct value){.kind = VALUE_REAL, .real = n}; }

static struct value truth(bool is_so)
{
    return (struct value){.kind = VALUE_TRUTH, .truth = is_so};
}

#define VALUE_OF(name, expression)                                                                 \
    static struct value name(const struct sight *sight, char *scratch)                             \
    {                                                                                              \
        (void)scratch;                                                                             \
        return expression;                                                                         \
    }
/* What only the flight recorder knows, and what only a living process has. */
#define BOX_VALUE(field) VALUE_OF(of_##field, sight->has_box ? number(sight->field) : nothing())
#define LIFE(expression) (sight->is_dead ? nothing() : (expression))

VALUE_OF(of_name, text(sight->row.has_name ? sight->row.name : ""))
VALUE_OF(of_pid, text(sight->pid_text))
VALUE_OF(of_os_pid, sight->row.os_pid ? number((uint64_t)sight->row.os_pid) : nothing())
VALUE_OF(of_state, text(sight->state))
VALUE_OF(of_uptime, number(sight->uptime_ms))
VALUE_OF(of_restarts, number(sight->row.restarts))
VALUE_OF(of_rate, sight->has_box ? real(sight->messages_per_second) : nothing())
VALUE_OF(of_cpu_percent, LIFE(real(sight->cpu_percent)))
VALUE_OF(of_cpu_ms, LIFE(number(sight->kernel.cpu_ms)))
VALUE_OF(of_memory, LIFE(number(sight->kernel.memory_bytes)))
VALUE_OF(of_last_exit, text(sight->row.last_exit))
VALUE_OF(of_parent, text(sight->parent_text))
VALUE_OF(of_entry, text(sight->row.entry))
VALUE_OF(of_image, text(sight->image))
VALUE_OF(of_slot, number(tr_pid_slot(sight->pid)))
VALUE_OF(of_generation, number(tr_pid_generation(sight->pid)))
VALUE_OF(of_links, number(sight->row.links))
VALUE_OF(of_monitors, number(sight->row.monitors))
VALUE_OF(of_traps, sight->has_box ? truth(sight->traps_exits) : nothing())
VALUE_OF(of_uid, sight->row.flags &TRI_ROW_USER ? number(sight->row.user) : nothing())
VALUE_OF(of_is_guest, truth(sight->row.flags &TRI_ROW_GUEST))
VALUE_OF(of_in_hand_age, sight->in_hand_bytes ? number(sight->in_hand_age_ms) : nothing())
VALUE_OF(of_in_hand_bytes, sight->has_box ? number(sight->in_hand_bytes) : nothing())
VALUE_OF(of_oldest, sight->has_box && sight->mailbox ? number(sight->oldest_message_ms) : nothing())
VALUE_OF(of_max_messages, sight->bound.max_messages ? number(sight->bound.max_messages) : nothing())
VALUE_OF(of_max_bytes, sight->bound.max_bytes ? number(sight->bound.max_bytes) : nothing())
VALUE_OF(of_full, sight->full_ms ? number(sight->full_ms) : nothing())
BOX_VALUE(mailbox)
BOX_VALUE(mailbox_bytes)
BOX_VALUE(dropped)
BOX_VALUE(messages_in)
BOX_VALUE(messages_out)
BOX_VALUE(bytes_in)
BOX_VALUE(bytes_out)
BOX_VALUE(bad_frames)
BOX_VALUE(duplicates)
BOX_VALUE(dead_letters)
BOX_VALUE(heartbeat_age_ms)
BOX_VALUE(unpublished_bytes)

static struct value of_kind(const struct sight *sight, char *scratch)
{
    unsigned flags = sight->row.flags;
    (void)scratch;
    return text(flags & TRI_ROW_NODE    ? "node"
                : flags & TRI_ROW_GUEST ? "guest"
                : flags & TRI_ROW_ROOT  ? "root"
                                        : "actor");
}

static struct value of_behaviour(const struct sight *sight, char *scratch)
{
    (void)scratch;
    return text(sight->behaviour == TRI_BEHAVIOUR_SERVER       ? "server"
                : sight->behaviour == TRI_BEHAVIOUR_SUPERVISOR ? "supervisor"
                : sight->behaviour == TRI_BEHAVIOUR_PROGRAM    ? "program"
                                                               : "");
}

static struct value of_policy(const struct sight *sight, char *scratch)
{
    (void)scratch;
    if (!sight->bound.max_messages && !sight->bound.max_bytes)
        return nothing();
    return text(sight->bound.policy == TRI_POLICY_DROPS   ? "drops"
                : sight->bound.policy == TRI_POLICY_KILLS ? "kills"
                                                          : "waits");
}

static struct value of_in_hand_from(const struct sight *sight, char *scratch)
{
    if (!sight->in_hand_bytes || tr_pid_is_none(sight->in_hand_from))
        return nothing();
    return text(tr_pid_text(sight->in_hand_from, scratch));
}

/* The message in hand is what a crashing actor may have written over: it is checked like any other bytes. */
static struct value of_in_hand(const struct sight *sight, char *scratch)
{
    tr_term term;
    if (!sight->in_hand_bytes)
        return nothing();
    if (!sight->in_hand || tr_check(sight->in_hand, sight->in_hand_bytes, NULL, &term)) {
        snprintf(scratch, CELL_BYTES, "(%u bytes)", sight->in_hand_bytes);
        return text(scratch);
    }
    if (tr_print(term, scratch, CELL_BYTES) >= CELL_BYTES)
        strcpy(scratch + CELL_BYTES - 4, "...");
    return text(scratch);
}

const struct column columns[] = {
    {"NAME", "name", VALUE_TEXT, STYLE_NAME, 0.2, of_name,
     "its registered name; without one, its entry in parentheses"},
    {"PID", "pid", VALUE_TEXT, STYLE_PLAIN, 0, of_pid, "its pid on the node"},
    {"OS-PID", "os_pid", VALUE_NUMBER, STYLE_PLAIN, 0, of_os_pid, "the kernel's process id"},
    {"STATE", "state", VALUE_TEXT, STYLE_PLAIN, 0, of_state,
     "starting, waiting, running, sending, stopped, exiting, zombie, gone or dead"},
    {"UP", "uptime_ms", VALUE_NUMBER, STYLE_MS, 0, of_uptime, "how long it has lived"},
    {"RST", "restarts", VALUE_NUMBER, STYLE_PLAIN, 0, of_restarts,
     "how many predecessors it replaces"},
    {"MBOX", "mailbox", VALUE_NUMBER, STYLE_PLAIN, 0, of_mailbox,
     "messages in its mailbox, not yet received"},
    {"MSG/S", "messages_per_second", VALUE_REAL, STYLE_RATE, 0, of_rate,
     "messages taken in per second"},
    {"CPU%", "cpu_percent", VALUE_REAL, STYLE_PERCENT, 0, of_cpu_percent, "share of one CPU"},
    {"MEM", "memory_bytes", VALUE_NUMBER, STYLE_BYTES, 0, of_memory,
     "resident memory that is neither a file's nor shared"},
    {"LAST-EXIT", "last_exit", VALUE_TEXT, STYLE_PLAIN, 0.1, of_last_exit,
     "why its predecessor ended, or, once dead, why it did"},
    {"KIND", "kind", VALUE_TEXT, STYLE_PLAIN, 0, of_kind, "actor, root, guest or node"},
    {"PARENT", "parent", VALUE_TEXT, STYLE_PLAIN, 0, of_parent, "who spawned it"},
    {"ENTRY", "entry", VALUE_TEXT, STYLE_PLAIN, 0.1, of_entry, "the entry that it runs"},
    {"IMAGE", "image", VALUE_TEXT, STYLE_PLAIN, 0.1, of_image, "its actor binary"},
    {"SLOT", "slot", VALUE_NUMBER, STYLE_PLAIN, 0, of_slot, "its place in the table"},
    {"GEN", "generation", VALUE_NUMBER, STYLE_PLAIN, 0, of_generation,
     "counts the tenants of its slot"},
    {"LINKS", "links", VALUE_NUMBER, STYLE_PLAIN, 0, of_links, "how many links it has"},
    {"MONITORS", "monitors", VALUE_NUMBER, STYLE_PLAIN, 0, of_monitors,
     "how many monitors watch it"},
    {"TRAPS", "traps_exits", VALUE_TRUTH, STYLE_PLAIN, 0, of_traps,
     "whether it traps exit signals"},
    {"IN", "messages_in", VALUE_NUMBER, STYLE_PLAIN, 0, of_messages_in, "messages taken in"},
    {"OUT", "messages_out", VALUE_NUMBER, STYLE_PLAIN, 0, of_messages_out, "messages sent"},
    {"IN-BYTES", "bytes_in", VALUE_NUMBER, STYLE_BYTES, 0, of_bytes_in, "bytes taken in"},
    {"OUT-BYTES", "bytes_out", VALUE_NUMBER, STYLE_BYTES, 0, of_bytes_out, "bytes sent"},
    {"UNSEEN", "unpublished_bytes", VALUE_NUMBER, STYLE_BYTES, 0, of_unpublished_bytes,
     "sent, and not yet taken in by its receivers"},
    {"OLDEST", "oldest_message_ms", VALUE_NUMBER, STYLE_MS, 0, of_oldest,
     "how long the oldest message in its mailbox has waited"},
    {"MBOX-BYTES", "mailbox_bytes", VALUE_NUMBER, STYLE_BYTES, 0, of_mailbox_bytes,
     "how long those messages are together"},
    {"MBOX-MAX", "mailbox_max_messages", VALUE_NUMBER, STYLE_PLAIN, 0, of_max_messages,
     "how many messages its mailbox may hold"},
    {"MBOX-MAX-BYTES", "mailbox_max_bytes", VALUE_NUMBER, STYLE_BYTES, 0, of_max_bytes,
     "how many bytes of messages its mailbox may hold"},
    {"POLICY", "mailbox_policy", VALUE_TEXT, STYLE_PLAIN, 0, of_policy,
     "what a full mailbox does: waits (its senders do), drops or kills"},
    {"FULL", "mailbox_full_ms", VALUE_NUMBER, STYLE_MS, 0, of_full,
     "for how long its full mailbox has kept messages waiting"},
    {"DROPPED", "dropped", VALUE_NUMBER, STYLE_PLAIN, 0, of_dropped,
     "messages that its full mailbox has dropped"},
    {"HAND", "in_hand", VALUE_TEXT, STYLE_PLAIN, 0.1, of_in_hand,
     "the message that it handles now"},
    {"HAND-FROM", "in_hand_from", VALUE_TEXT, STYLE_PLAIN, 0, of_in_hand_from,
     "who sent that message"},
    {"HAND-AGE", "in_hand_age_ms", VALUE_NUMBER, STYLE_MS, 0, of_in_hand_age,
     "how long it has handled it"},
    {"HAND-BYTES", "in_hand_bytes", VALUE_NUMBER, STYLE_BYTES, 0, of_in_hand_bytes,
     "how long that message is"},
    {"HEARTBEAT", "heartbeat_age_ms", VALUE_NUMBER, STYLE_MS, 0, of_heartbeat_age_ms,
     "how long ago it last entered the runtime"},
    {"CPU", "cpu_ms", VALUE_NUMBER, STYLE_MS, 0, of_cpu_ms, "CPU time that it has used"},
    {"DEAD-LETTERS", "dead_letters", VALUE_NUMBER, STYLE_PLAIN, 0, of_dead_letters,
     "messages that it sent to the dead"},
    {"BAD-FRAMES", "bad_frames", VALUE_NUMBER, STYLE_PLAIN, 0, of_bad_frames,
     "malformed messages that it dropped"},
    {"DUPLICATES", "duplicates", VALUE_NUMBER, STYLE_PLAIN, 0, of_duplicates,
     "repeated messages that it dropped"},
    {"BEHAVIOUR", "behaviour", VALUE_TEXT, STYLE_PLAIN, 0, of_behaviour,
     "server, supervisor or program: what its loop is; nothing for a plain actor"},
    {"UID", "uid", VALUE_NUMBER, STYLE_PLAIN, 0, of_uid,
     "as whom it runs, when that is another user than the node"},
    {"GUEST", "is_guest", VALUE_TRUTH, STYLE_PLAIN, 0, of_is_guest,
     "whether it is a tool that joined"},
};
const size_t column_count = TRI_ARRAY_LENGTH(columns);

const struct column *column_find(const char *name, size_t length)
{
    for (size_t i = 0; i < column_count; i++)
        if ((strlen(columns[i].header) == length &&
             strncasecmp(columns[i].header, name, length) == 0) ||
            (strlen(columns[i].key) == length && strncasecmp(columns[i].key, name, length) == 0))
            return &columns[i];
    return NULL;
}

void column_write_ms(uint64_t ms, bool is_json, char *buffer, size_t size_bytes)
{
    unsigned long long s = ms / 1000;
    if (is_json)
        snprintf(buffer, size_bytes, "%llu", (unsigned long long)ms);
    else if (s < 10)
        snprintf(buffer, size_bytes, "%llu.%llus", s, (unsigned long long)ms % 1000 / 100);
    else if (s < 60)
        snprintf(buffer, size_bytes, "%llus", s);
    else if (s < 3600)
        snprintf(buffer, size_bytes, "%llum%02llus", s / 60, s % 60);
    else if (s < 86400)
        snprintf(buffer, size_bytes, "%lluh%02llum", s / 3600, s % 3600 / 60);
    else
        snprintf(buffer, size_bytes, "%llud%02lluh", s / 86400, s % 86400 / 3600);
}

/* Three figures and a unit: 0 0.3 7 120 1.2k 35k 4.1M. */
static void write_scaled(char *buffer, double amount, double step, const char *units)
{
    size_t unit = 0;
    while (amount >= step - 0.5 && units[unit + 1]) {
        amount /= step;
        unit++;
    }
    bool is_whole = unit == 0 && amount == (double)(uint64_t)amount;
    snprintf(buffer, CELL_BYTES, "%.*f%.*s", amount < 9.95 && !is_whole ? 1 : 0, amount, unit > 0,
             units + unit);
}

void column_write_bytes(uint64_t bytes, char buffer[CELL_BYTES])
{
    write_scaled(buffer, (double)bytes, 1024, " KMGTP");
}

static void write_number(char *buffer, enum style style, uint64_t n)
{
    if (style == STYLE_MS)
        column_write_ms(n, false, buffer, CELL_BYTES);
    else if (style == STYLE_BYTES)
        column_write_bytes(n, buffer);
    else
        snprintf(buffer, CELL_BYTES, "%llu", (unsigned long long)n);
}

static void write_value(char *buffer, const struct column *column, const struct value *value,
                        bool is_json)
{
    switch (value->kind) {
    case VALUE_NONE:
        snprintf(buffer, CELL_BYTES, "%s", is_json ? "" : "-");
        break;
    case VALUE_TEXT:
        if (value->text != buffer)
            snprintf(buffer, CELL_BYTES, "%s", value->text);
        break;
    case VALUE_NUMBER:
        write_number(buffer, is_json ? STYLE_PLAIN : column->style, value->number);
        break;
    case VALUE_REAL:
        if (is_json)
            snprintf(buffer, CELL_BYTES, "%.3f", value->real);
        else if (column->style == STYLE_PERCENT)
            snprintf(buffer, CELL_BYTES, "%.*f", value->real < 99.95 ? 1 : 0, value->real);
        else
            write_scaled(buffer, value->real, 1000, " kMGTP");
        break;
    case VALUE_TRUTH:
        snprintf(buffer, CELL_BYTES, "%s",
                 is_json        ? value->truth ? "1" : "0"
                 : value->truth ? "yes"
                                : "no");
        break;
    }
}

char *column_text(const struct column *column, const struct sight *sight, bool is_json,
                  char buffer[CELL_BYTES])
{
    struct value value = column->value(sight, buffer);
    if (column->style == STYLE_NAME && value.kind == VALUE_NONE && !is_json && sight->row.entry[0])
        snprintf(buffer, CELL_BYTES, "(%s)", sight->row.entry);
    else
        write_value(buffer, column, &value, is_json);
    return buffer;
}

int column_compare(const struct column *column, const struct sight *a, const struct sight *b)
{
    char scratch_a[CELL_BYTES], scratch_b[CELL_BYTES];
    struct value x = column->value(a, scratch_a), y = column->value(b, scratch_b);
    if (x.kind != y.kind)
        return (x.kind > y.kind) - (x.kind < y.kind);
    switch (x.kind) {
    case VALUE_TEXT:
        return strcmp(x.text, y.text);
    case VALUE_NUMBER:
        return (x.number > y.number) - (x.number < y.number);
    case VALUE_REAL:
        return (x.real > y.real) - (x.real < y.real);
    case VALUE_TRUTH:
        return x.truth - y.truth;
    case VALUE_NONE:
        break;
    }
    return 0;
}
