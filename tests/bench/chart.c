/* The chart of a run, drawn by gnuplot: two panels of bars for the rows that targets are about, two of lines for what
 * depends on size and on the number of senders. Least and greatest figure are drawn with each median.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

#define PANELS 4

struct panel {
    const char *title;
    const char *measurement; /* whose rows lie along the x axis, or, for bars, … */
    const char *row;         /* … the row whose contestants lie along the y axis */
};

static const struct panel panels[PANELS] = {
    {"One way, 64 B, messages/s (more is better)", NULL, "one way 64 B"},
    {"Round trip, 64 B, microseconds (less is better)", NULL, "round trip 64 B, two CPUs"},
    {"One way by size, messages/s", "one way", NULL},
    {"Fan-in by number of senders, 64 B, messages/s", "fan-in", NULL},
};

static const struct row *find_row(const struct sheet *sheet, const char *name)
{
    for (size_t i = 0; i < sheet->count; i++)
        if (strcmp(sheet->rows[i].name, name) == 0)
            return &sheet->rows[i];
    return NULL;
}

static bool is_of(const struct row *row, const char *measurement)
{
    return strcmp(row->measurement->name, measurement) == 0;
}

static bool is_there(const struct entry *entry)
{
    return entry->status == STATUS_FINE && entry->rounds > 0;
}

/* ---------------------------------------------------------------- bars */

struct range {
    int count;
    double least, most;
};

/* A datablock: place, median, least, greatest, colour, name. */
static struct range put_bar_data(FILE *out, size_t panel, const struct row *row)
{
    struct range range = {0};
    fprintf(out, "$panel%zu << END\n", panel);
    for (size_t i = 0; i < row->entry_count; i++) {
        struct spread spread = spread_of(&row->entries[i], 0);
        if (!is_there(&row->entries[i]))
            continue;
        if (range.count == 0 || spread.least < range.least)
            range.least = spread.least;
        if (spread.most > range.most)
            range.most = spread.most;
        fprintf(out, "%d %g %g %g %d \"%s\"\n", range.count++, spread.median, spread.least,
                spread.most, i == 0 ? 1 : 2, row->entries[i].name);
    }
    fprintf(out, "END\n");
    return range;
}

static void draw_bars(FILE *out, size_t panel, const struct row *row)
{
    struct range range = put_bar_data(out, panel, row);
    fprintf(out,
            "unset key\nunset logscale y\nset logscale x\nset format x '%%.0s%%c'\n"
            "set xrange [%g:%g]\nset yrange [%d.6:-0.6]\n"
            "plot $panel%zu using 2:1:(%g):2:($1-0.35):($1+0.35):5:ytic(6) with boxxyerror "
            "fill solid 0.8 noborder lc variable, "
            "'' using 2:1:3:4 with xerrorbars pt 0 lw 1.5 lc 'black', "
            "'' using ($4*1.15):1:($2 < 1000 ? sprintf('%%.3g', $2) : gprintf('%%.1s%%c', $2)) "
            "with labels left "
            "font ',10'\n",
            range.least / 4, range.most * 6, range.count - 1, panel, range.least / 4);
}

/* ---------------------------------------------------------------- lines */

static double x_of(const struct row *row)
{
    return row->measurement->senders ? (double)row->load.senders : (double)row->load.size_bytes;
}

static char *x_name(const struct row *row, char buffer[24])
{
    double x = x_of(row);
    bool is_kib = !row->measurement->senders && x >= 1024;
    snprintf(buffer, 24, "%g%s", is_kib ? x / 1024 : x,
             row->measurement->senders ? ""
             : is_kib                  ? " KiB"
                                       : " B");
    return buffer;
}

