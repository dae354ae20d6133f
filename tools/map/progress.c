/* Progress: drawn five times a second, at the width of the terminal. */
#include "map/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"

#define DRAW_EACH_NS (200 * TRI_NS_PER_MS)
#define BAR_MAX 30

void map_progress_init(struct map_progress *progress, bool is_shown)
{
    const char *terminal = getenv("TERM");
    is_shown = is_shown && terminal && strcmp(terminal, "dumb") != 0;
    *progress =
        (struct map_progress){.is_shown = is_shown, .began_ns = tri_clock_ns(), .share = -1};
}

void map_progress_time(uint64_t seconds, char text[32])
{
    unsigned hours = (unsigned)(seconds / 3600), minutes = (unsigned)(seconds / 60 % 60);
    if (hours)
        snprintf(text, 32, "%u:%02u:%02u", hours, minutes, (unsigned)(seconds % 60));
    else
        snprintf(text, 32, "%u:%02u", minutes, (unsigned)(seconds % 60));
}

static int columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* "[#####     ] 50 %  0:07 left", as much of it as there is room for. */
static void draw_bar(const struct map_progress *progress, double elapsed_s, int room)
{
    char left[32], bar[BAR_MAX + 1];
    int width = room - 24 < BAR_MAX ? room - 24 : BAR_MAX;
    if (progress->share <= 0 || width < 3)
        return;
    int filled = (int)(progress->share * width + 0.5);
    memset(bar, ' ', sizeof bar);
    memset(bar, '#', (size_t)filled);
    map_progress_time((uint64_t)(elapsed_s * (1 - progress->share) / progress->share + 0.5), left);
    fprintf(stderr, "  [%.*s] %3.0f %%  %s left", width, bar, 100 * progress->share, left);
}

void map_progress_draw(struct map_progress *progress)
{
    uint64_t now_ns = tri_clock_ns();
    if (!progress->is_shown || now_ns - progress->drawn_ns < DRAW_EACH_NS)
        return;
    double elapsed_s = (double)(now_ns - progress->began_ns) / 1e9;
    double rate = (double)(progress->done + progress->failed) / (elapsed_s > 0 ? elapsed_s : 1);
    char text[96];
    int length = snprintf(text, sizeof text, "%" PRIu64 " done  %" PRIu64 " failed  %.*f/s",
                          progress->done + progress->earlier, progress->failed, rate < 10, rate);
    progress->drawn_ns = now_ns;
    progress->is_drawn = true;
    fprintf(stderr, "\r\033[K%s", text);
    draw_bar(progress, elapsed_s, columns() - length - 1);
    fflush(stderr);
}

void map_progress_clear(struct map_progress *progress)
{
    if (progress->is_drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    progress->is_drawn = false;
}
