/* Holds what is done with files for ever: hold open|read|slow ALLOWED PATH...
   The kernel asks (fanotify(7), as root) before a file is opened or read, and before a folder is listed. The first
   ALLOWED questions are answered, the others never, which is what a server does that has died. A slow one takes its
   time for each file of a folder that is opened. It says "ready" when it is, and everything goes on when it is
   killed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <unistd.h>

int main(int count, char **arguments) {
    int queue = fanotify_init(FAN_CLASS_CONTENT, O_RDONLY | O_LARGEFILE);
    if (queue < 0) return perror("fanotify_init"), 1;
    int slow = strcmp(arguments[1], "slow") == 0;
    int opens = slow || strcmp(arguments[1], "open") == 0;
    long allowed = atol(arguments[2]);
    unsigned long long mask = (opens ? FAN_OPEN_PERM : FAN_ACCESS_PERM) | (slow ? FAN_EVENT_ON_CHILD : FAN_ONDIR);
    for (int i = 3; i < count; i++)
        if (fanotify_mark(queue, FAN_MARK_ADD, mask, AT_FDCWD, arguments[i]) != 0)
            return perror("fanotify_mark"), 1;
    puts("ready");
    fflush(stdout);
    struct fanotify_event_metadata events[16];
    for (;;) {
        long length = read(queue, events, sizeof events);
        struct fanotify_event_metadata *event = events;
        for (; length > 0 && FAN_EVENT_OK(event, length); event = FAN_EVENT_NEXT(event, length)) {
            struct fanotify_response answer = { .fd = event->fd, .response = FAN_ALLOW };
            if (slow) usleep(1000);
            if (allowed-- > 0 && write(queue, &answer, sizeof answer) < 0) return 1;
        }
    }
}
