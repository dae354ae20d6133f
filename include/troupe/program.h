/* Programs: any executable as an actor.
 *
 * The executable knows nothing of troupe. It is started, unmodified, by an actor of its own, which writes to its standard
 * input what it is sent as messages, and sends as messages what it reads from its standard output:
 *
 *     const struct tr_program sort = {.path = "sort", .framing = TR_FRAMING_LINE};
 *     tr_pid pid;
 *     tr_bin line;
 *     int r = tr_program_start(&sort, TR_SPAWN_LINK, NULL, &pid, NULL);
 *     tr_send(pid, "{Self, {command, Text}}", tr_self(), "pear\napple\n");
 *     tr_send(pid, "{Self, eof}", tr_self());                           sort prints when its input has ended
 *     for (bool is_over = false; !is_over;)
 *         tr_receive {
 *             tr_case("{Pid, {data, {eol, Line}}}", pid, &line)
 *                 printf("%.*s\n", (int)line.size_bytes, (const char *)line.data);
 *             tr_case("{Pid, {exit_status, 0}}", pid)
 *                 is_over = true;
 *         }
 *
 * The messages are those of Erlang's ports (ERTS, open_port/2), and what Erlang has no message for is marked with a +:
 *
 *     to the program                    From is whoever sends; it need not be the owner
 *     {From, {command, Data}}           writes Data, a binary or a list of bytes and binaries (iodata)
 *     {From, eof}                     + ends its standard input, behind everything that was sent before; its output is
 *                                       still read
 *     {From, {connect, Owner}}          its messages go to another; From gets {Program, connected}
 *     {From, close}                     stops it, behind everything that was sent before; From gets {Program, closed}, and
 *                                       the actor ends with `normal`
 *
 *     to its owner
 *     {Program, {data, Data}}           Data is a binary; with lines {eol, Line} or {noeol, Part}
 *     {Program, {stderr, Data}}       + standard error, when asked for; lines
 *     {Program, eof}                    its standard output has ended
 *     {Program, {exit_status, N}}       it has ended, after all its output: n, or 128 + signal
 *     {Program, {error, epipe}}       + once: it has closed its standard input, or that was ended, and what is sent to it
 *                                       is dropped
 *
 * What becomes of the actor when the program ends (8): normal for exit status 0; {exit_status, N}; {signal, Name, Info};
 * {limit, memory, #{limit_bytes, resident_bytes}}, {limit, processes, #{limit, tasks}}, {denied, Syscall} when it has broken what
 * it is confined by (limits.h).
 * It does not become an actor at all when it cannot be started: {exec, Errno, Path}, Errno an atom such as enoent;
 * {cd, Errno, Directory}; {user, Errno, Name}; {fork, Errno}; {sandbox, Errno, Path}; {unsupported, What}; {badarg, What}
 * for a description that makes no sense.
 * A program whose packet is too long is stopped, and the reason is {bad_frame, {too_long, Bytes}}; one whose output ends
 * within a packet, and which then exits with status 0, ends with {bad_frame, {cut_short, Bytes}}.
 *
 * Nothing of it stays behind. The program leads a process group of its own. When it ends, whatever it has started and
 * left is killed, also what has left the group. When its actor ends, by its own word or by kill -9, so does all of that, and
 * before anybody is told of the actor's end: after its EXIT or DOWN, and so when a supervisor starts it again, nothing of it
 * lives. When the node is killed, it ends within some ms.
 *
 * It is stopped by `close`, by tr_server_stop, by an exit signal (`normal` from others than its parent is ignored), and by
 * the end of its owner, with the owner's reason. Its standard input is closed, the group gets SIGTERM and SIGCONT, and after
 * stop_ms SIGKILL; what it prints meanwhile still goes to its owner. An exit signal `kill` does not wait.
 *
 * Nothing grows. While the program does not read, the actor takes no more messages: its mailbox is bounded (1 MiB unless
 * its starter says otherwise), so who sends waits. Who must not wait sends with tr_send_nowait. Exit signals come through
 * all the same, unless their sender has messages under way that wait themselves (1). While the owner does not keep up, the
 * program's output is not read, and the program waits. So it is while an owner that is a name has not been registered, or
 * is the program's own.
 *
 * The actor answers system messages (sys.h): its state is #{path, os_pid, input, …}. It is started as any behaviour, so a
 * supervisor starts it as a child with the entry TR_PROGRAM_ENTRY and the argument that tr_program_put writes.
 */
