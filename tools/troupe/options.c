/* Options: getopt_long with our own words for mistakes. */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/duration.h"
#include "config/size.h"
#include "say.h"

enum { LEAST_MS = 10, MOST_MS = 24 * 3600 * 1000 };

static const struct option common[] = {
    {"node", required_argument, NULL, 'n'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void add(struct options *options, const struct option *list, size_t *count, size_t *length)
{
    for (; list && list->name; list++) {
        options->all[(*count)++] = *list;
        if (list->val >= 256)
            continue;
        options->letters[(*length)++] = (char)list->val;
        for (int colons = list->has_arg; colons > 0; colons--)
            options->letters[(*length)++] = ':';
    }
}

/* Makes the two lists that getopt_long wants of the command's own and the common one. */
static void begin(struct options *options)
{
    size_t count = 0, length = 0;
    options->letters[length++] = '+';
    options->letters[length++] = ':';
    add(options, options->own, &count, &length);
    add(options, common, &count, &length);
    opterr = 0;
    options->arguments = options->argv + 1;
}

/* A negative number is an argument, unless the digit is an option of the command's own. */
static bool is_argument(const struct options *options, const char *word)
{
    if (word[0] != '-' || word[1] == '\0')
        return true;
    return isdigit((unsigned char)word[1]) && !strchr(options->letters, word[1]);
}

/* Takes what stands between options. It is put into argv's front, which has been read already. */
static void take_arguments(struct options *options)
{
    while (optind < options->argc &&
           (options->is_done || is_argument(options, options->argv[optind]))) {
        options->arguments[options->argument_count++] = options->argv[optind++];
        options->is_done |= options->is_ended_by_argument;
    }
}

/* Says which option it was that getopt_long did not like. */
_Noreturn static void refuse_option(const struct options *options, const char *what)
{
    const char *word = options->argv[optind - 1];
    bool is_long = strncmp(word, "--", 2) == 0;
    if (optopt && !is_long)
        options_refuse(options->command, "%s -%c", what, optopt);
    options_refuse(options->command, "%s %.*s", what, (int)strcspn(word, "="), word);
}

int options_next(struct options *options)
{
    if (!options->all[0].name)
        begin(options);
    for (;;) {
        take_arguments(options);
        int option = options->is_done ? -1
                                      : getopt_long(options->argc, options->argv, options->letters,
                                                    options->all, NULL);
        switch (option) {
        case -1: /* the end, or "--" */
            options->is_done = true;
            take_arguments(options);
            return -1;
        case 'n':
            options->node = optarg;
            break;
        case 'h':
            options_help(options->command);
            exit(say_finished(ANSWER_FINE));
        case '?':
            refuse_option(options, "unknown or malformed option");
        case ':':
            refuse_option(options, "a value is missing after");
        default:
            return option;
        }
    }
}

void options_expect(const struct options *options, int min, int max)
{
    int count = options->argument_count;
    if (count < min)
        options_refuse(options->command,
                       count == 0 ? "its arguments are missing" : "an argument is missing");
    if (max >= 0 && count > max)
        options_refuse(options->command, "one argument too many: %s", options->arguments[max]);
}

void options_help(const struct command *command)
{
    printf("Usage: troupe %s %s\nThis %s.\n\n%s"
           "  -n, --node NODE       the node to ask; default: $TROUPE_NODE, else the only one that "
           "runs\n"
           "  -h, --help            shows this\n",
           command->name, command->arguments, command->summary, command->details);
    if (command->print_more)
        command->print_more();
}

void options_refuse(const struct command *command, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    say("%s: %s; usage: troupe %s %s", command->name, text, command->name, command->arguments);
    exit(command->refusal ? command->refusal : ANSWER_NOTHING);
}

uint64_t options_number(const struct options *options, const char *what, const char *text,
                        uint64_t min, uint64_t max)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno || *end || end == text || *text == '-' || number < min || number > max)
        options_refuse(options->command, "%s is a number from %llu to %llu, not \"%s\"", what,
                       (unsigned long long)min, (unsigned long long)max, text);
    return number;
}

uint64_t options_size(const struct options *options, const char *what, const char *text,
                      uint64_t min)
{
    uint64_t bytes;
    if (!config_size_read(text, &bytes) || bytes < min || bytes > INT64_MAX)
        options_refuse(options->command,
                       "%s is a size of at least %llu bytes, such as 64k, 256M, 2G, not \"%s\"",
                       what, (unsigned long long)min, text);
    return bytes;
}

uint64_t options_duration_ms(const struct options *options, const char *what, const char *text)
{
    int64_t ms;
    if (!config_duration_read(text, 1000, &ms) || ms < LEAST_MS || ms > MOST_MS)
        options_refuse(
            options->command,
            "%s is a time from 10ms to 24h, such as 500ms, 5s, 2min, or in seconds, not \"%s\"",
            what, text);
    return (uint64_t)ms;
}
