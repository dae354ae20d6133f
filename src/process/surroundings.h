/* Surroundings: the working directory and the environment of an actor that is not to have its binary's own.
 *
 * An actor is forked from its binary's template, not from its spawner; so what is to be different about it travels with its
 * argument, and is done by itself, before anybody hears that it lives: the term of a birth with TRI_SURROUNDED is
 *     {Directory or undefined, [{Name, Value or false}], Argument}                                 */
#ifndef TRI_PROCESS_SURROUNDINGS_H
#define TRI_PROCESS_SURROUNDINGS_H

#include <stdbool.h>

#include "troupe/term.h"

/* Is this NAME=VALUE, or NAME? */
bool tri_variable_is_proper(const char *variable);

/* Appends variables, each NAME=VALUE or NAME, ended by NULL, as [{Name, Value or false}]. */
void tri_environment_put(struct tr_out *out, const char *const *environment);

/* Appends the whole.
 *   directory, environment   NULL: nothing is to be different
 *   argument                 a whole term; no bytes: [] */
void tri_surroundings_put(struct tr_out *out, const char *directory, const char *const *environment,
                          tr_term argument);

/* The directory in such a term, as text to be freed, or NULL. It has not been checked. */
char *tri_surroundings_directory(const struct tr_out *whole);

/* Checks such a term, which came from another process, and does what it says, to this process.
 *   ret_argument   a view into it
 *   why            gets {chdir, Errno, Path} when there is no such directory to work in; else nothing
 * 0; TR_MALFORMED; or a negative errno. */
int tri_surroundings_enter(const struct tr_out *whole, tr_term *ret_argument, struct tr_out *why);

#endif
