/* Births: an array whose beginning moves; what is taken from its middle is filled up from its beginning. */
#include "process/births.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Room behind the end: at the beginning, if half of the array is free there, else in a larger array. */
static int make_room(struct tri_births *births)
{
    size_t count = births->end - births->first;
    if (births->first < births->capacity / 2 || births->capacity == 0) {
        size_t capacity = births->capacity ? 2 * births->capacity : 16;
        struct tri_birth *at = realloc(births->at, capacity * sizeof *at);
        if (!at)
            return -ENOMEM;
        births->at = at;
        births->capacity = capacity;
    }
    memmove(births->at, births->at + births->first, count * sizeof *births->at);
    births->first = 0;
    births->end = count;
    return 0;
}

int tri_births_add(struct tri_births *births, const struct tri_birth *birth)
{
    int r = births->end == births->capacity ? make_room(births) : 0;
    if (r == 0)
        births->at[births->end++] = *birth;
    return r;
}

bool tri_births_take(struct tri_births *births, uint32_t request, struct tri_birth *ret_birth)
{
    size_t i = births->first;
    while (i < births->end && births->at[i].request != request)
        i++;
    if (i == births->end)
        return false;
    *ret_birth = births->at[i];
    memmove(&births->at[births->first + 1], &births->at[births->first],
            (i - births->first) * sizeof *births->at);
    births->first++;
    return true;
}

bool tri_births_take_first(struct tri_births *births, struct tri_birth *ret_birth)
{
    return births->first < births->end &&
           tri_births_take(births, births->at[births->first].request, ret_birth);
}

void tri_births_deinit(struct tri_births *births)
{
    free(births->at);
    *births = (struct tri_births){0};
}
