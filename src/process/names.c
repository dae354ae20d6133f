/* Names: changed by the node alone, read from its table by everyone. */
#include "process/names.h"

#include <string.h>

#include "process/pump.h"
#include "process/request.h"
#include "term/utf8.h"

bool tri_name_is_proper(const char *name)
{
    size_t characters;
    return tri_name_is_valid(name) &&
           tri_utf8_count((const uint8_t *)name, strlen(name), &characters);
}

static int ask(enum tri_control_kind kind, const char *name, tr_pid pid)
{
    struct tri_parcel parcel = tri_parcel_of(kind);
    parcel.head.pid = pid.id;
    parcel.name = name;
    parcel.name_bytes = strlen(name);
    return tri_request(tri_process_here(), &parcel, NULL);
}

int tr_register(const char *name, tr_pid pid)
{
    tri_process_here();
    return tri_name_is_proper(name) ? ask(TRI_REGISTER, name, pid) : TR_BAD_NAME;
}

int tr_unregister(const char *name)
{
    tri_process_here();
    return tri_name_is_proper(name) ? ask(TRI_UNREGISTER, name, TR_NO_PID) : TR_NOPROC;
}

/* Both of these are asked in loops by programs that wait for something: they keep the runtime going meanwhile. */
tr_pid tr_whereis(const char *name)
{
    struct tri_process *process = tri_process_here();
    tri_pump(process);
    return tri_name_is_valid(name) ? tri_table_whereis(&process->table, name) : TR_NO_PID;
}

void tr_registered(void (*visit)(const char *name, tr_pid pid, void *context), void *context)
{
    struct tri_process *process = tri_process_here();
    uint32_t rows = atomic_load(&process->table.header->rows_in_use);
    for (uint32_t slot = 0; slot < rows; slot++) {
        struct tri_row row;
        if (!tri_table_read(&process->table, slot, &row) || !row.has_name)
            continue;
        row.name[TRI_NAME_BYTES - 1] = '\0';
        visit(row.name, tr_pid_make(slot, tri_tenancy_generation(row.tenancy)), context);
    }
}

bool tr_is_alive(tr_pid pid)
{
    struct tri_process *process = tri_process_here();
    tri_pump(process);
    return !process->node_is_gone && tri_table_is_alive(&process->table, pid);
}
