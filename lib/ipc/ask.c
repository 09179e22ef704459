/* ask.c - asking another of our services, blocking */

#include "ipc/ask.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "os/sock.h"

int
ask_connect(const char *path, int64_t limit_ms)
{
	struct timeval limit = { .tv_sec = (time_t)(limit_ms / 1000),
		.tv_usec = (suseconds_t)(limit_ms % 1000 * 1000) };
	int fd = sock_connect_unix(path, SOCK_SEQPACKET, false);

	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ==
		0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0)
		return fd;
	close(fd);
	return -1;
}

int
ask(int fd, struct packet_out *o, struct packet_in *in)
{
	if (o->id == 0)
		o->id = 1;
	if (packet_send(fd, o) == -1) {
		if (errno == EAGAIN)
			errno = ETIMEDOUT;
		return -1;
	}
	for (;;) {
		switch (packet_recv(fd, in)) {
		case PACKET_OK:
			if (in->id == o->id)
				return 0;
			break; /* the answer to a question given up */
		case PACKET_WAIT:
			errno = ETIMEDOUT;
			return -1;
		case PACKET_CLOSED:
			errno = EPIPE;
			return -1;
		case PACKET_BAD:
			errno = EPROTO;
			return -1;
		}
	}
}
