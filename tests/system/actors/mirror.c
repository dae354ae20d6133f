/* mirror: an actor that looks at itself as the kernel shows it, in lines `what: value`, and ends. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/check.h"

static void show_descriptors(void)
{
    char path[64], target[256];
    DIR *folder = opendir("/proc/self/fd");
    CHECK(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || fd == dirfd(folder))
            continue;
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(path, target, sizeof target - 1);
        printf("fd: %d%s %.*s\n", fd, fcntl(fd, F_GETFD) & FD_CLOEXEC ? " cloexec" : "",
               length > 0 ? (int)length : 0, target);
    }
    closedir(folder);
}

static void show_file(const char *what, const char *path)
{
    char text[512];
    FILE *file = fopen(path, "re");
    CHECK(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    text[strcspn(text, "\n")] = '\0';
    printf("%s: %s\n", what, text);
}

static void show_signals(void)
{
    char line[256];
    FILE *file = fopen("/proc/self/status", "re");
    CHECK(file);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "SigBlk:", 7) == 0 || strncmp(line, "SigIgn:", 7) == 0)
            printf("%.6s: %s", line, line + 7 + strspn(line + 7, "\t "));
    fclose(file);
    for (int number = 1; number < SIGRTMIN; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            printf("ignored: %d\n", number);
    }
}

TR_ACTOR(mirror)
{
    char pid[TR_PID_TEXT_BYTES];
    int death_signal = 0;
    show_descriptors();
    show_signals();
    show_file("comm", "/proc/self/comm");
    show_file("cmdline", "/proc/self/cmdline");
    prctl(PR_GET_PDEATHSIG, &death_signal);
    printf("pdeathsig: %d\n", death_signal);
    printf("leads its session: %s\n", getsid(0) == getpid() ? "yes" : "no");
    printf("parent: %d\n", (int)getppid());
    printf("umask: %03o\n", (unsigned)umask(0));
    printf("pid: %s\n", tr_pid_text(tr_self(), pid));
    printf("os_pid: %d\n", (int)getpid());
    fflush(stdout);
}

TR_ACTOR(main)
{
    tr_pid pid;
    tr_ref monitor;
    const struct tr_spawn_options options = {.name = "glass", .flags = TR_SPAWN_MONITOR};
    struct tr_out nothing = {0};
    tr_put_nil(&nothing);
    CHECK(tr_spawn_term("mirror", &options, tr_out_term(&nothing), &pid, &monitor) == 0);
    tr_out_deinit(&nothing);
    EXPECT("{'DOWN', Ref, process, Pid, normal}", monitor, pid);
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
