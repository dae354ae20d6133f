/* Quarantine: what is stored comes back whole, the oldest give way, and no failure leaves anything. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "behaviour/quarantine.h"
#include "support/small_disk.h"

static char folder[600];

/* On the test's own disk, which can be filled. */
static void use_small_disk(void)
{
    small_disk_mount("size=1m");
    snprintf(folder, sizeof folder, "%s/quarantine", fixture_run_dir());
    setenv("TROUPE_STATE", fixture_run_dir(), 1);
}

static void use_state_folder(void)
{
    snprintf(folder, sizeof folder, "%s/quarantine", fixture_state_dir());
}

static tr_term term_of(struct tr_out *out, const char *text)
{
    tr_out_reset(out);
    assert_int_equal(tr_parse(text, out, NULL, NULL), 0);
    return tr_out_term(out);
}

static int store(const char *job, char id[TRI_KEEPSAKE_ID_BYTES])
{
    struct tr_out job_out = {0}, meta_out = {0};
    int r = tri_quarantine_put(term_of(&job_out, job), term_of(&meta_out, "#{kills => 3}"), id);
    tr_out_deinit(&job_out);
    tr_out_deinit(&meta_out);
    return r;
}

static size_t count(void)
{
    struct tri_keepsake *entries = NULL;
    size_t number = 0;
    assert_int_equal(tri_quarantine_list(&entries, &number), 0);
    free(entries);
    return number;
}

/* Entries of the folder, of whatever name. */
static unsigned count_names(void)
{
    unsigned number = 0;
    DIR *names = opendir(folder);
    for (struct dirent *each; names && (each = readdir(names));)
        number += strcmp(each->d_name, ".") != 0 && strcmp(each->d_name, "..") != 0;
    if (names)
        closedir(names);
    return number;
}

static void what_is_stored_comes_back(void **state)
{
    char id[TRI_KEEPSAKE_ID_BYTES], wanted[] = "{decode,<<\"a.png\">>,[1,2.5]}", text[200];
    struct tr_out job = {0}, meta = {0};
    (void)state;
    use_state_folder();
    assert_int_equal(count(), 0);
    assert_int_equal(store(wanted, id), 0);
    assert_int_equal(tri_quarantine_get(id, &job, &meta), 0);
    tr_print(tr_out_term(&job), text, sizeof text);
    assert_string_equal(text, wanted);
    assert_int_equal(tr_match(tr_out_term(&meta), "#{kills => 3}"), 0);
    assert_int_equal(tri_quarantine_drop(id), 0);
    assert_int_equal(tri_quarantine_drop(id), TR_NOPROC);
    assert_int_equal(tri_quarantine_get(id, &job, &meta), TR_NOPROC);
    assert_int_equal(count_names(), 0);
    tr_out_deinit(&job);
    tr_out_deinit(&meta);
}

static void names_that_lead_elsewhere_are_nobodys(void **state)
{
    struct tr_out job = {0}, meta = {0};
    (void)state;
    use_state_folder();
    const char *const names[] = {"", ".", "..", "../crashes", "a/b", "-a", ".new-1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(tri_quarantine_get(names[i], &job, &meta), TR_NOPROC);
        assert_int_equal(tri_quarantine_drop(names[i]), TR_NOPROC);
    }
}

static void a_job_that_was_tampered_with_is_malformed(void **state)
{
    char id[TRI_KEEPSAKE_ID_BYTES], path[900];
    struct tr_out job = {0}, meta = {0};
    (void)state;
    use_state_folder();
    assert_int_equal(store("good", id), 0);
    snprintf(path, sizeof path, "%s/%s/job", folder, id);
    FILE *file = fopen(path, "w");
    fputs("\x83z", file);
    fclose(file);
    assert_int_equal(tri_quarantine_get(id, &job, &meta), TR_MALFORMED);
    tr_out_deinit(&job);
    tr_out_deinit(&meta);
}

