/*
 * introspect.c - asking a service on this machine whose a token is
 *
 * RFC 7662, 2: one POST, one small document back. What the service says holds
 * names that others have chosen, so it is read without any rights.
 */

#include "auth/introspect.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/conf.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sandbox.h"
#include "os/users.h"
#include "wire/http_reply.h"

enum { CREDENTIALS_MAX = 4096, PIECE = 4096 };
enum { NOBODY = 65534 };

bool
introspect_server_parse(struct span text, struct arena *a,
    struct introspect_server *out, struct why *why)
{
	struct span rest = span_trim(text), host;
	size_t colon;
	int port;

	*out = (struct introspect_server){ .path = NULL };
	if (span_starts(rest, "unix:/")) {
		out->path = arena_span_str(a, span_skip(rest, 5));
		return true;
	}
	rest = span_skip(rest, span_starts(rest, "inet:") ? 5 : 0);
	colon = span_rfind(rest, ':');
	host = span_head(rest, colon);
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = span_of(host.p + 1, host.n - 2);
	if (number_parse_int(span_skip(rest, colon + 1), 1, 65535, &port) &&
	    address_parse(host, (uint16_t)port, &out->address) &&
	    address_is_loopback(&out->address))
		return true;
	why_set(why, "4.3.5",
	    "want unix:/path or inet:127.0.0.1:port, but it is \"%.*s\"",
	    (int)text.n, text.p);
	return false;
}

static int
connect_to(const struct introspect_server *s)
{
	return s->path != NULL ? sock_connect_unix(s->path, SOCK_STREAM, true)
			       : sock_connect_inet(&s->address, NULL);
}

/* From here on this process can do nothing but talk on open descriptors. */
static bool
rights_drop(struct arena *a)
{
	struct account nobody = { .uid = NOBODY, .gid = NOBODY };

	(void)users_find(a, SPAN("nobody"), &nobody);
	return nobody.uid != 0 &&
	    users_become(NULL, nobody.uid, nobody.gid) == 0 &&
	    sandbox_enter(SANDBOX_PARSE, false) == 0;
}

/* The line that says who we are; false: it cannot be read. */
static bool
credentials_read(const char *path, struct buf *out)
{
	int fd;
	bool good;

	if (path[0] == '\0')
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	good = fd != -1 && file_read_all(fd, CREDENTIALS_MAX, out) == 0;
	if (fd != -1)
		close(fd);
	return good;
}

static void
form_put(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = span_at(s, i);

		if (ascii_alnum(c) || c == '-' || c == '.' || c == '_' ||
		    c == '~')
			buf_add_byte(out, (char)c);
		else
			buf_printf(out, "%%%02X", (unsigned)c);
	}
}

static void
request_make(const struct auth_conf *conf, struct span token,
    struct span credentials, struct buf *out)
{
	struct buf body = BUF_EMPTY;

	/* room at once: no copies of the token are left behind */
	buf_room(&body, token.n * 3 + 100);
	buf_room(out, token.n * 3 + 2 * CREDENTIALS_MAX);
	buf_add_str(&body, "token=");
	form_put(&body, token);
	buf_add_str(&body, "&token_type_hint=access_token");
	buf_printf(out,
	    "POST %s HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\n"
	    "Accept: application/json\r\nConnection: close\r\n",
	    conf->auth_oauth_path);
	if (credentials.n > 0) {
		buf_add_str(out, "Authorization: ");
		buf_add_span(out, credentials);
		buf_add_str(out, "\r\n");
	}
	buf_printf(out, "Content-Length: %zu\r\n\r\n", body.n);
	buf_add_span(out, buf_span(&body));
	buf_wipe(&body);
}

static bool
ready(int fd, short what, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = what };
	int64_t left;
	int got;

	do {
		left = until - clock_ms();
		got = left <= 0 ? 0 : poll(&p, 1, (int)left);
	} while (got == -1 && errno == EINTR);
	if (got == 0)
		errno = ETIMEDOUT;
	return got == 1;
}

