/* Node: verbs made of programs and the shared table. */
#include "support/node.h"

#include <signal.h>
#include <string.h>

enum { ARGUMENTS_MAX = 32 };

static struct program *start_list(const char *binary, const char *first, va_list rest)
{
    const char *argv[ARGUMENTS_MAX + 1] = {binary};
    size_t count = 1;
    for (const char *argument = first; argument; argument = va_arg(rest, const char *)) {
        assert_true(count < ARGUMENTS_MAX);
        argv[count++] = argument;
    }
    return program_start(argv);
}

struct program *node_start(const char *binary, ...)
{
    va_list rest;
    va_start(rest, binary);
    struct program *node = start_list(binary, va_arg(rest, const char *), rest);
    va_end(rest);
    return node;
}

int node_stop(struct program *node)
{
    program_signal(node, SIGTERM);
    return program_wait(node);
}

struct program *run_tool(const char *first, ...)
{
    va_list rest;
    va_start(rest, first);
    struct program *tool = start_list("bin/troupe", first, rest);
    va_end(rest);
    program_wait(tool);
    return tool;
}

static bool table_open(struct tri_table *table)
{
    struct tri_rundir dir;
    return tri_rundir_find(NULL, &dir, NULL, 0) == 0 && tri_table_open(table, &dir) == 0;
}

/* The row of the living actor of that name. */
static bool find_actor(const char *name, struct tri_row *ret_row, tr_pid *ret_pid)
{
    struct tri_table table;
    if (!table_open(&table))
        return false;
    *ret_pid = tri_table_whereis(&table, name);
    bool is_found = !tr_pid_is_none(*ret_pid) &&
                    tri_table_read(&table, tr_pid_slot(*ret_pid), ret_row) &&
                    tri_table_is_alive(&table, *ret_pid);
    tri_table_close(&table);
    return is_found;
}

bool actor_exists(const char *name)
{
    struct tri_row row;
    tr_pid pid;
    return find_actor(name, &row, &pid);
}

bool actor_is_another(const char *name, tr_pid than)
{
    struct tri_row row;
    tr_pid pid;
    return find_actor(name, &row, &pid) && !tr_pid_equal(pid, than);
}

tr_pid actor_pid(const char *name)
{
    struct tri_row row;
    tr_pid pid = TR_NO_PID;
    if (!find_actor(name, &row, &pid))
        fail_msg("no actor is called %s", name);
    return pid;
}

pid_t actor_os_pid(const char *name)
{
    struct tri_row row;
    tr_pid pid;
    if (!find_actor(name, &row, &pid))
        fail_msg("no actor is called %s", name);
    assert_true(row.os_pid > 1);
    return row.os_pid;
}

pid_t actor_os_pid_now(const char *name)
{
    struct tri_row row;
    tr_pid pid;
    return find_actor(name, &row, &pid) ? row.os_pid : 0;
}

void kill_actor(const char *name) { assert_int_equal(kill(actor_os_pid(name), SIGKILL), 0); }

unsigned node_actors(void)
{
    struct tri_table table;
    if (!table_open(&table))
        return 0;
    unsigned actors = table.header->actors;
    tri_table_close(&table);
    return actors;
}

pid_t node_guardian_os_pid(void)
{
    struct tri_table table;
    if (!table_open(&table))
        return 0;
    pid_t os_pid = table.header->guardian_os_pid;
    tri_table_close(&table);
    return os_pid;
}

pid_t node_os_pid(void)
{
    struct tri_table table;
    if (!table_open(&table))
        return 0;
    pid_t os_pid = table.header->node_os_pid;
    tri_table_close(&table);
    return os_pid;
}
