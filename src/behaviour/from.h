/* From: what the tag of a question tells. */
#ifndef TRI_BEHAVIOUR_FROM_H
#define TRI_BEHAVIOUR_FROM_H

#include <stdbool.h>

#include "troupe/term.h"

/* Is this the tag [alias | Ref], of a question whose answer goes to an alias of ours? */
bool tri_tag_is_alias(tr_term tag, tr_ref *ret_alias);

#endif
