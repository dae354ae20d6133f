/* Fork: the one place where processes of a node are born, and where they are made clean. */
#ifndef TRI_NODE_FORK_H
#define TRI_NODE_FORK_H

#include <stdbool.h>

/* Forks the node from its guardian. As fork(2): 0 in the child, os_pid in the parent, negative errno. The child has a
 * session of its own and no descriptor but 0–2, keep_fd and lock_fd. */
int tri_fork_node(int keep_fd, int lock_fd);

/* Why a template does not run, as it says itself before it ends. */
struct tri_exec_report {
    int result; /* TR_NOT_AN_ACTOR, or a negative errno */
    char why[512];
};

/* Forks a template from the node, which checks path and executes it, with channel_fd as its only further descriptor,
 * default signals, and the environment variables that make it a template. Does not wait for what path leads to.
 *   is_wary   it is executed only if nobody but root can have put it there
 * The os_pid, or a negative errno; *ret_exec_fd then becomes readable: end of file when exec succeeded or the child was
 * killed before, else a struct tri_exec_report. */
int tri_fork_template(const char *path, bool is_wary, int channel_fd, const char *node,
                      int *ret_exec_fd);

/* Forks the coroner from the node, with channel_fd and boxes_fd as its only further descriptors, default signals, and ending
 * with the node. As fork(2), with a negative errno. */
int tri_fork_coroner(int channel_fd, int boxes_fd, int node_os_pid);

/* Forks an actor from its template, as a child of the template's parent, the node (CLONE_PARENT). 0 in the actor, whose
 * only descriptors are then 0–2 and 3, which was control_fd; os_pid in the template; negative errno. */
int tri_fork_actor(int control_fd, int node_os_pid);

/* Ends with the parent, in whatever way that dies. False when the parent is not parent_os_pid any more. */
int tri_die_with_parent(int parent_os_pid);

/* Raises this process's own limit of open descriptors as far as it goes. Templates, and so actors, get back the one that
 * the user had set. */
void tri_descriptors_raise(void);

/* Standard input from /dev/null: an actor is nobody's foreground program. */
void tri_stdin_null(void);

/* The short name of a template. */
#define TRI_TEMPLATE_NAME "template"
#define TRI_TEMPLATE_VARIABLE "TROUPE_TEMPLATE"
/* Makes the dynamic linker bind every symbol in the template, once, rather than in each actor again. Set to this value
 * only where the user has not set it; the template takes it out again. */
#define TRI_BIND_VARIABLE "LD_BIND_NOW"
#define TRI_BIND_VALUE "troupe"
#define TRI_NODE_VARIABLE "TROUPE_NODE"

#endif
