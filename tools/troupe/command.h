/* Commands: what `troupe` can be asked, one struct and one file each. main.c holds the list. */
#ifndef TROUPE_TOOL_COMMAND_H
#define TROUPE_TOOL_COMMAND_H

#include <stddef.h>

/* What troupe answers its caller; the man page tells the same. `run` answers with its root actor's end instead. */
enum {
    ANSWER_FINE = 0,
    ANSWER_NOTHING = 1, /* nothing matched, or bad usage */
    ANSWER_NO_NODE = 2, /* no node reachable             */
};

struct command {
    const char *name;
    const char *arguments;    /* as in the first line of its help */
    const char *summary;      /* as in the list of commands       */
    const char *details;      /* its options                      */
    void (*print_more)(void); /* what follows them; NULL for nothing */
    int (*run)(int argc, char **argv);
    int refusal; /* the answer to bad usage; 0: ANSWER_NOTHING */
};

extern const struct command command_run;
extern const struct command command_check;
extern const struct command command_ps;
extern const struct command command_send;
extern const struct command command_exit;
extern const struct command command_whereis;
extern const struct command command_info;
extern const struct command command_nodes;
extern const struct command command_shutdown;
extern const struct command command_doctor;
extern const struct command command_call;
extern const struct command command_cast;
extern const struct command command_state;
extern const struct command command_suspend;
extern const struct command command_resume;
extern const struct command command_spawn;
extern const struct command command_stop;
extern const struct command command_wait;
extern const struct command command_tree;
extern const struct command command_crashes;
extern const struct command command_quarantine;
extern const struct command command_map;

/* All of them, in the order in which help lists them. */
extern const struct command *const commands[];
extern const size_t command_count;
/* The one of that name, or NULL. */
const struct command *command_find(const char *name);

#endif
