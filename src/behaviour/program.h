/* Program: what the actor of a program knows, shared by the files that make it up: program_open.c (how it comes to be), program.c
 * (the loop and the ends), program_in.c (messages to its standard input), program_out.c (its output to messages). */
#ifndef TRI_BEHAVIOUR_PROGRAM_H
#define TRI_BEHAVIOUR_PROGRAM_H

#include "behaviour/iodata.h"
#include "behaviour/program_keeper.h"
#include "behaviour/start.h"
#include "behaviour/sys.h"
#include "process/beside.h"

/* When to try again what has failed for want of memory, or of somebody with the owner's name. */
#define TRI_PROGRAM_RETRY_MS 10

enum tri_program_phase {
    TRI_PROGRAM_STARTING, /* until it has been executed, or could not be */
    TRI_PROGRAM_RUNNING,
    TRI_PROGRAM_STOPPING, /* it has been told to end */
    TRI_PROGRAM_ENDED, /* it and all that it started are gone; what it has printed may still be in the pipes */
};

/* The actor's end of a pipe. */
struct tri_program_pipe {
    int fd; /* -1: closed */
    bool is_watched;
};

/* What is written to its standard input: one message at a time, which waits here while the pipe is full. */
struct tri_program_input {
    struct tri_program_pipe pipe;
    struct tr_message *message; /* in hand, or NULL */
    struct tri_bytes flat;      /* of a list */
    uint8_t head[TRI_FRAME_HEADER_BYTES];
    size_t head_bytes, done_bytes;
    tr_bin body;
    bool has_told_closed; /* {error, epipe} has been sent */
};

/* What is read from its standard output, or error. */
struct tri_program_output {
    struct tri_program_pipe pipe; /* closed at its end */
    struct tri_framer framer;
    bool is_stderr, goes_to_log;
    bool is_blocked;   /* its frame found no room with the owner: nothing is read */
    bool has_told_end; /* {Program, eof} has been sent, or need not be */
};

struct tri_program {
    struct tri_process *process;
    struct tri_sys sys;
    struct tri_started started;
    struct tri_program_spec spec;
    struct tri_keeper keeper;
    enum tri_program_phase phase;
    int os_pid;
    struct tri_beside beside;
    struct tri_program_input input;
    struct tri_program_output output, errors;
    tr_ref owner_monitor;
    bool watches_owner;
    uint64_t retry_ns; /* when to try again what failed for want of something; TRI_NEVER */
    /* the end */
    int end_code, end_status;
    bool by_oom_killer;
    struct tri_keeper_news broken; /* what it is killed for; word 0: nothing */
    unsigned lacks;                /* what of its confinement cannot be enforced */
    struct tr_out reason;          /* of the stop; empty while there is none */
    uint64_t kill_ns; /* when it gets SIGKILL, and then when its last output is given up */
    bool is_killed;
    tr_pid closer;     /* who is told {Program, closed} */
    bool is_cut_short; /* its output has ended within a packet, of which so many bytes had come */
    size_t cut_bytes;
    tr_term last; /* the message in hand; no bytes: none */
};

/* ---------------------------------------------------------------- program_open.c */

/* Reads the description that it was started with, and calls itself after it. Does not return when that is wrong. */
void tri_program_describe(struct tri_program *program);
/* Starts the keeper, and opens what leads to the program; it is executed later. Does not return when that fails. May block for
 * as long as a fork takes. */
void tri_program_open(struct tri_program *program);
/* It could not be executed: nobody hears of it but the starter.
 *   number   an errno; of TRI_STEP_CONFINE: what cannot be enforced, enum tri_shortfall */
TR_NORETURN void tri_program_fail(struct tri_program *program, enum tri_keeper_step step,
                                  int number);

/* ---------------------------------------------------------------- program_in.c */

/* Takes a message that bears data: it is written as far as the pipe takes it, then it waits. Takes over the message.
 * 0 or TR_TOO_LARGE: it is longer than the framing can say. */
int tri_program_write(struct tri_program *program, struct tr_message *message, tr_term data);
/* Writes on. Tells whether everything is written. */
bool tri_program_write_on(struct tri_program *program);
/* The end of its standard input; what waits to be written is dropped. */
void tri_program_close_input(struct tri_program *program);
/* Watches a pipe for one thing (EPOLLIN, EPOLLOUT), or no more (0); closes it. */
void tri_program_watch(struct tri_program *program, struct tri_program_pipe *pipe, uint32_t events);
void tri_program_close_pipe(struct tri_program *program, struct tri_program_pipe *pipe);

/* ---------------------------------------------------------------- program_out.c */

/* Reads and sends what there is, but not for ever. */
void tri_program_read(struct tri_program *program, struct tri_program_output *output);
/* Gives up what has not been read or sent. */
void tri_program_close_output(struct tri_program *program, struct tri_program_output *output);
bool tri_program_is_read(const struct tri_program_output *output);

/* Sends {Program, Message} to the owner. False: there is no room now. */
bool tri_program_tell(struct tri_program *program, struct tri_pattern **cache, const char *pattern,
                      struct tr_holes holes);
#define tri_program_tells(program, pattern, ...)                                                   \
    tri_program_tell((program), TRI_CACHE(), "{Program, " pattern "}",                             \
                     TRI_HOLES(tr_self(), ##__VA_ARGS__))

/* ---------------------------------------------------------------- program.c */

/* It violates its framing, by a packet that is too long, for which it is stopped, or by an end within one. */
void tri_program_bad_frame(struct tri_program *program, const struct tri_frame *frame);

/* The entry. */
void tri_program_run(tr_term argument);

#endif
