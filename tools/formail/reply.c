/*
 * reply.c - who sent a message, and the header of an answer to him
 *
 * The envelope says best whom to answer, the header where -t asks for it. A
 * message that must not be answered, its Return-Path empty, gives "<>".
 */

#include <time.h>

#include "base/arena.h"
#include "os/clock.h"
#include "tools/formail/formail.h"

/* ---- an address */

struct scan {
	struct span rest;
	struct buf out;
	bool inside; /* of <> */
	bool gap; /* blanks were passed over */
	bool full; /* a second word came: only <> counts now */
};

/* Bytes of the comment that s begins with. */
static size_t
comment_bytes(struct span s)
{
	size_t depth = 0, i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return s.n;
}

/* Bytes of the quoted string, or escaped byte, or byte. */
static size_t
piece_bytes(struct span s)
{
	size_t i = 1;

	if (*s.p == '\\')
		return s.n > 1 ? 2 : 1;
	if (*s.p != '"')
		return 1;
	while (i < s.n && s.p[i] != '"')
		i += s.p[i] == '\\' ? 2 : 1;
	return i + 1 < s.n ? i + 1 : s.n;
}

static bool
joins(char c)
{
	return c == '@' || c == '.' || c == ':';
}

static void
add_piece(struct scan *s, struct span piece)
{
	if (s->gap && !s->inside && s->out.n > 0 &&
	    !joins(s->out.p[s->out.n - 1]) && !joins(*piece.p))
		s->full = true;
	s->gap = false;
	if (!s->full)
		buf_add_span(&s->out, piece);
}

/* One step; false: the address is over. */
static bool
scan_step(struct scan *s)
{
	char c = *s->rest.p;
	size_t n = 1;

	if (ascii_space((unsigned char)c)) {
		s->gap = true;
	} else if (c == '(') {
		n = comment_bytes(s->rest);
	} else if (c == '<' && !s->inside) {
		s->inside = true;
		s->full = false;
		buf_clear(&s->out);
	} else if (s->inside ? c == '>' : c == ',' || c == ';') {
		return false;
	} else {
		n = piece_bytes(s->rest);
		add_piece(s, span_head(s->rest, n));
	}
	s->rest = span_skip(s->rest, n);
	return true;
}

/* The first address of a field, without names and comments. */
static struct span
address_of(struct arena *a, struct span value)
{
	struct scan s = { .rest = value };
	struct span got;

	while (s.rest.n > 0 && scan_step(&s))
		;
	got = arena_span(a, buf_span(&s.out));
	buf_free(&s.out);
	return got;
}

/* ---- the sender */

/* What stands behind "From " on one line: who, when, and by which host it came
 * over UUCP, which goes before the address. */
static struct span
sender_on(struct arena *a, struct span line)
{
	static const char remote[] = " remote from ";
	size_t at = span_search(line, span_str(remote));
	struct span host = SPAN(""), word = SPAN("");

	if (at < line.n)
		host = span_trim(span_skip(line, at + sizeof(remote) - 1));
	(void)span_word(&line, " \t", &word);
	return host.n > 0 && word.n > 0 ? mail_join(a, host, SPAN("!"), word)
					: word;
}

static struct span
sender_in(const struct mail *m, const struct field *f)
{
	struct span value = field_value(f);
	size_t at;

	if (f->text.p[f->name - 1] == ':')
		return address_of(m->memory, value);
	/* Of several the last one says where it came from in the end. */
	at = span_rfind(value, '\n');
	if (at < value.n)
		value = span_skip(value, at + sizeof("\n>From ") - 1);
	return sender_on(m->memory, value);
}

/* How much an address is worth, before the order of the fields counts: a whole
 * one leads there from everywhere. */
static int
rank(struct span address)
{
	size_t at = span_rfind(address, '@');
	struct span host = span_skip(address, at + 1);

	if (span_iends(address, ".UUCP"))
		return at < address.n ? 1 : 0;
	if (span_find(host, '.') < host.n)
		return 4;
	if (span_find(address, '!') < address.n)
		return 3;
	return at < address.n ? 2 : 0;
}

/* The best in fields of that name, if it is better than *best. */
static void
take_best(const struct formail *f, const struct mail *m, struct span name,
    struct span *best)
{
	for (size_t i = 0; i < m->count; i++) {
		struct span got;

		if (!field_is(&m->fields[i], name) ||
		    edit_takes_away(f, &m->fields[i]))
			continue;
		got = sender_in(m, &m->fields[i]);
		if (got.n > 0 && (best->n == 0 || rank(got) > rank(*best)))
			*best = got;
	}
}

