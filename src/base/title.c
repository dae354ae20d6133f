/* Title: written to where the kernel finds the command line, which is where the arguments lay when the process began;
 * PR_SET_NAME for the short one.
 *
 * There is rarely room for a title among the arguments. Behind them lies the environment, and the kernel reads on there
 * when the last byte of the arguments is not 0. So either the environment begins with a variable that was put there as
 * room, or all of it moves away first. The room is for templates: a copy of the environment would lie between what their
 * actors write to, and cost each of them a page. */
#include "base/title.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Where the title is, and the end of the arguments and of the room. */
static char *title, *end_of_arguments, *end_of_room;

/* The end of strings that lie one behind the other from `at` on. */
static char *end_of_strings(char *const *strings, char *at)
{
    for (; *strings && *strings == at; strings++)
        at += strlen(at) + 1;
    return at;
}

/* Lets strings that lie from `begin` on lie where they were copied to. */
static void move_strings(char **strings, const char *begin, const char *end, char *copy)
{
    for (; *strings; strings++)
        if (*strings >= begin && *strings < end)
            *strings = copy + (*strings - begin);
}

/* What is going to be overwritten is copied; nobody may have to look where it was. */
static bool move_away(char **argv, const char *begin, const char *end)
{
    size_t size_bytes = (size_t)(end - begin);
    char *copy = malloc(size_bytes);
    if (!copy)
        return false;
    memcpy(copy, begin, size_bytes);
    program_invocation_short_name = copy + (program_invocation_short_name - begin);
    program_invocation_name = copy;
    move_strings(environ, begin, end, copy);
    move_strings(argv, begin, end, copy);
    return true;
}

void tri_title_init(int argc, char **argv)
{
    const char *room = TRI_TITLE_ROOM_VARIABLE "=";
    if (title || argc < 1 || program_invocation_name != argv[0])
        return;
    char *begin = argv[0];
    end_of_arguments = end_of_strings(argv, begin);
    end_of_room = end_of_strings(environ, end_of_arguments);
    char *end_of_copy = end_of_room;
    if (environ[0] == end_of_arguments && strncmp(environ[0], room, strlen(room)) == 0) {
        end_of_room = end_of_arguments + strlen(environ[0]) + 1;
        end_of_copy = end_of_arguments;
        environ++;
    }
    if (move_away(argv, begin, end_of_copy))
        title = begin;
}

void tri_title_set(const char *short_name, const char *format, ...)
{
    va_list arguments;
    if (!title)
        return;
    size_t room_bytes = (size_t)(end_of_room - title);
    memset(title, 0, room_bytes);
    va_start(arguments, format);
    vsnprintf(title, room_bytes, format, arguments);
    va_end(arguments);
    /* What stands at the end of the arguments and is no 0 tells the kernel that this is a title. */
    bool ends_there = title + strlen(title) + 1 == end_of_arguments;
    if (end_of_arguments[-1] == '\0' && end_of_arguments < end_of_room)
        end_of_arguments[-1] = ends_there ? ' ' : '.';
    prctl(PR_SET_NAME, short_name);
}
