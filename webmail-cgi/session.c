/*
 * session.c - who is signed in
 *
 * The cookie holds the ticket that auth gave, a token that each form must
 * repeat, joined by '.'. Whose ticket it is says login. A stranger who makes
 * the browser send a form cannot know the token, since he cannot read the
 * cookie; SameSite keeps the cookie out of such requests at all; and forms of
 * other sites, that to sign in too, are refused before (origin.c). The form to
 * sign in has a token too, in a cookie of its own: a browser that says nothing
 * of where a form stood is not signed in by a stranger's.
 */

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/log.h"
#include "base/must.h"
#include "base/secret.h"
#include "calls/webmail_call.h"
#include "ipc/ask.h"
#include "webmail-cgi/imap.h"
#include "webmail-cgi/webmail.h"

enum { TOKEN_BYTES = 18 };

bool
session_known(struct webmail *w)
{
	struct span rest = request_cookie(&w->request, w->conf.session_name);

	if (!span_cut(&rest, '.', &w->ticket) ||
	    !span_cut(&rest, '.', &w->token))
		return false;
	return w->ticket.n >= 40 && w->token.n >= 20;
}

static void
cookie_put(struct webmail *w, const char *name, const char *value, bool ends)
{
	bool secure = w->request.https && w->conf.only_secure_cookies;

	buf_printf(&w->head,
	    "Set-Cookie: %s=%s; Path=%.*s; HttpOnly; SameSite=Strict%s%s\r\n",
	    name, value, (int)w->request.script.n,
	    w->request.script.n == 0 ? "/" : w->request.script.p,
	    secure ? "; Secure" : "", ends ? "; Max-Age=0" : "");
}

static void
token_make(struct buf *out)
{
	unsigned char random[TOKEN_BYTES];

	must(getrandom(random, sizeof(random), 0) == sizeof(random));
	base64url_encode(out, span_of((const char *)random, sizeof(random)));
}

static void
cookie_make(struct webmail *w, struct span ticket)
{
	struct buf value = BUF_EMPTY;

	buf_add_span(&value, ticket);
	buf_add_byte(&value, '.');
	token_make(&value);
	cookie_put(w, w->conf.session_name, buf_str(&value), false);
	buf_wipe(&value);
}

/* The token of the form to sign in; empty when the browser has none. */
static const char *
form_cookie(struct webmail *w, struct span *token)
{
	const char *name =
	    arena_printf(w->arena, "%s_form", w->conf.session_name);
	struct buf bytes = BUF_EMPTY;

	*token = request_cookie(&w->request, name);
	if (!base64url_decode(&bytes, *token) || bytes.n != TOKEN_BYTES)
		*token = SPAN("");
	buf_free(&bytes);
	return name;
}

/* Kept when there is one: the form may be open in another window. */
static void
form_token_set(struct webmail *w)
{
	const char *name = form_cookie(w, &w->token);
	struct buf value = BUF_EMPTY;

	if (w->token.n > 0)
		return;
	token_make(&value);
	w->token = arena_span(w->arena, buf_span(&value));
	cookie_put(w, name, buf_str(&value), false);
	buf_free(&value);
}

static bool
form_token_ok(struct webmail *w)
{
	struct span token;

	(void)form_cookie(w, &token);
	return token.n > 0 &&
	    secret_equal(request_get(&w->request, "token"), token);
}

/* Of a session that ended while a message was written. */
static void
put_unsent(struct webmail *w)
{
	struct span text = request_get(&w->request, "text");

	if (text.n == 0)
		return;
	put(w, "<p>");
	put_word(w, WORD_NOT_SENT);
	put(w, "</p><textarea readonly>\n");
	put_text(w, text);
	put(w, "</textarea>");
}

static void
sign_in_form(struct webmail *w, enum word trouble)
{
	page_begin(w, word_text(w->language, WORD_SIGN_IN));
	put(w, "<main class=\"sign\"><h1>");
	put_text(w, span_str(w->conf.org_name));
	put(w, "</h1>");
	if (trouble != WORD_COUNT) {
		put(w, "<p class=\"error\" role=\"alert\">");
		put_word(w, trouble);
		put(w, "</p>");
	}
	put_unsent(w);
	form_token_set(w);
	put_form(w, "/sign-in", false);
	put(w, "<label>");
	put_word(w, WORD_NAME);
	put(w,
	    "<input name=\"login_username\" autocomplete=\"username\" "
	    "required autofocus></label><label>");
	put_word(w, WORD_PASSWORD);
	put(w,
	    "<input name=\"secretkey\" type=\"password\" "
	    "autocomplete=\"current-password\" required></label>"
	    "<button class=\"main\">");
	put_word(w, WORD_SIGN_IN);
	put(w, "</button></form><p>");
	put_text(w, span_str(w->conf.motd));
	put(w, "</p></main>");
	page_end(w);
}

