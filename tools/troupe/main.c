/* troupe: the command line of troupe. This file finds the command; each command has a file of its own. */
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troupe.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/title.h"
#include "command.h"
#include "complete.h"
#include "grid.h"
#include "node/fork.h"
#include "options.h"
#include "say.h"

const struct command *const commands[] = {
    &command_run,        &command_check,   &command_spawn,    &command_ps,     &command_tree,
    &command_info,       &command_whereis, &command_wait,     &command_send,   &command_call,
    &command_cast,       &command_state,   &command_suspend,  &command_resume, &command_stop,
    &command_exit,       &command_nodes,   &command_shutdown, &command_doctor, &command_crashes,
    &command_quarantine, &command_map,
};
const size_t command_count = TRI_ARRAY_LENGTH(commands);

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static void print_overview(FILE *to)
{
    fputs("Usage: troupe COMMAND [-n NODE] [ARGUMENTS]\n"
          "Runs and looks after actors that are processes of the operating system.\n\n",
          to);
    for (size_t i = 0; i < command_count; i++)
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("  help       shows how a command is used: troupe help COMMAND\n"
          "  version    shows the version\n\n"
          "WHO is a registered name, a pid such as <0.3.1> or 0.3.1, or an os_pid. NODE defaults "
          "to $TROUPE_NODE,\n"
          "else to the only node that runs. Exit status: 0 fine, 1 nothing matched or bad usage, 2 "
          "no node reachable.\n",
          to);
}

static int help(const char *about)
{
    if (!about) {
        print_overview(stdout);
        return ANSWER_FINE;
    }
    const struct command *command = command_find(about);
    if (!command) {
        say("there is no command \"%s\"; troupe help lists them", about);
        return ANSWER_NOTHING;
    }
    options_help(command);
    return ANSWER_FINE;
}

/* Terms are UTF-8, so the plain C locale gets that encoding; lines of trees are then still drawn in ASCII. */
static void choose_locale(void)
{
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        grid_draw_ascii();
        setlocale(LC_CTYPE, "C.UTF-8");
    }
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

int main(int argc, char **argv)
{
    /* Executed by a node it is the template of those who hold a configuration's tree together. */
    if (getenv(TRI_TEMPLATE_VARIABLE))
        return tr_main(argc, argv);
    /* What runs a node is the standard output of its actors, who may print into the void; all others print answers. */
    tri_fd_fill_standard(argc < 2 || strcmp(argv[1], command_run.name) != 0);
    tri_title_init(argc, argv); /* of the node, its coroner, and keepers */
    choose_locale();
    if (argc < 2) {
        print_overview(stderr);
        return ANSWER_NOTHING;
    }
    const char *word = argv[1];
    if (is_one_of(word, "help", "--help", "-h"))
        return say_finished(help(argv[2]));
    if (is_one_of(word, "version", "--version", "-V")) {
        printf("troupe %s\n", TROUPE_VERSION);
        return say_finished(ANSWER_FINE);
    }
    if (strcmp(word, "complete") == 0)
        return say_finished(complete(argc - 2, argv + 2));
    const struct command *command = command_find(word);
    if (!command) {
        if (*word == '-')
            say("options stand behind the command, as in troupe ps -n NODE; troupe help lists the "
                "commands");
        else
            say("there is no command \"%s\"; troupe help lists them", word);
        return ANSWER_NOTHING;
    }
    return say_finished(command->run(argc - 1, argv + 1));
}