static bool
send_all(int fd, struct span s, int64_t until)
{
	while (s.n > 0) {
		ssize_t n;

		if (!ready(fd, POLLOUT, until))
			return false;
		n = write(fd, s.p, s.n);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return false;
		s = span_skip(s, n > 0 ? (size_t)n : 0);
	}
	return true;
}

static enum http_reply_result
read_all(int fd, struct http_reply *r, int64_t until)
{
	enum http_reply_result got = HTTP_REPLY_MORE;
	char piece[PIECE];

	while (got == HTTP_REPLY_MORE) {
		ssize_t n = ready(fd, POLLIN, until)
		    ? read(fd, piece, sizeof(piece))
		    : -2;

		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return HTTP_REPLY_MORE;
		got = n == 0 ? http_reply_close(r)
			     : http_reply_feed(r, piece, (size_t)n);
	}
	return got;
}

static void
judge(const struct auth_conf *conf, const struct http_reply *r, struct arena *a,
    struct introspect_answer *out)
{
	static const char *const texts[] = {
		[CLAIMS_GOOD] = "",
		[CLAIMS_INACTIVE] = "the token is not valid",
		[CLAIMS_SCOPE] = "the token has not the scope",
		[CLAIMS_NOBODY] = "the token names no user",
		[CLAIMS_BAD] = "the introspection's answer is ill-formed",
	};
	struct claims_rules rules = { conf->auth_oauth_username_claim,
		conf->auth_oauth_scope, conf->auth_oauth_audience,
		clock_wall() };
	struct claims claims;

	if (http_reply_status(r) != 200) {
		out->text = arena_printf(a,
		    "the introspection service answered with status %d",
		    http_reply_status(r));
		return;
	}
	out->claims = claims_read(http_reply_body(r), &rules, &claims);
	out->text = texts[out->claims];
	out->user = arena_span(a, buf_span(&claims.user));
	out->until = claims.until;
	out->verdict = out->claims == CLAIMS_GOOD ? AUTH_OK
	    : out->claims == CLAIMS_BAD           ? AUTH_TROUBLE
						  : AUTH_DENIED;
	claims_done(&claims);
}

static void
converse(const struct auth_conf *conf, int fd, struct span request,
    struct arena *a, struct introspect_answer *out)
{
	int64_t until = clock_ms() + conf->auth_oauth_timeout * 1000;
	struct http_reply *r = http_reply_new(CLAIMS_BODY_MAX);

	if (!send_all(fd, request, until))
		out->text = arena_printf(a,
		    "the introspection service cannot be reached: %s",
		    strerror(errno));
	else if (read_all(fd, r, until) != HTTP_REPLY_DONE)
		out->text = arena_printf(a,
		    "the introspection service did not answer: %s",
		    http_reply_error(r)[0] != '\0' ? http_reply_error(r)
						   : strerror(errno));
	else
		judge(conf, r, a, out);
	http_reply_free(&r);
}

void
introspect_ask(const struct auth_conf *conf, struct span token, struct arena *a,
    struct introspect_answer *out)
{
	struct buf credentials = BUF_EMPTY, request = BUF_EMPTY;
	bool known =
	    credentials_read(conf->auth_oauth_authorization_file, &credentials);
	int fd = known ? connect_to(&conf->oauth_server) : -1;

	*out = (struct introspect_answer){ .verdict = AUTH_TROUBLE,
		.user = SPAN("") };
	if (!known)
		out->text = arena_printf(a, "%s: %s",
		    conf->auth_oauth_authorization_file, strerror(errno));
	else if (fd == -1)
		out->text = arena_printf(a,
		    "the introspection service cannot be reached: %s",
		    strerror(errno));
	else if (!rights_drop(a))
		out->text = arena_printf(
		    a, "rights cannot be given away: %s", strerror(errno));
	else {
		request_make(
		    conf, token, span_trim(buf_span(&credentials)), &request);
		converse(conf, fd, buf_span(&request), a, out);
	}
	if (fd != -1)
		close(fd);
	buf_wipe(&credentials);
	buf_wipe(&request);
}