#ifndef TROUPE_PROGRAM_H
#define TROUPE_PROGRAM_H

#include "troupe/process.h"
#include "troupe/server.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The actor that runs a program: an entry that every actor binary has. "path/to/binary:$program" is it in another one. */
#define TR_PROGRAM_ENTRY "$program"

/* How its output is cut into messages, and what is written before each message to it. Lines: `command` writes what it
 * was given, line ends included. Packets: each message is preceded by its length, in 1, 2 or 4 bytes, big-endian. */
enum tr_framing {
    TR_FRAMING_STREAM, /* as the bytes come */
    TR_FRAMING_LINE,   /* ended by \n or \r\n, which are taken off */
    TR_FRAMING_PACKET_1,
    TR_FRAMING_PACKET_2,
    TR_FRAMING_PACKET_4,
};

/* Where its standard error goes. */
enum tr_program_stderr {
    TR_STDERR_LOG, /* line by line to the standard error of the actor, behind its name; control characters as \xNN */
    TR_STDERR_MESSAGES, /* to the owner, in lines of at most TR_PROGRAM_LINE_BYTES */
    TR_STDERR_STDOUT,   /* where its standard output goes */
    TR_STDERR_NULL,     /* nowhere */
};

enum {
    TR_PROGRAM_LINE_BYTES =
        32768, /* max_bytes, unless it is given, of lines and of pieces of a stream */
    TR_PROGRAM_PACKET_BYTES = 64 << 20, /* and of packets */
    TR_PROGRAM_STOP_MS =
        4000, /* shorter than the 5 s that a supervisor waits before it kills the actor */
};

/* What is to be run. Everything but path may be zero. */
struct tr_program {
    const char *path;             /* without a slash: looked for in the PATH of its environment */
    const char *const *arguments; /* behind the program's name; the last one is NULL */
    const char *const *
        environment; /* added to the actor's: "NAME=VALUE", or "NAME" to take it out; the last is NULL */
    const char *directory; /* its working directory; a relative path is looked for there */
    /* "ann", "ann:staff" or numbers: it runs as that user, with that user's groups. */
    const char *user;
    enum tr_framing framing;
    /* Of one message. A longer line comes as {noeol, Part} with exactly so many bytes, as often as need be, and then
     * {eol, Rest}; so does a last line without an end come as {noeol, Part}. A longer packet is a violation. */
    size_t max_bytes;
    enum tr_program_stderr standard_error;
    /* To whom its messages go: a pid, or a name, looked up for each message; else to whoever starts it. */
    tr_pid owner;
    const char *owner_name;
    bool has_no_owner; /* to nobody: its output goes to the log, as standard error does */
    /* Between SIGTERM and SIGKILL; 0: TR_PROGRAM_STOP_MS; negative: SIGKILL at once. */
    int64_t stop_ms;
    /* How much it and all that it starts may use, and what they may touch: limits.h. Beyond, all of them are killed. */
    const struct tr_resource_limits *limits;
    unsigned sandbox; /* TR_SANDBOX_… */
    const char *const *readable, *const *writable;
    bool is_strict;
};

/* Starts a program, and returns when it has been executed, or could not be.
 *   flags         TR_SPAWN_LINK, TR_SPAWN_MONITOR
 *   options       NULL for none. ret_reason tells why it could not be started, as above.
 *   ret_pid, ret_monitor   may be NULL
 * Outcomes, faults: as tr_server_start_term; TR_DOWN: it could not be executed. A program that ends at once was executed:
 * 0, and its end comes as any other's. */
TR_API int tr_program_start(const struct tr_program *program, unsigned flags,
                            const struct tr_start_options *options, tr_pid *ret_pid,
                            tr_ref *ret_monitor);

/* Appends the description of a program as a term, the argument of TR_PROGRAM_ENTRY:
 *     {program, Path, [{args, [A]}, {env, [{Name, Value | false}]}, {cd, D}, {user, U}, {line, N} | {packet, 1 | 2 | 4} |
 *                      stream, {max_bytes, N}, {stderr, log | messages | stdout | null}, {owner, Pid | Name | none},
 *                      {stop_ms, N}, {confinement, #{…}}]}
 * where texts are binaries, and options that have not been given are left out. Does not block. */
TR_API void tr_program_put(struct tr_out *out, const struct tr_program *program);

#ifdef __cplusplus
}
#endif
#endif