void
page_root(struct webmail *w)
{
	if (session_known(w))
		page_redirect(w, "/list");
	else
		sign_in_form(w, WORD_COUNT);
}

static struct span
lower(struct webmail *w, struct span s)
{
	char *p = arena_alloc(w->arena, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)ascii_lower(span_at(s, i));
	return span_of(p, s.n);
}

/* Ask login; the ticket lives in the arena. */
static enum auth_verdict
ask_ticket(struct webmail *w, struct span *ticket, struct span *user)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	struct webmail_sign_in s = {
		.user = request_get(&w->request, "login_username"),
		.password = request_get(&w->request, "secretkey"),
		.client_addr = w->request.remote_addr,
	};
	enum auth_verdict verdict = AUTH_TROUBLE;

	if (w->conf.lowercase)
		s.user = lower(w, s.user);
	if (s.user.n == 0 || s.user.n > 255 || s.password.n > SECRET_MAX)
		return AUTH_DENIED;
	webmail_sign_in_put(&o, &s);
	if (w->login != -1 && ask(w->login, &o, &in) == 0 &&
	    webmail_ticket_get(&in, &verdict, user, ticket)) {
		*user = arena_span(w->arena, *user);
		*ticket = arena_span(w->arena, *ticket);
	}
	packet_in_done(&in);
	packet_done(&o);
	return verdict;
}

void
page_sign_in(struct webmail *w)
{
	struct span ticket = SPAN(""), user = SPAN("");

	if (!form_token_ok(w)) {
		w->status = 403;
		sign_in_form(w, WORD_FORM_OLD);
		return;
	}
	switch (ask_ticket(w, &ticket, &user)) {
	case AUTH_OK:
		cookie_make(w, ticket);
		page_redirect(w, "/list?first=1");
		return;
	case AUTH_DENIED:
	case AUTH_EXPIRED:
	case AUTH_FORBIDDEN:
		w->status = 403;
		sign_in_form(w, WORD_WRONG_PASSWORD);
		return;
	case AUTH_TROUBLE:
	case AUTH_LIMIT:
		break;
	}
	w->status = 503;
	sign_in_form(w, WORD_TRY_LATER);
}

void
page_sign_out(struct webmail *w)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };

	if (!session_known(w)) {
		page_redirect(w, "/");
		return;
	}
	if (!session_form_ok(w))
		return;
	webmail_sign_out_put(&o, w->ticket);
	if (w->login != -1 && ask(w->login, &o, &in) == -1)
		log_warning("webmail: sign out: %s", strerror(errno));
	packet_in_done(&in);
	packet_done(&o);
	cookie_put(w, w->conf.session_name, "", true);
	if (w->conf.signout_page[0] == '\0') {
		page_redirect(w, "/");
		return;
	}
	w->status = 303;
	buf_printf(&w->head, "Location: %s\r\n", w->conf.signout_page);
}

bool
session_join(struct webmail *w)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	enum auth_verdict verdict = AUTH_TROUBLE;
	struct span user = SPAN("");
	int session = -1;

	if (!session_known(w)) {
		if (w->request.method == METHOD_POST) {
			w->status = 403;
			sign_in_form(w, WORD_SESSION_OVER);
		} else {
			page_redirect(w, "/");
		}
		return false;
	}
	webmail_join_put(&o, w->ticket, w->request.remote_addr);
	if (w->login != -1 &&
	    (ask(w->login, &o, &in) == -1 ||
		!webmail_session_get(&in, &verdict, &user, &session)))
		verdict = AUTH_TROUBLE;
	/* the cookie's name is only what the browser says */
	w->user = arena_span(w->arena, user);
	packet_in_done(&in);
	packet_done(&o);
	if (verdict == AUTH_OK)
		w->imap = imap_open(session);
	if (w->imap != NULL)
		return true;
	if (verdict == AUTH_DENIED || verdict == AUTH_EXPIRED) {
		cookie_put(w, w->conf.session_name, "", true);
		w->status = 403;
		sign_in_form(w, WORD_SESSION_OVER);
	} else {
		page_error(w, 503, word_text(w->language, WORD_TRY_LATER));
	}
	return false;
}

bool
session_form_ok(struct webmail *w)
{
	if (w->request.method == METHOD_POST && w->token.n > 0 &&
	    secret_equal(request_get(&w->request, "token"), w->token))
		return true;
	page_error(w, 403, word_text(w->language, WORD_FORM_OLD));
	return false;
}

void
session_end(struct webmail *w)
{
	imap_close(&w->imap);
}
