/* Coroner: a stand-in that answers nothing, so that whoever asks goes on by himself. */
#include "coroner/coroner.h"

#include <unistd.h>

_Noreturn void tri_coroner_run(const struct tri_coroner_options *options)
{
    char packet[4096];
    while (read(options->channel_fd, packet, sizeof packet) != 0)
        usleep(1000);
    _exit(0);
}
