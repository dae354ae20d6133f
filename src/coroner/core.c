/* Core: a name that does not say where it lies is looked for where the node was started, which is where its actors are unless
 * they have gone elsewhere. */
#include "coroner/core.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"

/* In %e and %E the kernel puts ! for /. */
static void spell_path(const char *path, char *to, size_t size_bytes)
{
    snprintf(to, size_bytes, "%s", path);
    for (char *at = to; *at; at++)
        *at = *at == '/' ? '!' : *at;
}

/* What stands for a letter behind a %, which is nothing for one that means nothing; false when it is not known here. */
static bool spell_one(char letter, const struct tri_core *core, char *to, size_t size_bytes)
{
    const char *slash = strrchr(core->executable, '/');
    const char *name = slash ? slash + 1 : core->executable;
    switch (letter) {
    case 'p':
    case 'P':
        snprintf(to, size_bytes, "%d", core->os_pid);
        return true;
    case 'i':
    case 'I':
        snprintf(to, size_bytes, "%d", core->thread_id);
        return true;
    case 's':
        snprintf(to, size_bytes, "%d", core->signal);
        return true;
    case 't':
        snprintf(to, size_bytes, "%llu", (unsigned long long)core->time_s);
        return true;
    case 'u':
        snprintf(to, size_bytes, "%d", (int)getuid());
        return true;
    case 'g':
        snprintf(to, size_bytes, "%d", (int)getgid());
        return true;
    case 'e':
        spell_path(core->thread_name, to, size_bytes);
        return true;
    case 'f':
        snprintf(to, size_bytes, "%s", name);
        return true;
    case 'E':
        spell_path(core->executable, to, size_bytes);
        return true;
    case 'h':
        return gethostname(to, size_bytes) == 0;
    case '%':
        snprintf(to, size_bytes, "%%");
        return true;
    default:
        to[0] = '\0';
        return !strchr("cCdF", letter);
    }
}

bool tri_core_spell(const char *pattern, bool adds_os_pid, const struct tri_core *core,
                    char ret_path[TRI_CORE_PATH_BYTES])
{
    char word[TRI_CORE_PATH_BYTES];
    size_t length = 0;
    bool has_os_pid = false;
    for (const char *at = pattern; *at; at++) {
        snprintf(word, sizeof word, "%c", *at);
        if (*at == '%' && !at[1])
            break;
        if (*at == '%') {
            has_os_pid |= *++at == 'p';
            if (!spell_one(*at, core, word, sizeof word))
                return false;
        }
        if (length + strlen(word) >= TRI_CORE_PATH_BYTES)
            return false;
        memcpy(ret_path + length, word, strlen(word));
        length += strlen(word);
    }
    ret_path[length] = '\0';
    if (adds_os_pid && !has_os_pid) {
        int more = snprintf(ret_path + length, TRI_CORE_PATH_BYTES - length, ".%d", core->os_pid);
        return (size_t)more < TRI_CORE_PATH_BYTES - length;
    }
    return true;
}

/* The first line, "" when there is none to be read. */
static void read_line(const char *path, char *line, size_t size_bytes)
{
    tri_fd_read_text(AT_FDCWD, path, line, size_bytes);
    line[strcspn(line, "\n")] = '\0';
}

bool tri_core_find(const struct tri_core *core, char ret_path[TRI_CORE_PATH_BYTES])
{
    char pattern[256], uses_pid[16], name[TRI_CORE_PATH_BYTES];
    ret_path[0] = '\0';
    read_line("/proc/sys/kernel/core_pattern", pattern, sizeof pattern);
    if (pattern[0] == '|')
        snprintf(ret_path, TRI_CORE_PATH_BYTES, "%s", pattern);
    if (!pattern[0] || strchr("|@", pattern[0]))
        return false;
    read_line("/proc/sys/kernel/core_uses_pid", uses_pid, sizeof uses_pid);
    if (!tri_core_spell(pattern, uses_pid[0] == '1', core, name))
        return false;
    TRI_AUTO(tri_freep) char *whole = realpath(name, NULL);
    struct stat st;
    /* One that lies there from an earlier crash is not this one's. */
    if (!whole || strlen(whole) >= TRI_CORE_PATH_BYTES || stat(whole, &st) < 0 ||
        !S_ISREG(st.st_mode) || (uint64_t)st.st_mtime + 60 < core->time_s)
        return false;
    strcpy(ret_path, whole);
    return true;
}
