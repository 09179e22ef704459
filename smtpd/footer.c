/*
 * footer.c - what smtpd_reject_footer adds to a refusal
 *
 * The template is main.cf's, with names for what is known of the client; "\n"
 * in it begins a line, and "\c" at its front goes on with the last one.
 */

#include "smtpd/footer.h"

#include <stdio.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "config/macro.h"
#include "smtpd/conf.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { VALUE_MAX = 300, FOOTER_MAX = 10000 };

struct known {
	const struct session *s;
	struct arena *arena;
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

static struct span
value_of(const struct known *k, struct span name)
{
	const struct session *s = k->s;
	const struct mail *m = s->mail;
	const struct {
		const char *name;
		struct span value;
	} rows[] = {
		{ "client", span_str(s->client.label) },
		{ "client_address", span_str(s->client.addr) },
		{ "client_name", span_str(s->client.name) },
		{ "client_port",
		    span_str(arena_printf(k->arena, "%u", s->client.port)) },
		{ "helo_name", span_str(s->helo) },
		{ "localtime", time_text(k->arena) },
		{ "recipient", m == NULL ? SPAN("") : m->rcpt },
		{ "sender", m == NULL ? SPAN("") : m->sender },
		{ "server_name", span_str(s->smtpd->conf->myhostname) },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (span_is(name, rows[i].name))
			return rows[i].value;
	return SPAN("");
}

/* A client's bytes are no names, and no backslashes of the template. */
static bool
value_look(const void *from, struct span name, struct macro_value *value,
    struct why *why)
{
	const struct known *k = from;
	struct buf text = BUF_EMPTY, safe = BUF_EMPTY;

	(void)why;
	log_quote(&text, value_of(k, name), VALUE_MAX);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '$')
			buf_add_byte(&safe, '$');
		buf_add_byte(&safe, text.p[i] == '\\' ? '_' : text.p[i]);
	}
	value->text = arena_str(k->arena, buf_str(&safe));
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

void
footer_add(const struct session *s, struct buf *text)
{
	struct known known = { s, arena_new() };
	const struct macro_source source = { value_look, &known };
	struct buf footer = BUF_EMPTY, clean = BUF_EMPTY;
	struct why why;

	why_init(&why);
	if (macro_expand(&source, "smtpd_reject_footer",
		span_str(s->smtpd->conf->smtpd_reject_footer), &footer, &why)) {
		/* main.cf may be in another charset than UTF-8 */
		log_quote(&clean, buf_span(&footer), FOOTER_MAX);
		lines_add(buf_span(&clean), text);
	} else {
		log_warning("%s", why_text(&why));
	}
	why_free(&why);
	buf_free(&clean);
	buf_free(&footer);
	arena_free(&known.arena);
}
