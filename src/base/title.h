/* Title: what ps, top and pstree show as this process's name. */
#ifndef TRI_BASE_TITLE_H
#define TRI_BASE_TITLE_H

/* Makes the title changeable; called from main, before anything else keeps pointers into argv or the environment. */
void tri_title_init(int argc, char **argv);

/* An environment variable that gives a title room when it comes first; see title.c. Its value says nothing. */
#define TRI_TITLE_ROOM_VARIABLE "TROUPE_TITLE_ROOM"
#define TRI_TITLE_ROOM_BYTES 256

/* Sets the whole command line that ps shows, and the 15 characters that top and pstree show.
 * Does nothing before tri_title_init. */
void tri_title_set(const char *short_name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
