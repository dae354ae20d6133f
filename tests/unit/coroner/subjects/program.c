/* Program: tells where it is, and what it has mapped, for a test that looks at it from outside: the addresses of its stack,
 * one a line, an empty line, and its maps. */
#include <execinfo.h>
#include <stdio.h>

#include "subject.h"

static int tell(void *context)
{
    void *addresses[16];
    int count = backtrace(addresses, 16);
    (void)context;
    for (int i = 0; i < count; i++)
        printf("%lx\n", (unsigned long)addresses[i]);
    printf("\n");
    return 0;
}

int main(void)
{
    char line[1024];
    subject_run(tell, NULL);
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && fgets(line, sizeof line, maps))
        fputs(line, stdout);
    return maps ? fclose(maps) : 1;
}
