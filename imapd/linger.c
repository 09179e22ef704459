/*
 * linger.c - one process serves the pages of a webmail user in turn
 *
 * The next page comes by the socket to login, which has asked auth about its
 * ticket, as a descriptor; what it is about starts anew with each.
 */

#include "imapd/linger.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/mem.h"
#include "calls/park_call.h"
#include "imapd/session.h"
#include "ipc/packet.h"
#include "os/file.h"
#include "os/sock.h"

enum { REST_MS = 1000 };

static bool
say_free(int park_fd)
{
	struct packet_out o = { .fd_count = 0 };
	bool sent;

	park_free_put(&o);
	sent = packet_send(park_fd, &o) == 0;
	packet_done(&o);
	return sent;
}

/* False: we must end. */
static bool
wait_for_page(const struct stream_control *control, int park_fd)
{
	struct pollfd fds[2] = { { .fd = park_fd, .events = POLLIN },
		{ .fd = control->fd, .events = POLLIN } };
	int wait_ms = REST_MS;

	for (;;) {
		int ready = poll(fds, 2, wait_ms);

		if (ready == -1 && errno != EINTR)
			return false;
		if (ready == 0)
			mem_trim();
		wait_ms = -1;
		if (fds[1].revents != 0 && control->stop(control->fd))
			return false;
		if (fds[0].revents != 0)
			return true;
	}
}

static bool
next_page(struct imap_start *start, int park_fd, char **client_addr)
{
	struct packet_in in = { .bad = false };
	struct span from;
	int fd = -1;

	if (say_free(park_fd) && wait_for_page(&start->control, park_fd) &&
	    packet_recv(park_fd, &in) == PACKET_OK &&
	    park_join_get(&in, &from, &fd) && sock_nonblock(fd, false) == 0) {
		free(*client_addr);
		*client_addr = mem_span(from);
		start->client_addr = span_str(*client_addr);
		start->tag = start->input = SPAN("");
		start->in = start->out = fd;
		start->watch = -1;
		start->again = true;
	} else {
		file_close(&fd);
	}
	packet_in_done(&in);
	return fd != -1;
}

int
linger(struct imap_start *start, int park_fd)
{
	char *client_addr = NULL;
	int status = imapd_session(start);

	file_close(&start->in);
	while (status == 0 && next_page(start, park_fd, &client_addr)) {
		status = imapd_session(start);
		file_close(&start->in);
	}
	free(client_addr);
	return status;
}
