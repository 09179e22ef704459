/*
 * packet.c - one message between two of our processes
 *
 * A bad packet is sticky: after the first mismatch every getter gives nothing,
 * so that a decoder reads as a list of names and is asked once, at its end.
 */

#include "ipc/packet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/must.h"
#include "base/number.h"

void
packet_begin(struct packet_out *o, const char *call, uint32_t id)
{
	buf_clear(&o->bytes);
	o->fd_count = 0;
	o->bad = false;
	o->id = id;
	buf_add(&o->bytes, "F1", 3);
	buf_add(&o->bytes, call, strlen(call) + 1);
}

void
packet_done(struct packet_out *o)
{
	buf_wipe(&o->bytes);
	*o = (struct packet_out){ .fd_count = 0 };
}

static void
put_name(struct packet_out *o, const char *name)
{
	buf_add_str(&o->bytes, name);
	buf_add_byte(&o->bytes, '=');
}

static void
put_end(struct packet_out *o)
{
	buf_add_byte(&o->bytes, '\0');
	/* room for the id, which packet_send() adds */
	if (o->bytes.n > PACKET_MAX - 16)
		o->bad = true;
}

void
packet_str(struct packet_out *o, const char *name, struct span value)
{
	put_name(o, name);
	if (span_find(value, '\0') < value.n || value.n > PACKET_MAX)
		o->bad = true;
	else
		buf_add_span(&o->bytes, value);
	put_end(o);
}

void
packet_num(struct packet_out *o, const char *name, uint64_t value)
{
	put_name(o, name);
	buf_printf(&o->bytes, "%llu", (unsigned long long)value);
	put_end(o);
}

void
packet_signed(struct packet_out *o, const char *name, int64_t value)
{
	put_name(o, name);
	buf_printf(&o->bytes, "%lld", (long long)value);
	put_end(o);
}

void
packet_bytes(struct packet_out *o, const char *name, struct span value)
{
	put_name(o, name);
	if (value.n > PACKET_MAX)
		o->bad = true;
	else
		base64_encode(&o->bytes, value);
	put_end(o);
}

void
packet_fd(struct packet_out *o, int fd)
{
	must(o->fd_count < PACKET_FDS);
	o->fds[o->fd_count++] = fd;
}

size_t
packet_room(const struct packet_out *o)
{
	size_t used = o->bytes.n + 16 + PACKET_NAME_MAX + 2;

	return used >= PACKET_MAX ? 0 : PACKET_MAX - used;
}

int
packet_send(int fd, const struct packet_out *o)
{
	char id[12];
	int n = snprintf(id, sizeof(id), "%u", o->id);
	struct iovec parts[3];
	union {
		char space[CMSG_SPACE(sizeof(int) * PACKET_FDS)];
		struct cmsghdr align;
	} control;
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };

	if (o->bad) {
		errno = EINVAL;
		return -1;
	}
	/* the id goes last: it is known last */
	parts[0] = (struct iovec){ o->bytes.p, o->bytes.n };
	parts[1] = (struct iovec){ id, (size_t)n };
	if (o->fd_count > 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * o->fd_count);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * o->fd_count);
		memcpy(CMSG_DATA(c), o->fds, sizeof(int) * o->fd_count);
	}
	for (;;) {
		if (sendmsg(fd, &msg, MSG_NOSIGNAL) != -1)
			return 0;
		if (errno != EINTR)
			return -1;
	}
}

static void
close_untaken(struct packet_in *in)
{
	while (in->fd_taken < in->fd_count)
		close(in->fds[in->fd_taken++]);
	in->fd_count = in->fd_taken = 0;
}

static void
take_fds(struct packet_in *in, struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	     c = CMSG_NXTHDR(msg, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(
			    &fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (in->fd_count < PACKET_FDS)
				in->fds[in->fd_count++] = fd;
			else
				close(fd);
		}
	}
}

static enum packet_result
parse(struct packet_in *in)
{
	struct span all = buf_span(&in->bytes), mark;
	uint64_t id;
	size_t at = span_rfind(all, '\0');

	in->bad = true;
	if (at == all.n ||
	    !number_parse(span_skip(all, at + 1), 0, UINT32_MAX, &id))
		return PACKET_BAD;
	in->id = (uint32_t)id;
	in->rest = span_head(all, at + 1);
	if (!span_cut(&in->rest, '\0', &mark) || !span_is(mark, "F1") ||
	    in->rest.n == 0 || !span_cut(&in->rest, '\0', &in->call) ||
	    in->call.n == 0 || in->call.n > PACKET_NAME_MAX)
		return PACKET_BAD;
	in->bad = false;
	return PACKET_OK;
}

