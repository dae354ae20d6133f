/* Folder: how much lies in one, which is how tests see what was left. */
#ifndef SUPPORT_FOLDER_H
#define SUPPORT_FOLDER_H

#include <dirent.h>
#include <stddef.h>

/* How many files and folders are in it; none when there is no such folder. */
static inline size_t folder_entries(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}

#endif