/* One datablock for each name that is there at every size. How many there are. */
static size_t put_line_data(FILE *out, size_t panel, const struct sheet *sheet,
                            const struct measurement *m, const char *names[])
{
    size_t count = 0;
    char x[24];
    for (size_t n = 0; n <= PEERS_MAX; n++) {
        const char *name = n == 0 ? "troupe" : n - 1 < PEERS_MAX ? m->peers[n - 1].name : NULL;
        if (!name || (n > 0 && m->peers[n - 1].is_slow_to_start))
            continue;
        fprintf(out, "$line%zu_%zu << END\n", panel, count);
        for (size_t i = 0; i < sheet->count; i++)
            for (size_t k = 0; sheet->rows[i].measurement == m && k < sheet->rows[i].entry_count;
                 k++) {
                const struct entry *entry = &sheet->rows[i].entries[k];
                struct spread spread = spread_of(entry, 0);
                if (strcmp(entry->name, name) == 0 && is_there(entry))
                    fprintf(out, "%g %g %g %g \"%s\"\n", x_of(&sheet->rows[i]), spread.median,
                            spread.least, spread.most, x_name(&sheet->rows[i], x));
            }
        fprintf(out, "END\n");
        names[count++] = name;
    }
    return count;
}

static void draw_lines(FILE *out, size_t panel, const struct sheet *sheet, const char *measurement)
{
    const char *names[PEERS_MAX + 1];
    size_t row = 0;
    while (!is_of(&sheet->rows[row], measurement))
        row++;
    size_t count = put_line_data(out, panel, sheet, sheet->rows[row].measurement, names);
    fprintf(out, "unset logscale\nset xrange [*:*]\nset yrange [*:*] noreverse\n"
                 "set logscale xy\nset key bottom left\n"
                 "set format y '%%.0s%%c'\nset ytics auto\n"
                 "set offsets graph 0.05, graph 0.05\nplot ");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s$line%zu_%zu using 1:2:3:4%s with yerrorlines lw %d pt 7 ps 0.5 title '%s'",
                i ? ", " : "", panel, i, i == 0 ? ":xtic(5)" : "", i == 0 ? 3 : 1, names[i]);
    fprintf(out, "\n");
}

/* ---------------------------------------------------------------- the whole */

static bool has_data(const struct sheet *sheet, const struct panel *panel)
{
    if (panel->row)
        return find_row(sheet, panel->row) != NULL;
    for (size_t i = 0; i < sheet->count; i++)
        if (is_of(&sheet->rows[i], panel->measurement) && is_there(&sheet->rows[i].entries[0]))
            return true;
    return false;
}

static void draw(FILE *out, const struct sheet *sheet, const char *path)
{
    char machine[512];
    machine_describe(machine, sizeof machine);
    fprintf(out,
            "set terminal svg size 1200,900 dynamic background 'white' font 'sans,12' noenhanced\n"
            "set output '%s'\nset style line 1 lc rgb '#c0392b'\nset style line 2 lc rgb "
            "'#7f8c8d'\nset linetype 1 lc rgb '#c0392b'\nset linetype 2 lc rgb '#7f8c8d'\n"
            "set multiplot layout 2,2 title \"troupe beside other ways to do the same\\n%s, "
            "medians of %d\"\nset grid\n",
            path, machine, sheet->rows[0].rounds);
    for (size_t i = 0; i < PANELS; i++) {
        if (!has_data(sheet, &panels[i]))
            continue;
        fprintf(out, "set title \"%s\"\n", panels[i].title);
        if (panels[i].row)
            draw_bars(out, i, find_row(sheet, panels[i].row));
        else
            draw_lines(out, i, sheet, panels[i].measurement);
    }
    fprintf(out, "unset multiplot\n");
}

int chart_write(const struct sheet *sheet, const char *path)
{
    FILE *gnuplot;
    bool has_any = false;
    for (size_t i = 0; i < PANELS; i++)
        has_any |= has_data(sheet, &panels[i]);
    if (!has_any || strchr(path, '\'')) {
        fprintf(stderr, "bench: %s: nothing to draw there\n", path);
        return -1;
    }
    if (system("command -v gnuplot >/dev/null 2>&1") != 0) {
        fprintf(stderr, "bench: no chart: there is no gnuplot (tools/setup --bench installs it)\n");
        return BENCH_MISSING;
    }
    gnuplot = popen("gnuplot", "we");
    if (!gnuplot)
        return complain("gnuplot");
    draw(gnuplot, sheet, path);
    int status = pclose(gnuplot);
    if (status == 0 && access(path, R_OK) == 0)
        return 0;
    fprintf(stderr, "bench: %s: gnuplot failed\n", path);
    return -1;
}