static void
holds(struct packet_in *in, size_t n)
{
	in->bytes.n = n;
	if (n > in->written)
		in->written = n;
}

enum packet_result
packet_parse(struct packet_in *in, struct span raw)
{
	close_untaken(in);
	buf_clear(&in->bytes);
	buf_clear(&in->decoded);
	buf_add_span(&in->bytes, raw);
	holds(in, raw.n);
	return raw.n > PACKET_MAX ? PACKET_BAD : parse(in);
}

enum packet_result
packet_recv(int fd, struct packet_in *in)
{
	struct iovec part;
	union {
		char space[CMSG_SPACE(sizeof(int) * PACKET_FDS)];
		struct cmsghdr align;
	} control;
	struct msghdr msg = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space) };
	bool reset = false;
	ssize_t n = 0;

	close_untaken(in);
	buf_clear(&in->bytes);
	buf_clear(&in->decoded);
	part = (struct iovec){ buf_room(&in->bytes, PACKET_MAX), PACKET_MAX };
	/* The other end went and left a packet of ours unread: that is told
	 * once, and before what it sent to us. */
	do {
		reset = reset || (n == -1 && errno == ECONNRESET);
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	} while (
	    n == -1 && (errno == EINTR || (errno == ECONNRESET && !reset)));
	if (n == -1)
		return errno == EAGAIN ? PACKET_WAIT : PACKET_CLOSED;
	take_fds(in, &msg);
	if (n == 0)
		return PACKET_CLOSED;
	holds(in, (size_t)n);
	if ((msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return PACKET_BAD;
	return parse(in);
}

void
packet_in_done(struct packet_in *in)
{
	close_untaken(in);
	/* What no packet reached is left alone: most of the room is in pages
	 * that this process never had, and would have for the wiping only. */
	if (in->written > 0)
		explicit_bzero(in->bytes.p, in->written);
	in->written = 0;
	buf_free(&in->bytes);
	buf_wipe(&in->decoded);
}

struct span
packet_in_str(struct packet_in *in, const char *name, size_t max)
{
	struct span field, want = span_str(name);

	if (in->bad)
		return span_of("", 0);
	if (in->rest.n == 0 || !span_cut(&in->rest, '\0', &field) ||
	    field.n < want.n + 1 || !span_eq(span_head(field, want.n), want) ||
	    field.p[want.n] != '=' || field.n - want.n - 1 > max) {
		in->bad = true;
		return span_of("", 0);
	}
	return span_skip(field, want.n + 1);
}

uint64_t
packet_in_num(struct packet_in *in, const char *name, uint64_t max)
{
	struct span text = packet_in_str(in, name, 20);
	uint64_t got = 0;

	if (!in->bad && !number_parse(text, 0, max, &got))
		in->bad = true;
	return got;
}

int64_t
packet_in_signed(struct packet_in *in, const char *name)
{
	struct span text = packet_in_str(in, name, 20);
	int64_t got = 0;

	if (!in->bad && !number_parse_signed(text, INT64_MIN, INT64_MAX, &got))
		in->bad = true;
	return got;
}

bool
packet_in_bool(struct packet_in *in, const char *name)
{
	return packet_in_num(in, name, 1) == 1;
}

struct span
packet_in_bytes(struct packet_in *in, const char *name, size_t max)
{
	struct span text = packet_in_str(in, name, PACKET_MAX);
	size_t begun = in->decoded.n;

	/* Never moves: what was given out before stays where it is, since all
	 * that a packet holds decodes to less than itself. */
	if (begun == 0)
		buf_room(&in->decoded, in->bytes.n);
	if (in->bad || !base64_decode(&in->decoded, text) ||
	    in->decoded.n - begun > max) {
		in->bad = true;
		return span_of("", 0);
	}
	return span_of(in->decoded.p + begun, in->decoded.n - begun);
}

int
packet_in_fd(struct packet_in *in)
{
	if (in->bad || in->fd_taken >= in->fd_count) {
		in->bad = true;
		return -1;
	}
	return in->fds[in->fd_taken++];
}

bool
packet_in_end(struct packet_in *in)
{
	if (in->rest.n != 0 || in->fd_taken != in->fd_count)
		in->bad = true;
	return !in->bad;
}
