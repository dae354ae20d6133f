/* Birth: what actors and guests do alike between their first packet and TRI_READY. */
#ifndef TRI_PROCESS_BIRTH_H
#define TRI_PROCESS_BIRTH_H

#include "process/runtime.h"

/* Becomes who TRI_BIRTH says: takes the identity, maps the table, opens the mailbox, becomes the user and
 * enters the surroundings that it is to have, and tells the node that it is ready. The packet's argument is left in
 * process->argument, unchecked, unless it came with surroundings.
 *   ret_entry   the entry's name; lives in the packet
 *   ret_name    the name that it is registered under, or else the entry's; lives in the packet
 *   why         gets a term when that tells more than the result; NULL for a guest
 * 0; TR_MALFORMED; what tri_user_enter says; what chdir(2) says of the directory that it is to work in; what
 * tri_table_open, tri_mailbox_open and tri_channel_send say. */
int tri_birth_take(struct tri_process *process, const struct tri_packet *birth,
                   const char **ret_entry, const char **ret_name, struct tr_out *why);

#endif
