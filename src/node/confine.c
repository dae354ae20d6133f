/* Confine: the wish is handed on as it came; only whether it says sandbox is looked at. */
#include "node/confine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/osproc.h"

static bool says_sandbox(tr_term map)
{
    tr_term level;
    return tr_map_get_atom(map, "sandbox", &level) && !tr_is_atom(level, "none");
}

int tri_confine_for(const struct tri_actor *speaker, const void *wished, size_t size_bytes,
                    struct tri_body **ret_wish, bool *ret_is_sandboxed)
{
    tr_term term, map;
    *ret_wish = NULL;
    *ret_is_sandboxed = speaker->is_sandboxed;
    if (speaker->is_sandboxed) {
        *ret_wish = tri_body_ref(speaker->wish);
        return 0;
    }
    if (size_bytes == 0)
        return 0;
    if (tr_check(wished, size_bytes, NULL, &term) || tr_match(term, "{Map, _}", &map) ||
        tr_kind_of(map) != TR_KIND_MAP)
        return TR_MALFORMED;
    *ret_is_sandboxed = says_sandbox(map);
    *ret_wish = tri_body_of_bytes(wished, size_bytes);
    return *ret_wish ? 0 : -ENOMEM;
}

void tri_confine_told(struct tri_actor *actor, struct tri_packet *ready)
{
    tr_term map;
    if (ready->body && ready->head.body_bytes > 0 && !actor->confinement &&
        tr_check(ready->body, ready->head.body_bytes, NULL, &map) == 0 &&
        tr_kind_of(map) == TR_KIND_MAP)
        actor->confinement = tri_body_of_bytes(ready->body, ready->head.body_bytes);
}

/* How many filters of calls a process has; -1 when that cannot be told. They are inherited, and never leave it. */
static int count_filters(int os_pid)
{
    char text[4096];
    const char *line;
    int count;
    if (!tri_osproc_read(os_pid, "status", text, sizeof text) ||
        !(line = strstr(text, "\nSeccomp_filters:")) ||
        sscanf(line, "\nSeccomp_filters: %d", &count) != 1)
        return -1;
    return count;
}

bool tri_confine_is_sandboxed(int os_pid)
{
    int own = count_filters(getpid());
    return own >= 0 && count_filters(os_pid) != own;
}
