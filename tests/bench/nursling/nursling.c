/* Nursling: what other supervisors start again. It answers as soon as it runs, over two FIFOs in its working directory: it
 * says its process id, and says it again whenever it is asked. Small, so that what is measured is its supervisor. It ends
 * when nobody can ask any more. */
#include <fcntl.h>
#include <unistd.h>

/* Where s6 hears that the program is ready, when there is a file of that name. */
#define NOTIFICATION_FILE "notification-fd"
#define NOTIFICATION_FD 3

int main(void)
{
    char question;
    int os_pid = getpid();
    if (access(NOTIFICATION_FILE, F_OK) == 0 && write(NOTIFICATION_FD, "\n", 1) != 1)
        return 1;
    int answers = open("answers", O_WRONLY), questions = open("questions", O_RDONLY);
    do
        if (answers < 0 || write(answers, &os_pid, sizeof os_pid) != sizeof os_pid)
            return 1;
    while (read(questions, &question, 1) == 1);
    return 0;
}
