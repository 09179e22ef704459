/* main.c - webmail.cgi: one request, one page */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/number.h"
#include "os/file.h"
#include "webmail-cgi/webmail.h"

static const struct {
	const char *path;
	enum request_method method;
	void (*run)(struct webmail *w);
} pages[] = {
	{ "/", METHOD_GET, page_root },
	{ "/sign-in", METHOD_POST, page_sign_in },
	{ "/sign-out", METHOD_POST, page_sign_out },
	{ "/list", METHOD_GET, page_list },
	{ "/read", METHOD_GET, page_read },
	{ "/part", METHOD_GET, page_part },
	{ "/act", METHOD_POST, page_act },
	{ "/compose", METHOD_GET, page_compose },
	{ "/send", METHOD_POST, page_submit },
	{ "/folders", METHOD_GET, page_folders },
	{ "/folder", METHOD_POST, page_folder_change },
	{ "/style.css", METHOD_GET, page_style },
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

static void
dispatch(struct webmail *w)
{
	enum request_method method =
	    w->request.method == METHOD_HEAD ? METHOD_GET : w->request.method;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (!span_is(w->request.path, pages[i].path))
			continue;
		if (method == pages[i].method)
			pages[i].run(w);
		else
			page_error(
			    w, 405, word_text(w->language, WORD_BAD_REQUEST));
		return;
	}
	page_error(w, 404, word_text(w->language, WORD_NO_PAGE));
}

static void
answer(struct webmail *w, const struct request_env *env)
{
	if (!conf_read(w))
		return;
	if (w->request.method == METHOD_POST && !request_from_here(env)) {
		log_warning("webmail: a form of another site was refused");
		page_error(w, 403, word_text(w->language, WORD_OTHER_SITE));
		return;
	}
	dispatch(w);
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
	struct buf body = BUF_EMPTY;
	enum request_result got = body_read(&body);

	if (got == REQUEST_OK)
		got =
		    request_parse(w->arena, &env, buf_span(&body), &w->request);
	if (got == REQUEST_OK)
		answer(w, &env);
	else if (got == REQUEST_TOO_LARGE)
		page_error(w, 413, word_text(w->language, WORD_TOO_LARGE));
	else
		page_error(w, got == REQUEST_METHOD ? 405 : 400,
		    word_text(w->language, WORD_BAD_REQUEST));
	page_send(w);
	session_end(w);
	buf_wipe(&body);
}

int
main(int argc, char **argv)
{
	static struct webmail w;

	(void)argc;
	if (getenv("GATEWAY_INTERFACE") == NULL)
		log_fatal(
		    "%s is run by a web server, as a CGI program", argv[0]);
	tool_open(&w.tool, "webmail", NULL);
	log_to(log_syslog_open(), false, "squirrelmail");
	w.arena = arena_new();
	run(&w);
	return 0;
}
