/* Stint: what was waited before the sign of life counts, too, as far as it was after the look before: that is a little in the
 * actor's favour, and costs it no look at each sign. */
#include "node/stint.h"

/* From the sign of life to a time, without what it waited meanwhile. */
static uint64_t length_ns(const struct tri_stint *stint, uint64_t until_ns, uint64_t waited_ns)
{
    uint64_t excused_ns = waited_ns > stint->waited_ns ? waited_ns - stint->waited_ns : 0;
    return until_ns > stint->sign_ns + excused_ns ? until_ns - stint->sign_ns - excused_ns : 0;
}

struct tri_stint_length tri_stint_look(struct tri_stint *stint, uint64_t now_ns, uint64_t sign_ns,
                                       uint64_t ran_ns, uint64_t waited_ns)
{
    bool has_run = ran_ns != stint->look_ran_ns || waited_ns != stint->look_waited_ns;
    if (sign_ns != stint->sign_ns) {
        stint->sign_ns = sign_ns;
        stint->waited_ns = stint->look_ns ? stint->look_waited_ns : waited_ns;
    }
    struct tri_stint_length length = {
        .certain_ns = has_run ? length_ns(stint, stint->look_ns, waited_ns) : 0,
        .apparent_ns = length_ns(stint, now_ns, waited_ns),
    };
    stint->look_ns = now_ns;
    stint->look_ran_ns = ran_ns;
    stint->look_waited_ns = waited_ns;
    return length;
}
