/* Every figure of a run, as it was measured, for who wants to draw or doubt. */
#include <stdio.h>

#include "bench/bench.h"

static void write_entry(FILE *file, const struct row *row, const struct entry *entry, size_t figure)
{
    char name[96];
    for (int round = 0; round < entry->rounds; round++)
        fprintf(file, "\"%s\",%s,\"%s\",%d,%.6g\n", figure_name(row, figure, name),
                row->measurement->figures[figure].unit, entry->name, round + 1,
                entry->figures[figure][round]);
}

int csv_write(const struct sheet *sheet, const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return complain(path);
    fputs("measurement,unit,who,round,figure\n", file);
    for (size_t i = 0; i < sheet->count; i++)
        for (size_t k = 0; k < figure_count(sheet->rows[i].measurement); k++)
            for (size_t n = 0; n < sheet->rows[i].entry_count; n++)
                write_entry(file, &sheet->rows[i], &sheet->rows[i].entries[n], k);
    return fclose(file) == 0 ? 0 : complain(path);
}
