/* Complete: what a shell offers when Tab is pressed. The shells' own scripts only carry words to and fro. */
#ifndef TROUPE_TOOL_COMPLETE_H
#define TROUPE_TOOL_COMPLETE_H

/* Prints what the last of the words, which may be empty, could become: one a line, with a tab and a few words about it.
 * A line of a tab and "files" alone says that names of files may stand there. Says nothing on standard error: who
 * presses Tab is in the middle of a line.
 *   words   what stands behind `troupe`
 * Returns an exit status. */
int complete(int count, char **words);

#endif
