/* test_net_map.c - maps/net_reply.h, and socketmap: and tcp: with a server */

#include "maps/net_reply.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "maps/dial.h"
#include "os/sock.h"
#include "tests/maps/scratch.h"

/* want: "=value", "-" no such key, "!reason", "bad" */
static const struct {
	const char *in, *want;
} socketmaps[] = {
	{ "9:OK a value,", "bad" },
	{ "10:OK a value,", "=a value" },
	{ "3:OK ,", "=" },
	{ "9:NOTFOUND ,", "-" },
	{ "8:NOTFOUND,", "-" },
	{ "13:TEMP not now\x1b,", "!the server says: not now?" },
	{ "5:PERM ,", "!the server says: no" },
	{ "7:TIMEOUT,", "!the server says: no" },
	{ "5:MAYBE,", "bad" },
	{ "0:,", "bad" },
	{ "x:OK ,", "bad" },
	{ "100001:OK", "bad" },
	{ "-1:,", "bad" },
	{ "3:OK x", "bad" },
	{ "3:OK ,3:OK ,", "bad" },
	{ "1234567", "bad" },
};

static const struct {
	const char *in, *want;
} tcps[] = {
	{ "200 a%20value\n", "=a value" },
	{ "200 a%0a\r\n", "=a\n" },
	{ "200 \n", "=" },
	{ "500 none\n", "-" },
	{ "500\n", "-" },
	{ "400 not%20now\n", "!the server says: not%20now" },
	{ "200 a%2\n", "bad" },
	{ "200 a%zz\n", "bad" },
	{ "999 what\n", "bad" },
	{ "\n", "bad" },
	{ "200 a\n200 b\n", "bad" },
	{ "200 a", NULL },
};

typedef enum net_reply_result reply_fn(
    struct span in, enum map_result *got, struct buf *out, struct why *why);

static void
check(reply_fn *fn, struct span in, const char *want)
{
	struct buf out = BUF_EMPTY, all = BUF_EMPTY;
	enum map_result got = MAP_NONE;
	enum net_reply_result result;
	struct why why;

	why_init(&why);
	result = fn(in, &got, &out, &why);
	if (result == NET_REPLY_BAD)
		buf_add_str(&all, "bad");
	else if (result == NET_REPLY_DONE && got == MAP_FOUND)
		buf_printf(&all, "=%.*s", (int)out.n, out.p);
	else if (result == NET_REPLY_DONE)
		buf_printf(&all, "%s%s", got == MAP_NONE ? "-" : "!",
		    got == MAP_NONE ? "" : why_text(&why));
	ck_assert_msg(want == NULL ? result == NET_REPLY_MORE
				   : span_is(buf_span(&all), want),
	    "%.*s: %.*s", (int)in.n, in.p, (int)all.n, all.p);
	why_free(&why);
	buf_free(&out);
	buf_free(&all);
}

/* Cut at each byte it is not whole yet, or is seen to be bad. */
static void
check_all(reply_fn *fn, const char *in, const char *want)
{
	struct span s = span_str(in);

	check(fn, s, want);
	if (want == NULL || strcmp(want, "bad") == 0)
		return;
	for (size_t n = 0; n < s.n; n++)
		check(fn, span_head(s, n), NULL);
}

START_TEST(socketmap)
{
	check_all(net_reply_socketmap, socketmaps[_i].in, socketmaps[_i].want);
}
END_TEST

START_TEST(tcp)
{
	check_all(net_reply_tcp, tcps[_i].in, tcps[_i].want);
}
END_TEST

START_TEST(encoded)
{
	struct buf out = BUF_EMPTY;

	net_encode(&out, SPAN("a b%\xe9@x\n"));
	ck_assert_str_eq(buf_str(&out), "a%20b%25%E9@x%0A");
	buf_free(&out);
}
END_TEST

/* ---- a server */

/* What it says is what it is asked for, in a way of its own. */
static void
serve(int fd)
{
	static const char *const replies[] = { "6:OK one,", "9:NOTFOUND ,",
		"8:TEMP now,", "garbage that is none" };
	char in[256];
	ssize_t n;

	for (int i = 0; (n = recv(fd, in, sizeof(in), 0)) > 0; i++) {
		const char *reply = replies[(in[n - 2] - '0') & 3];

		if (in[n - 2] == '9') /* goes away */
			_exit(0);
		(void)send(fd, reply, strlen(reply), MSG_NOSIGNAL);
	}
	_exit(0);
}

static pid_t server;

/* A process for each connection; all of them are one group. */
static void
server_start(const char *path)
{
	int fd = sock_listen_unix(path, SOCK_STREAM, 0600, 5);

	ck_assert_int_ne(fd, -1);
	server = fork();
	if (server != 0) {
		(void)setpgid(server, server);
		close(fd);
		return;
	}
	(void)setpgid(0, 0);
	for (;;) {
		int one = accept(fd, NULL, NULL);

		if (fork() == 0)
			serve(one);
		close(one);
	}
}

