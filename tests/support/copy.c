/* Copy: in /tmp, which is the only place that everybody can be sure to reach. */
#include "support/copy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/program.h"

void copy_file(const char *from, const char *to)
{
    struct stat status;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    assert_true(in >= 0 && out >= 0);
    assert_int_equal(fstat(in, &status), 0);
    for (off_t left = status.st_size; left > 0;) {
        ssize_t copied = sendfile(out, in, NULL, (size_t)left);
        assert_true(copied > 0);
        left -= copied;
    }
    assert_int_equal(fchmod(out, 0755), 0); /* whatever the umask is */
    close(in);
    close(out);
}

void copies_begin(struct copies *ret_copies)
{
    strcpy(ret_copies->folder, "/tmp/troupe-copies.XXXXXX");
    assert_non_null(mkdtemp(ret_copies->folder));
    assert_int_equal(chmod(ret_copies->folder, 0755), 0);
}

const char *copies_add(const struct copies *copies, const char *program, const char *name,
                       char ret_path[COPY_PATH_BYTES])
{
    char from[4096];
    assert_true(snprintf(from, sizeof from, "%s/%s", program_folder(), program) < (int)sizeof from);
    assert_true(snprintf(ret_path, COPY_PATH_BYTES, "%s/%s", copies->folder, name) <
                COPY_PATH_BYTES);
    copy_file(from, ret_path);
    return ret_path;
}

void copies_end(const struct copies *copies)
{
    DIR *folder = opendir(copies->folder);
    assert_non_null(folder);
    for (struct dirent *each; (each = readdir(folder));)
        if (each->d_name[0] != '.')
            assert_int_equal(unlinkat(dirfd(folder), each->d_name, 0), 0);
    closedir(folder);
    assert_int_equal(rmdir(copies->folder), 0);
}
