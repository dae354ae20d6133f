/* Options: what all commands have in common: -n NODE, --help, and one way to refuse what they do not know. */
#ifndef TROUPE_TOOL_OPTIONS_H
#define TROUPE_TOOL_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "command.h"

#define OPTIONS_MAX 32

/* A command line while it is read. Zeroed but for the first four, which the command sets. */
struct options {
    const struct command *command;
    int argc;
    char **argv;
    /* Long options of the command, ended by a zeroed one; NULL for none. val is the option's letter, or a number from
     * 256 on when it has none. */
    const struct option *own;
    bool is_ended_by_argument; /* options after the first argument belong to the argument (run) */

    const char *node; /* what -n said, or NULL */
    char **arguments; /* what is no option; complete once options_next has answered -1 */
    int argument_count;
    bool is_done; /* all that follows is arguments */

    struct option all[OPTIONS_MAX];
    char letters[3 * OPTIONS_MAX];
};

/* The next of the command's own options (its val; its argument is in optarg), or -1 when there are no more: then
 * arguments and argument_count are complete. A negative number is an argument, unless its first digit is an option. Deals
 * with -n, --help (does not return) and mistakes (does not return). */
int options_next(struct options *options);

/* Checks how many arguments there are. Does not return when there are fewer or more. max -1: any number. */
void options_expect(const struct options *options, int min, int max);

/* Prints a command's help on standard output. */
void options_help(const struct command *command);

/* Says what is wrong with the command line and ends the program. */
_Noreturn void options_refuse(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads a number between min and max; refuses anything else. */
uint64_t options_number(const struct options *options, const char *what, const char *text,
                        uint64_t min, uint64_t max);

/* Reads a size, such as 256M, as bytes; refuses anything else, and what is less than min. */
uint64_t options_size(const struct options *options, const char *what, const char *text,
                      uint64_t min);

/* Reads a time, such as 500ms, 2s, or 2 for seconds, as ms; refuses anything else. */
uint64_t options_duration_ms(const struct options *options, const char *what, const char *text);

#endif
