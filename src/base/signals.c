/* Signals: all but the two whose disposition cannot be set. */
#include "base/signals.h"

#include <signal.h>
#include <stddef.h>

void tri_signals_default(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}
