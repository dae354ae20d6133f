/* Binary: what a file says of itself before it is executed. A program that is no actor binary must not run by mistake. */
#ifndef TRI_NODE_BINARY_H
#define TRI_NODE_BINARY_H

#include <stddef.h>

/* Tells whether path is an executable with the section in which TR_ACTOR registers its entries. why gets a sentence
 * for people when the answer is not 0. Blocks as long as the file system does, which may be for ever: not for the node
 * itself.
 * 0; TR_NOT_AN_ACTOR; -ENOENT, -EACCES, -EISDIR and what else open says. */
int tri_binary_check(const char *path, char *why, size_t why_bytes);

/* Can nobody but root have put that binary there? It and all the folders above it are root's, no link is among them, and
 * nobody else may write to them. Blocks as tri_binary_check does. 0; -EPERM, or what lstat says. */
int tri_binary_check_owner(const char *path, char *why, size_t why_bytes);

/* Tells which entries a binary has, without executing it.
 *   ret_entries   their names, each ended by NUL, and behind the last one another NUL; the caller frees it
 * Outcomes as of tri_binary_check; TR_NOT_AN_ACTOR also for a binary of another machine. */
int tri_binary_entries(const char *path, char **ret_entries, char *why, size_t why_bytes);

#endif
