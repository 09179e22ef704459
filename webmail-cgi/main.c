/*
 * main.c - webmail.cgi: one request, one page
 *
 * The request is read by a child without rights. What it found says which page
 * is wanted; the sockets of that page are opened, and then this process too
 * enters a sandbox, since it will read mail.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/number.h"
#include "os/sandbox.h"
#include "webmail-cgi/webmail.h"

enum { LOGIN = 1, SUBMIT = 2 }; /* sockets that a page speaks on */

static const struct page {
	const char *path;
	enum request_method method;
	unsigned needs;
	void (*run)(struct webmail *w);
} pages[] = {
	{ "/", METHOD_GET, 0, page_root },
	{ "/sign-in", METHOD_POST, LOGIN, page_sign_in },
	{ "/sign-out", METHOD_POST, LOGIN, page_sign_out },
	{ "/list", METHOD_GET, LOGIN, page_list },
	{ "/read", METHOD_GET, LOGIN, page_read },
	{ "/part", METHOD_GET, LOGIN, page_part },
	{ "/act", METHOD_POST, LOGIN, page_act },
	{ "/compose", METHOD_GET, LOGIN, page_compose },
	{ "/send", METHOD_POST, LOGIN | SUBMIT, page_submit },
	{ "/folders", METHOD_GET, LOGIN, page_folders },
	{ "/folder", METHOD_POST, LOGIN, page_folder_change },
	{ "/style.css", METHOD_GET, 0, page_style },
};

/* A web server gives the answer on only when its request was taken whole: with
 * the rest unread, a browser would see a broken connection and no reason. */
static void
body_pass_over(uint64_t length)
{
	char bytes[65536];
	ssize_t n;

	while (length > 0) {
		n = read(STDIN_FILENO, bytes, sizeof(bytes));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		length -= (uint64_t)n < length ? (uint64_t)n : length;
	}
}

/* The body, as long as CONTENT_LENGTH says. */
static enum request_result
body_read(struct buf *body)
{
	const char *text = getenv("CONTENT_LENGTH");
	uint64_t length = 0;

	if (text == NULL || text[0] == '\0')
		return REQUEST_OK;
	if (!number_parse(span_str(text), 0, INT64_MAX, &length))
		return REQUEST_BAD;
	if (length > REQUEST_BODY_MAX) {
		body_pass_over(length);
		return REQUEST_TOO_LARGE;
	}
	while (body->n < length) {
		ssize_t n =
		    read(STDIN_FILENO, buf_room(body, (size_t)length - body->n),
			(size_t)length - body->n);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return REQUEST_BAD;
		body->n += (size_t)n;
	}
	return REQUEST_OK;
}

/* NULL: an error page was made. */
static const struct page *
page_find(struct webmail *w)
{
	enum request_method method =
	    w->request.method == METHOD_HEAD ? METHOD_GET : w->request.method;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (!span_is(w->request.path, pages[i].path))
			continue;
		if (method == pages[i].method)
			return &pages[i];
		page_error(w, 405, word_text(w->language, WORD_BAD_REQUEST));
		return NULL;
	}
	page_error(w, 404, word_text(w->language, WORD_NO_PAGE));
	return NULL;
}

static int
connect_to(struct webmail *w, const char *name)
{
	int fd = tool_connect(&w->tool, name);

	if (fd == -1)
		log_error("webmail: public/%s: %s", name, strerror(errno));
	return fd;
}

/* What the page will speak to is opened first; then nothing more can be. */
static void
rights_drop(struct webmail *w, const struct page *page)
{
	if ((page->needs & LOGIN) != 0)
		w->login = connect_to(w, "webmail");
	if ((page->needs & SUBMIT) != 0)
		w->submit = w->conf.use_sendmail ? sendmail_start(w)
						 : connect_to(w, "pickup");
	tzset();
	if (sandbox_enter(SANDBOX_WEBMAIL, w->strict) == -1)
		log_fatal(
		    "webmail: cannot enter the sandbox: %s", strerror(errno));
}

static void
answer(struct webmail *w, const struct request_env *env)
{
	const struct page *page;

	if (!conf_read(w))
		return;
	if (w->request.method == METHOD_POST && !request_from_here(env)) {
		log_warning("webmail: a form of another site was refused");
		page_error(w, 403, word_text(w->language, WORD_OTHER_SITE));
		return;
	}
	page = page_find(w);
	if (page == NULL)
		return;
	rights_drop(w, page);
	page->run(w);
}

static enum request_result
request_read(
    struct webmail *w, const struct request_env *env, struct buf *packed)
{
	struct buf body = BUF_EMPTY;
	struct request_job job = {
		.arena = w->arena, .env = env, .strict = w->strict
	};
	enum request_result got = body_read(&body);

	job.body = buf_span(&body);
	if (got == REQUEST_OK)
		got = request_by_child(&job, packed, &w->request);
	if (!request_place(env, &w->request) && got == REQUEST_OK)
		got = REQUEST_BAD;
	buf_wipe(&body);
	return got;
}

static void
run(struct webmail *w)
{
	struct request_env env = { .method = getenv("REQUEST_METHOD"),
		.path_info = getenv("PATH_INFO"),
		.query_string = getenv("QUERY_STRING"),
		.content_type = getenv("CONTENT_TYPE"),
		.cookie = getenv("HTTP_COOKIE"),
		.script_name = getenv("SCRIPT_NAME"),
		.remote_addr = getenv("REMOTE_ADDR"),
		.https = getenv("HTTPS"),
		.language = getenv("HTTP_ACCEPT_LANGUAGE"),
		.host = getenv("HTTP_HOST"),
		.origin = getenv("HTTP_ORIGIN"),
		.referer = getenv("HTTP_REFERER"),
		.fetch_site = getenv("HTTP_SEC_FETCH_SITE") };
	struct buf packed = BUF_EMPTY;
	enum request_result got = request_read(w, &env, &packed);

	if (got == REQUEST_OK)
		answer(w, &env);
	else if (got == REQUEST_TOO_LARGE)
		page_error(w, 413, word_text(w->language, WORD_TOO_LARGE));
	else
		page_error(w, got == REQUEST_METHOD ? 405 : 400,
		    word_text(w->language, WORD_BAD_REQUEST));
	page_send(w);
	session_end(w);
	buf_wipe(&packed);
}

/* Other programs of the web server run as the same account. */
static void
harden(void)
{
	struct rlimit none = { 0, 0 };

	umask(077);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
}

int
main(int argc, char **argv)
{
	static struct webmail w = { .login = -1, .submit = -1 };

	(void)argc;
	if (getenv("GATEWAY_INTERFACE") == NULL)
		log_fatal(
		    "%s is run by a web server, as a CGI program", argv[0]);
	harden();
	tool_open(&w.tool, "webmail", NULL);
	log_to(log_syslog_open(), false, "squirrelmail");
	w.strict = strcmp(tool_value(&w.tool, "sandbox"), "strict") == 0;
	w.arena = arena_new();
	run(&w);
	return 0;
}