static void the_oldest_give_way(void **state)
{
    char first[TRI_KEEPSAKE_ID_BYTES], last[TRI_KEEPSAKE_ID_BYTES], renamed[900], path[900];
    struct tr_out job = {0}, meta = {0};
    (void)state;
    use_state_folder();
    assert_int_equal(store("first", first), 0);
    /* As if it had been stored long ago. */
    snprintf(path, sizeof path, "%s/%s", folder, first);
    snprintf(renamed, sizeof renamed, "%s/19700101T000000Z-1-001", folder);
    assert_int_equal(rename(path, renamed), 0);
    for (int i = 1; i < TRI_QUARANTINE_MAX; i++)
        assert_int_equal(store("next", last), 0);
    assert_int_equal(count(), TRI_QUARANTINE_MAX);
    assert_int_equal(store("last", last), 0);
    assert_int_equal(count(), TRI_QUARANTINE_MAX);
    assert_int_equal(tri_quarantine_get("19700101T000000Z-1-001", &job, &meta), TR_NOPROC);
    assert_int_equal(tri_quarantine_get(last, &job, &meta), 0);
    tr_out_deinit(&job);
    tr_out_deinit(&meta);
}

/* Ids of the same second are in no order: they tell which process of the kernel's has written them. */
static void of_the_same_second_the_last_written_is_the_newest(void **state)
{
    static const char *const names[] = {"20261122T213000Z-9-001", "20261122T213000Z-10-001",
                                        "20261122T212959Z-8-001"};
    char id[TRI_KEEPSAKE_ID_BYTES], path[900], renamed[900];
    struct tri_keepsake *entries;
    size_t number;
    (void)state;
    use_state_folder();
    for (size_t i = 0; i < 3; i++) {
        const struct timespec times[] = {{1000, 0}, {1000, (long)i}};
        assert_int_equal(store("job", id), 0);
        snprintf(path, sizeof path, "%s/%s", folder, id);
        snprintf(renamed, sizeof renamed, "%s/%s", folder, names[i]);
        assert_int_equal(rename(path, renamed), 0);
        assert_int_equal(utimensat(AT_FDCWD, renamed, times, 0), 0);
    }
    assert_int_equal(tri_quarantine_list(&entries, &number), 0);
    assert_int_equal(number, 3);
    assert_string_equal(entries[0].id, names[2]);
    assert_string_equal(entries[1].id, names[0]);
    assert_string_equal(entries[2].id, names[1]);
    free(entries);
}

static void a_full_disk_is_told_and_nothing_is_left(void **state)
{
    enum { BYTES = 400000 };
    char id[TRI_KEEPSAKE_ID_BYTES];
    struct tr_out job = {0}, meta = {0};
    char *bytes = calloc(1, BYTES);
    int r = 0;
    (void)state;
    use_small_disk();
    tr_put(&meta, "#{}");
    tr_put_binary(&job, bytes, BYTES);
    unsigned stored = 0;
    for (; stored < 10 && r == 0; stored += r == 0)
        r = tri_quarantine_put(tr_out_term(&job), tr_out_term(&meta), id);
    assert_int_equal(r, -ENOSPC);
    assert_true(stored > 0);
    assert_int_equal(count(), stored);
    assert_int_equal(count_names(), stored);
    while (stored-- > 0) {
        struct dirent **names;
        int number = scandir(folder, &names, NULL, alphasort);
        for (int i = 0; i < number; i++) {
            if (names[i]->d_name[0] != '.')
                tri_quarantine_drop(names[i]->d_name);
            free(names[i]);
        }
        free(names);
    }
    assert_int_equal(rmdir(folder), 0);
    free(bytes);
    tr_out_deinit(&job);
    tr_out_deinit(&meta);
}

static void a_folder_that_others_may_write_is_refused(void **state)
{
    char id[TRI_KEEPSAKE_ID_BYTES];
    (void)state;
    use_state_folder();
    assert_int_equal(store("good", id), 0);
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(store("good", id), TR_REFUSED);
    assert_int_equal(chmod(folder, 0700), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(what_is_stored_comes_back),
        node_test(names_that_lead_elsewhere_are_nobodys),
        node_test(a_job_that_was_tampered_with_is_malformed),
        node_test(the_oldest_give_way),
        node_test(of_the_same_second_the_last_written_is_the_newest),
        small_disk_test(a_full_disk_is_told_and_nothing_is_left),
        node_test(a_folder_that_others_may_write_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
