/* Tree: the kernel keeps a list of each thread's children, which costs a few files for each process to read; a scan of all of
 * /proc would cost as much as the machine has processes, and this is done many times a second. */
#include "base/tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/osproc.h"

/* A tree of more than that is not looked at further: nobody is limited to so many. */
#define MOST 65536

struct list {
    int *at;
    size_t count, capacity;
};

static void add(struct list *list, int os_pid)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        int *more = capacity <= MOST ? realloc(list->at, capacity * sizeof *more) : NULL;
        if (!more)
            return;
        list->at = more;
        list->capacity = capacity;
    }
    list->at[list->count++] = os_pid;
}

/* The children of one thread. */
static void add_children_of(struct list *list, int os_pid, int thread_id, int without_os_pid)
{
    char path[64];
    int child;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", os_pid, thread_id);
    FILE *file = fopen(path, "re");
    while (file && fscanf(file, "%d", &child) == 1)
        if (child != without_os_pid)
            add(list, child);
    if (file)
        fclose(file);
}

/* Adds the children of all threads, and tells how many threads there are. */
static uint32_t add_children(struct list *list, int os_pid, int without_os_pid)
{
    char path[64];
    uint32_t threads = 0;
    snprintf(path, sizeof path, "/proc/%d/task", os_pid);
    DIR *tasks = opendir(path);
    for (struct dirent *entry; tasks && (entry = readdir(tasks));) {
        int thread_id = atoi(entry->d_name);
        if (thread_id <= 0)
            continue;
        threads++;
        add_children_of(list, os_pid, thread_id, without_os_pid);
    }
    if (tasks)
        closedir(tasks);
    return threads;
}

struct tri_tree tri_tree_look(int without_os_pid)
{
    struct tri_tree tree = {0};
    struct list list = {0};
    uint64_t shared_pages = 0, own_pages = 0;
    add_children(&list, getpid(), without_os_pid);
    for (size_t i = 0; i < list.count; i++) {
        char text[128];
        unsigned long long resident, shared;
        tree.tasks += add_children(&list, list.at[i], 0);
        if (!tri_osproc_read(list.at[i], "statm", text, sizeof text) ||
            sscanf(text, "%*u %llu %llu", &resident, &shared) != 2 || shared > resident)
            continue;
        own_pages += resident - shared;
        shared_pages = shared > shared_pages ? shared : shared_pages;
    }
    free(list.at);
    tree.resident_bytes = (own_pages + shared_pages) * (uint64_t)sysconf(_SC_PAGESIZE);
    return tree;
}
