/* Mapper: a worker of `troupe map` as its users write them: a line in, a line out, and native code that does what lines say. It is
 * no actor. Each job that it begins is a line in the file that its first argument names, for those who count. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static void note(const char *path, const char *line)
{
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    char text[256];
    int length = snprintf(text, sizeof text, "%s\n", line);
    if (fd >= 0 && write(fd, text, (size_t)length) != length)
        abort();
    if (fd >= 0)
        close(fd);
}

static void begin_family(void)
{
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            setsid();
            pause();
        }
}

/* Thirty megabytes, then it waits: whoever watches it ends it. */
static void fill_memory(void)
{
    size_t bytes = (size_t)30 << 20;
    char *memory = malloc(bytes);
    if (!memory)
        abort();
    for (size_t i = 0; i < bytes; i += 4096)
        ((volatile char *)memory)[i] = 1;
    for (;;)
        pause();
}

/* Its answer has left, and the next job, or the end of its input, is there: not read. */
static void die_idle(void)
{
    struct pollfd next = {.fd = STDIN_FILENO, .events = POLLIN};
    poll(&next, 1, -1);
    raise(SIGSEGV);
}

static void work(const char *line)
{
    if (strncmp(line, "crash", 5) == 0)
        raise(SIGSEGV);
    else if (strncmp(line, "abort", 5) == 0)
        abort();
    else if (strncmp(line, "hang", 4) == 0)
        for (;;)
            pause();
    else if (strncmp(line, "exit", 4) == 0)
        exit(atoi(line + 4));
    else if (strncmp(line, "sleep", 5) == 0)
        usleep((useconds_t)atoi(line + 5) * 1000);
    else if (strncmp(line, "until ", 6) == 0)
        while (access(line + 6, F_OK) != 0)
            usleep(1000);
    else if (strncmp(line, "family", 6) == 0)
        begin_family();
    else if (strncmp(line, "twice", 5) == 0)
        puts("and one more");
    else if (strncmp(line, "complain", 8) == 0)
        fprintf(stderr, "the mapper complains\n");
    else if (strncmp(line, "large", 5) == 0)
        fill_memory();
    else if (strncmp(line, "mount", 5) == 0)
        mount("none", "/nowhere", "none", 0, NULL);
    else if (strncmp(line, "close", 5) == 0)
        close(STDOUT_FILENO);
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    setvbuf(stdout, NULL, _IOLBF, 0);
    while ((length = getline(&line, &capacity, stdin)) > 0) {
        line[strcspn(line, "\n")] = '\0';
        note(argc > 1 ? argv[1] : NULL, line);
        work(line);
        printf("<%s>\n", line);
        if (strncmp(line, "leave", 5) == 0)
            die_idle();
    }
    free(line);
    return 0;
}
