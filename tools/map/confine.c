/* Confine: as a program that is an actor is confined (behaviour/program.c). */
#include "map/confine.h"

int map_confine_init(struct map_confine *confine, const struct tri_confinement *confinement,
                     const char **ret_path)
{
    bool is_sandboxed = confinement->sandbox != TR_SANDBOX_NONE;
    *confine = (struct map_confine){.is_needed = !tri_confinement_is_none(confinement)};
    if (!confine->is_needed)
        return 0;
    if (is_sandboxed) /* what cannot be built is lacking, which the worker's keeper tells */
        tri_filter_build((enum tr_sandbox)confinement->sandbox, TRI_FILTER_OF_PROGRAM,
                         &confine->filter);
    int r = tri_confined_prepare(&confine->confined, confinement, TRI_LIMITED_PROGRAM,
                                 (struct tri_paths){0}, confine->filter.code,
                                 confine->filter.size_bytes, ret_path);
    confine->is_needed = r == 0;
    confine->confined.may_have_pid_namespace = confinement->sandbox == TR_SANDBOX_FULL;
    if (r)
        tri_filter_deinit(&confine->filter);
    return r;
}

void map_confine_deinit(struct map_confine *confine)
{
    if (!confine->is_needed)
        return;
    tri_confined_deinit(&confine->confined);
    tri_filter_deinit(&confine->filter);
    confine->is_needed = false;
}