static void
server_stop(const char *path)
{
	kill(-server, SIGKILL);
	waitpid(server, NULL, 0);
	unlink(path);
}

static const char *
ask_open(struct map *m, const char *key)
{
	static char text[200];
	struct buf out = BUF_EMPTY;
	struct why why;

	why_init(&why);
	switch (map_get(m, span_str(key), &out, &why)) {
	case MAP_FOUND:
		snprintf(text, sizeof(text), "=%s", buf_str(&out));
		break;
	case MAP_NONE:
		snprintf(text, sizeof(text), "-");
		break;
	case MAP_ERROR:
		ck_assert_int_eq(why.outcome, DEFER);
		snprintf(text, sizeof(text), "!%s", why_text(&why));
		break;
	}
	why_free(&why);
	buf_free(&out);
	return text;
}

START_TEST(conversation)
{
	char *path, *name;
	struct why why;
	struct map *m;

	scratch_make();
	path = mem_printf("%s/sock", scratch);
	name = mem_printf("socketmap:unix:%s:tab", path);
	why_init(&why);
	server_start(path);
	m = map_open(span_str(name), "hash", 0, &why);
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(ask_open(m, "key0"), "=one");
	ck_assert_str_eq(ask_open(m, "key1"), "-");
	ck_assert_ptr_nonnull(
	    strstr(ask_open(m, "key2"), "the server says: now"));
	/* it went away in between: once more */
	server_stop(path);
	server_start(path);
	ck_assert_str_eq(ask_open(m, "key0"), "=one");
	/* a reply that is none: a failure, and a moment's rest */
	ck_assert_ptr_nonnull(
	    strstr(ask_open(m, "key3"), "a reply that is none"));
	ck_assert_ptr_nonnull(strstr(ask_open(m, "key0"), "a moment ago"));
	map_close(&m);
	server_stop(path);
	m = map_open(span_str(name), "hash", 0, &why);
	ck_assert_ptr_nonnull(m);
	ck_assert_ptr_nonnull(strstr(ask_open(m, "a"), "connect to unix:"));
	map_close(&m);
	why_free(&why);
	free(path);
	free(name);
	scratch_remove();
}
END_TEST

/* Who must not wait has it asked by another. */
static enum map_result
elsewhere(void *arg, const struct map_net_question *q, struct buf *out,
    struct why *why)
{
	static unsigned asked;

	ck_assert_ptr_null(arg);
	ck_assert(span_is(q->target, "inet:some.host:1"));
	if (asked++ > 0) {
		why_set(why, "4.3.0", "not now");
		return MAP_ERROR;
	}
	ck_assert(
	    span_is(q->bytes, q->socketmap ? "7:tab a b," : "get a%20b\n"));
	buf_add_str(out, "there");
	return MAP_FOUND;
}

START_TEST(by_another)
{
	static const char *const names[] = { "tcp:some.host:1",
		"socketmap:inet:some.host:1:tab" };
	struct why why;
	struct map *m;

	why_init(&why);
	map_net_set(elsewhere, NULL);
	m = map_open(span_str(names[_i]), "hash", 0, &why);
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(ask_open(m, "a b"), "=there");
	ck_assert_ptr_nonnull(strstr(ask_open(m, "a b"), "not now"));
	map_close(&m);
	map_net_set(NULL, NULL);
	why_free(&why);
}
END_TEST

static const char *const wrong[] = { "socketmap:x",
	"socketmap:inet:h:1:", "socketmap:foo:h:1:n", "tcp:host", "tcp::1",
	"tcp:host:", "randmap:x", "randmap:{}" };

START_TEST(ill_formed)
{
	struct why why;

	why_init(&why);
	ck_assert_ptr_null(map_open(span_str(wrong[_i]), "hash", 0, &why));
	ck_assert_int_eq(why.outcome, DEFER);
	why_free(&why);
}
END_TEST

START_TEST(by_chance)
{
	struct why why;
	struct map *m;
	bool one = false, two = false;

	why_init(&why);
	m = map_open(SPAN("randmap:{one, {two 2}}"), "hash", 0, &why);
	ck_assert_ptr_nonnull(m);
	for (int i = 0; i < 200; i++) {
		const char *got = ask_open(m, "any");

		one = one || strcmp(got, "=one") == 0;
		two = two || strcmp(got, "=two 2") == 0;
	}
	ck_assert(one && two);
	map_close(&m);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, socketmap, 0, UNIT_COUNT(socketmaps));
	tcase_add_loop_test(t, tcp, 0, UNIT_COUNT(tcps));
	tcase_add_test(t, encoded);
	tcase_add_test(t, conversation);
	tcase_add_loop_test(t, by_another, 0, 2);
	tcase_add_loop_test(t, ill_formed, 0, UNIT_COUNT(wrong));
	tcase_add_test(t, by_chance);
}

int
main(void)
{
	return unit_main("maps/net_map", fill);
}
