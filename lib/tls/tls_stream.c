/*
 * tls_stream.c - bytes over a descriptor, plain or TLS, without buffers
 *
 * Only what a plain stream needs; tls_ssl.c puts its table there when TLS
 * begins.
 */

#include "tls/tls_stream_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"

struct tls_stream *
tls_stream_new(int fd)
{
	struct tls_stream *s = mem_new(sizeof(*s));

	s->fd = fd;
	return s;
}

static void
stream_drop(struct tls_stream **sp)
{
	struct tls_stream *s = *sp;

	if (s->ops != NULL)
		s->ops->free(&s->tls);
	free(s->error);
	free(s);
	*sp = NULL;
}

void
tls_stream_free(struct tls_stream **s)
{
	if (*s == NULL)
		return;
	close((*s)->fd);
	stream_drop(s);
}

int
tls_stream_detach(struct tls_stream **s)
{
	int fd = (*s)->fd;

	must((*s)->ops == NULL);
	stream_drop(s);
	return fd;
}

int
tls_stream_fd(const struct tls_stream *s)
{
	return s->fd;
}

enum tls_stream_result
tls_stream_failed(struct tls_stream *s, int error)
{
	free(s->error);
	s->error = mem_str(strerror(error));
	return TLS_STREAM_ERROR;
}

static enum tls_stream_result
plain_result(struct tls_stream *s, ssize_t got, enum tls_stream_result again)
{
	if (got >= 0)
		return TLS_STREAM_OK;
	if (errno == EAGAIN || errno == EINTR)
		return again;
	return tls_stream_failed(s, errno);
}

enum tls_stream_result
tls_stream_read(struct tls_stream *s, void *p, size_t room, size_t *n)
{
	ssize_t got;

	*n = 0;
	if (s->state != TLS_STATE_PLAIN)
		return s->ops->read(s, p, room, n);
	got = read(s->fd, p, room);
	if (got == 0)
		return TLS_STREAM_EOF;
	if (got > 0)
		*n = (size_t)got;
	return plain_result(s, got, TLS_STREAM_WANT_READ);
}

enum tls_stream_result
tls_stream_write(struct tls_stream *s, struct span bytes, size_t *n)
{
	ssize_t got;

	*n = 0;
	if (s->state != TLS_STATE_PLAIN)
		return s->ops->write(s, bytes, n);
	got = write(s->fd, bytes.p, bytes.n);
	if (got > 0)
		*n = (size_t)got;
	return plain_result(s, got, TLS_STREAM_WANT_WRITE);
}

void
tls_stream_shutdown(struct tls_stream *s)
{
	if (s->state == TLS_STATE_UP)
		s->ops->shutdown(s);
}

enum tls_stream_result
tls_stream_handshake(struct tls_stream *s)
{
	enum tls_stream_result got;

	must(s->ops != NULL && s->state != TLS_STATE_FAILED);
	s->state = TLS_STATE_SHAKING;
	got = s->ops->handshake(s);
	if (got == TLS_STREAM_OK)
		s->state = TLS_STATE_UP;
	return got;
}

bool
tls_stream_is_tls(const struct tls_stream *s)
{
	return s->state == TLS_STATE_UP;
}

const char *
tls_stream_error(const struct tls_stream *s)
{
	return s->error == NULL ? "" : s->error;
}
