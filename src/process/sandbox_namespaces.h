/* Namespaces: a process's own view of users, mounts, network and ipc, in which it has no rights (namespaces(7)). Any user may
 * make them, where the system allows user namespaces. Async-signal-safe. */
#ifndef TRI_PROCESS_SANDBOX_NAMESPACES_H
#define TRI_PROCESS_SANDBOX_NAMESPACES_H

enum tri_namespaces {
    TRI_NAMESPACE_OF_USERS,   /* in which its processes are counted */
    TRI_NAMESPACES_BUT_USERS, /* for root alone, who becomes another user later */
    TRI_NAMESPACES_ALL,
    TRI_NAMESPACES_AND_PID, /* and what it forks next is the first of a pid namespace */
};

/* Moves this process, which has one thread, into new ones. It stays who it is. Its capabilities in them are those that
 * it needs to make itself at home, until tri_namespaces_settle. 0; a negative errno: it is where it was; TR_REFUSED: it is
 * nobody, and had better end. */
int tri_namespaces_enter(enum tri_namespaces which);

/* In the pid namespace: shows it its own /proc. 0 or a negative errno. */
int tri_namespaces_mount_proc(void);

/* Gives up all capabilities. */
void tri_namespaces_settle(void);

#endif
