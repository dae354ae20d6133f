/* File descriptors: the few calls that must not be interrupted, leak, or come back short. */
#ifndef TRI_BASE_FD_H
#define TRI_BASE_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed. To be called before anything else is opened:
 * else the first sockets and shared memory get these numbers, and what somebody prints is written into them.
 *   output_counts   what is written to a closed standard output fails, as it would have; otherwise it is lost, which is right
 *                   for those who live in the background */
void tri_fd_fill_standard(bool output_counts);

/* Closes *fd when it is one, and sets it to -1. For TRI_AUTO. Keeps errno. */
void tri_fd_close(int *fd);

/* A connected pair of SOCK_SEQPACKET sockets, close-on-exec.
 *   flags          0 or SOCK_NONBLOCK
 *   buffer_bytes   is asked for as the send buffer of each; 0: the system's default
 * 0 or a negative errno. */
int tri_fd_socketpair(int ret_fds[2], int flags, int buffer_bytes);

/* Writes all, through EINTR and short writes. 0 or a negative errno. */
int tri_fd_write_all(int fd, const void *data, size_t size_bytes);

/* Writes all parts, one behind the other, from an offset on. 0 or a negative errno. */
int tri_fd_write_parts(int fd, const struct iovec *parts, size_t count, off_t offset);

/* Reads up to size_bytes at an offset, through EINTR and short reads. The number read (less only at the end of the
 * file) or a negative errno. */
ssize_t tri_fd_read_at(int fd, void *data, size_t size_bytes, off_t offset);

/* Reads a small file as text, as much of it as there is room for, from its beginning.
 *   folder_fd   where the path begins, or AT_FDCWD
 *   ret_text    ended by NUL, "" when nothing could be read
 * 0 or a negative errno. */
int tri_fd_read_text(int folder_fd, const char *path, char *ret_text, size_t size_bytes);

/* Sends one packet, put together from parts, with a descriptor beside it unless passed_fd is -1. Blocks only when the
 * socket does. 0 or a negative errno (-EAGAIN when full, -EPIPE when the peer is gone; never SIGPIPE). */
int tri_fd_send(int fd, struct iovec *parts, size_t part_count, int passed_fd);

/* Receives one packet. ret_passed_fd may be NULL; then descriptors that came are closed.
 * The packet's size, 0 for end of file, or a negative errno (-EMSGSIZE when it was larger than the buffer). */
ssize_t tri_fd_receive(int fd, void *buffer, size_t size_bytes, int *ret_passed_fd);

/* 0 or a negative errno. */
int tri_fd_set_nonblocking(int fd, int is_on);

#endif