struct span
reply_sender(const struct formail *f, const struct mail *m)
{
	static const char *const by_envelope[] = { "From ",
		"Return-Path:", "Errors-To:", "Return-Receipt-To:",
		"Resent-Sender:", "Resent-From:", "Resent-Reply-To:", "Sender:",
		"From:", "Reply-To:", "Path:", NULL };
	static const char *const by_header[] = { "Reply-To:", "From:",
		"Sender:", "Return-Path:", "From ",
		"Errors-To:", "Return-Receipt-To:", "Resent-Sender:",
		"Resent-From:", "Resent-Reply-To:", "Path:", NULL };
	static const char *const by_resent[] = { "Resent-Reply-To:",
		"Resent-From:", "Resent-Sender:", "Reply-To:", "From:",
		"Sender:", "Return-Path:", "From ",
		"Errors-To:", "Return-Receipt-To:", "Path:", NULL };
	const char *const *order = !f->reply || !f->by_header ? by_envelope
	    : f->resent                                       ? by_resent
							      : by_header;
	const struct field *path = mail_find(m, "Return-Path:");
	struct span best = SPAN("");

	if (path != NULL && span_is(field_value(path), "<>"))
		return field_value(path);
	for (; *order != NULL; order++)
		take_best(f, m, span_str(*order), &best);
	return best;
}

void
reply_from_line(const struct formail *f, struct mail *m)
{
	time_t now = (time_t)clock_wall();
	struct span who = reply_sender(f, m);
	struct mail made = { .memory = m->memory };
	struct tm tm;
	char date[64];

	if (who.n == 0)
		who = SPAN("foo@bar");
	if (localtime_r(&now, &tm) == NULL ||
	    strftime(date, sizeof(date), "  %a %b %e %H:%M:%S %Y", &tm) == 0)
		return;
	mail_add(
	    &made, mail_join(m->memory, SPAN("From "), who, span_str(date)));
	for (size_t i = 0; i < m->count; i++)
		mail_take(&made, &m->fields[i]);
	m->fields = made.fields;
	m->count = made.count;
	m->room = made.room;
}

/* ---- the answer */

static bool
is_kept(const struct formail *f, const struct field *field)
{
	if (field_is(field, SPAN("X-Loop:")))
		return true;
	for (size_t i = 0; i < f->edit_count; i++)
		if (f->edits[i].kind == EDIT_RENAME_OLD &&
		    !f->edits[i].has_value && field_is(field, f->edits[i].name))
			return true;
	return false;
}

static void
add(struct mail *m, const char *name, struct span value)
{
	if (value.n > 0)
		mail_add(
		    m, mail_join(m->memory, span_str(name), SPAN(" "), value));
}

static const struct field *
last_of(const struct mail *m, const char *name)
{
	for (size_t i = m->count; i > 0; i--)
		if (field_is(&m->fields[i - 1], span_str(name)))
			return &m->fields[i - 1];
	return NULL;
}

static struct span
value_of(const struct mail *m, const char *name)
{
	const struct field *f = last_of(m, name);

	return f == NULL ? span_of(NULL, 0) : field_value(f);
}

/* "Re:" in front of what stood there, its blanks too. */
static void
add_subject(struct mail *out, const struct mail *m)
{
	const struct field *f = last_of(m, "Subject:");
	struct span value;

	if (f == NULL || field_value(f).n == 0)
		return;
	value = span_skip(f->text, f->name);
	mail_add(out,
	    mail_join(m->memory, SPAN("Subject: Re:"),
		ascii_blank(span_at(value, 0)) ? SPAN("") : SPAN(" "), value));
}

static void
add_references(struct mail *out, const struct mail *m)
{
	struct span old = value_of(m, "References:");
	struct span id = value_of(m, "Message-ID:");

	add(out, "References:",
	    mail_join(m->memory, old,
		old.n > 0 && id.n > 0 ? SPAN(" ") : SPAN(""), id));
	add(out, "In-Reply-To:", id);
}

bool
reply_make(const struct formail *f, struct mail *m)
{
	struct mail out = { .memory = m->memory };
	struct span to = reply_sender(f, m);

	for (size_t i = 0; i < m->count; i++)
		if (is_kept(f, &m->fields[i]))
			mail_take(&out, &m->fields[i]);
	add(&out, "To:", to.n > 0 ? to : SPAN("foo@bar"));
	add_subject(&out, m);
	add_references(&out, m);
	m->fields = out.fields;
	m->count = out.count;
	m->room = out.room;
	return to.n > 0;
}
