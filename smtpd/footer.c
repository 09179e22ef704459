/*
 * footer.c - what smtpd_reject_footer and its maps add to a refusal
 *
 * The template is main.cf's or a table's, with names for what is known of the
 * client; "\n" in it begins a line, and "\c" at its front goes on with the
 * last one. A refusal that a table is asked about waits for the answer, with
 * what was known when it was made: its mail may be gone by then.
 */

#include "smtpd/footer.h"

#include <stdio.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "config/macro.h"
#include "ipc/packet.h"
#include "smtpd/conf.h"
#include "smtpd/reply.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { VALUE_MAX = 300, FOOTER_MAX = 10000, KEY_MAX = 4000 };

enum { FACTS = 9 };

struct footer {
	struct arena *arena;
	struct {
		const char *name;
		struct span value;
	} facts[FACTS];
	int code;
	const char *status;
	struct span text; /* the refusal */
	bool wide; /* it may have more than ASCII */
};

static struct span
time_text(struct arena *a)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	return span_str(
	    arena_printf(a, "%.3s %02d %02d:%02d:%02d", months + 3 * tm.tm_mon,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec));
}

static void
fact_put(struct footer *f, size_t i, const char *name, struct span value)
{
	f->facts[i].name = name;
	f->facts[i].value = arena_span(f->arena, value);
}

static struct footer *
footer_new(const struct session *s)
{
	struct arena *a = arena_new();
	struct footer *f = arena_alloc(a, sizeof(*f));
	const struct mail *m = s->mail;

	f->arena = a;
	fact_put(f, 0, "client", span_str(s->client.label));
	fact_put(f, 1, "client_address", span_str(s->client.addr));
	fact_put(f, 2, "client_name", span_str(s->client.name));
	fact_put(f, 3, "client_port",
	    span_str(arena_printf(a, "%u", s->client.port)));
	fact_put(f, 4, "helo_name", span_str(s->helo));
	fact_put(f, 5, "localtime", time_text(a));
	fact_put(f, 6, "recipient", m == NULL ? SPAN("") : m->rcpt);
	fact_put(f, 7, "sender", m == NULL ? SPAN("") : m->sender);
	fact_put(f, 8, "server_name", span_str(s->smtpd->conf->myhostname));
	return f;
}

void
footer_free(struct footer **f)
{
	struct arena *a = *f == NULL ? NULL : (*f)->arena;

	*f = NULL;
	arena_free(&a);
}

static struct span
value_of(const struct footer *f, struct span name)
{
	for (size_t i = 0; i < FACTS; i++)
		if (span_is(name, f->facts[i].name))
			return f->facts[i].value;
	return SPAN("");
}

/* A client's bytes are no names, and no backslashes of the template. */
static bool
value_look(const void *from, struct span name, struct macro_value *value,
    struct why *why)
{
	const struct footer *f = from;
	struct buf text = BUF_EMPTY, safe = BUF_EMPTY;

	(void)why;
	log_quote(&text, value_of(f, name), VALUE_MAX);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '$')
			buf_add_byte(&safe, '$');
		buf_add_byte(&safe, text.p[i] == '\\' ? '_' : text.p[i]);
	}
	value->text = arena_str(f->arena, buf_str(&safe));
	value->where = NULL;
	buf_free(&text);
	buf_free(&safe);
	return true;
}

static void
lines_add(struct span footer, struct buf *text)
{
	if (span_starts(footer, "\\c"))
		footer = span_skip(footer, 2);
	else
		buf_add_byte(text, '\n');
	for (size_t i = 0; i < footer.n; i++) {
		bool line = span_starts(span_skip(footer, i), "\\n");

		buf_add_byte(text, line ? '\n' : footer.p[i]);
		i += line ? 1 : 0;
	}
}

static void
footer_put(const struct footer *f, const char *parameter, struct span template,
    struct buf *text)
{
	const struct macro_source source = { value_look, f };
	struct buf footer = BUF_EMPTY, clean = BUF_EMPTY;
	struct why why;

	why_init(&why);
	if (macro_expand(&source, parameter, template, &footer, &why)) {
		/* main.cf may be in another charset than UTF-8 */
		log_quote(&clean, buf_span(&footer), FOOTER_MAX);
		lines_add(buf_span(&clean), text);
	} else {
		log_warning("%s", why_text(&why));
	}
	why_free(&why);
	buf_free(&clean);
	buf_free(&footer);
}

static void
put_usual(const struct footer *f, const struct session *s, struct buf *text)
{
	struct span template = span_str(s->smtpd->conf->smtpd_reject_footer);

	if (template.n > 0)
		footer_put(f, "smtpd_reject_footer", template, text);
}

void
footer_add(const struct session *s, struct buf *text)
{
	struct footer *f;

	if (s->smtpd->conf->smtpd_reject_footer[0] == '\0')
		return;
	f = footer_new(s);
	put_usual(f, s, text);
	footer_free(&f);
}

static void
came(struct session *s, struct packet_in *in)
{
	static const char *const maps = "smtpd_reject_footer_maps";
	struct footer *f = s->footer;
	struct buf text = BUF_EMPTY;
	struct span template = SPAN("");
	struct why why;
	bool found = false;

	s->footer = NULL;
	why_init(&why);
	buf_add_span(&text, f->text);
	if (in == NULL || !lookup_value_get(in, &found, &template, &why) ||
	    (!found && why.outcome != DONE))
		log_warning("%s: lookup error", maps);
	if (found)
		footer_put(f, maps, template, &text);
	else
		put_usual(f, s, &text);
	why_free(&why);
	s->wide_reply = f->wide;
	reply_finish(s, f->code, f->status, buf_span(&text));
	buf_free(&text);
	footer_free(&f);
}

/* The refusal as it would be without a footer, on one line. */
static void
key_put(struct buf *key, const struct footer *f)
{
	buf_printf(key, "%d %s%s", f->code, f->status,
	    f->status[0] != '\0' ? " " : "");
	for (size_t i = 0; i < f->text.n; i++)
		buf_add_byte(key, f->text.p[i] == '\n' ? ' ' : f->text.p[i]);
}

bool
footer_ask(struct session *s, int code, const char *status, struct span text)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf key = BUF_EMPTY;
	struct footer *f;

	if (code < 400 || s->smtpd->conf->smtpd_reject_footer_maps[0] == '\0' ||
	    s->call != NULL || s->footer != NULL)
		return false;
	f = footer_new(s);
	f->code = code;
	f->status = arena_str(f->arena, status);
	f->text = arena_span(f->arena, text);
	f->wide = s->wide_reply;
	s->footer = f;
	key_put(&key, f);
	lookup_map_put(&o,
	    span_str(smtpd_table(s->smtpd, "smtpd_reject_footer_maps")),
	    span_head(buf_span(&key), KEY_MAX));
	session_ask(s, s->smtpd->lookup, &o, came);
	packet_done(&o);
	buf_free(&key);
	return true;
}
