/* Examine: gathers what is known of one end, from what the node says and from what the dead one has left in its window. */
#ifndef TRI_CORONER_EXAMINE_H
#define TRI_CORONER_EXAMINE_H

#include "coroner/report.h"
#include "coroner/symbols.h"

/* What an inquest needs, kept from one to the next, because it is large. */
struct tri_examiner;

/*   boxes_fd   of <rundir>/boxes, -1 for none; stays the caller's */
struct tri_examiner *tri_examiner_new(int boxes_fd, uint32_t slots);
void tri_examiner_free(struct tri_examiner *examiner);

/* Gathers what the node is to be answered: what lies in the window, which is not looked at again afterwards, for it may be
 * another's then; and of the stack as much as says where it was, because every file that is looked into takes time.
 * *ret_report points to the facts, and into the examiner, until the next call. */
void tri_examine(struct tri_examiner *examiner, uint64_t pid, tr_term facts,
                 struct tri_report *ret_report);

/* The rest of the stack. */
void tri_examine_rest(struct tri_examiner *examiner, struct tri_report *report);

#endif
