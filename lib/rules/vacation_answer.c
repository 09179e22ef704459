/*
 * vacation_answer.c - the answer, and the file that its words stand in
 *
 * RFC 3834, section 3: to the sender of the envelope, Auto-Submitted, tied to
 * the message by In-Reply-To and References (RFC 5322, 3.6.4).
 */

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "message/address.h"
#include "message/charset.h"
#include "message/compose.h"
#include "message/date.h"
#include "message/header.h"
#include "rules/vacation.h"

enum { ADDRESSES_MAX = 10, SUBJECT_TIMES = 100 };

/* ---- the message */

static bool
add_addresses(
    struct arena *a, struct compose *c, const char *name, struct span value)
{
	struct compose_address list[ADDRESSES_MAX];
	struct address_list l;
	size_t n = 0;

	address_list_parse(a, value, &l);
	for (size_t i = 0; i < l.count && n < ADDRESSES_MAX; i++)
		if (l.list[i].kind == ADDRESS_MAILBOX && l.list[i].local.n > 0)
			list[n++] = (struct compose_address){ l.list[i].name,
				l.list[i].local, l.list[i].domain };
	return n > 0 && compose_field_addresses(c, name, list, n);
}

static struct span
subject_of(struct arena *a, const struct vacation_answer *v)
{
	struct span old;

	if (v->subject.n > 0)
		return v->subject;
	old = vacation_subject(a, v->message);
	return span_str(
	    arena_printf(a, "Auto: %.*s", (int)old.n, old.n == 0 ? "" : old.p));
}

/* Lines that are fields or go on with one, LF only, no NUL. */
static bool
fields_good(struct span s)
{
	struct span rest = s;
	struct header_field f;

	if (s.n > 0 && (!span_ends(s, "\n") || ascii_space(span_at(s, 0))))
		return false;
	if (memchr(s.p == NULL ? "" : s.p, '\0', s.n) != NULL)
		return false;
	while (rest.n > 0 && header_next(&rest, &f))
		if (f.name.n == 0)
			return false;
	return rest.n == 0;
}

static bool
add_entity(struct buf *out, struct span entity)
{
	struct span fields = span_head(entity, header_end(entity));

	while (span_ends(fields, "\n\n"))
		fields.n--;
	if (fields.n == 0 || !fields_good(fields) ||
	    memchr(entity.p, '\0', entity.n) != NULL)
		return false;
	if (header_count(entity, "MIME-Version") == 0)
		buf_add_str(out, "MIME-Version: 1.0\n");
	buf_add_span(out, entity);
	if (!span_ends(entity, "\n"))
		buf_add_byte(out, '\n');
	return true;
}

bool
vacation_compose(
    struct arena *a, const struct vacation_answer *v, struct buf *out)
{
	struct compose *c = compose_new(out);
	bool good = add_addresses(a, c, "From", v->from) &&
	    add_addresses(a, c, "To", v->to) && fields_good(v->fields);

	if (good) {
		(void)compose_field(c, "Subject", subject_of(a, v));
		compose_date(c, v->now, date_local_zone(v->now));
		compose_message_id(c, v->domain, NULL);
		compose_refer(c, v->message);
		(void)compose_field_raw(
		    c, "Auto-Submitted", SPAN("auto-replied"));
		/* for those that knew no better, and answer answers */
		(void)compose_field_raw(
		    c, "X-Auto-Response-Suppress", SPAN("All"));
		buf_add_span(out, v->fields);
		if (v->entity)
			good = add_entity(out, v->text);
		else
			compose_text(c, "plain", v->text);
	}
	compose_free(&c);
	return good;
}

/* ---- the file */

static struct span
to_utf8(struct arena *a, struct span s)
{
	struct buf out = BUF_EMPTY;
	struct span got;

	if (utf8_valid(s))
		return s;
	(void)charset_to_utf8(&out, s, SPAN(""));
	got = arena_span(a, buf_span(&out));
	buf_free(&out);
	return got;
}

/* $SUBJECT replaced, so often that no file grows beyond measure. */
static struct span
with_subject(struct arena *a, struct span s, struct span subject)
{
	static const char name[] = "$SUBJECT";
	struct buf out = BUF_EMPTY;
	struct span got;

	for (int i = 0; i < SUBJECT_TIMES; i++) {
		size_t at = span_search(s, span_str(name));

		if (at == s.n)
			break;
		buf_add_span(&out, span_head(s, at));
		buf_add_span(&out, subject);
		s = span_skip(s, at + sizeof(name) - 1);
	}
	buf_add_span(&out, s);
	got = arena_span(a, buf_span(&out));
	buf_free(&out);
	return got;
}

/* Fields that are ours to write, or would make of the answer something else. */
static bool
is_dropped(struct span name)
{
	static const char *const dropped[] = { "To", "Cc", "Bcc", "Date",
		"Message-ID", "In-Reply-To", "References", "Auto-Submitted",
		"X-Auto-Response-Suppress", "Return-Path", "Received",
		"Delivered-To", "Sender", "MIME-Version" };

	for (size_t i = 0; i < sizeof(dropped) / sizeof(*dropped); i++)
		if (span_iis(name, dropped[i]))
			return true;
	return span_istarts(name, "Resent-");
}

/* Does it begin with fields and an empty line? */
static bool
has_header(struct span file)
{
	struct span rest = file;
	struct header_field f;
	size_t end = header_end(file);

	if (end == file.n || end == 0)
		return false;
	while (header_next(&rest, &f))
		if (f.name.n == 0)
			return false;
	return true;
}

static void
add_field(struct buf *out, const struct header_field *f)
{
	for (size_t i = 0; i < f->all.n; i++)
		if (f->all.p[i] != '\r')
			buf_add_byte(out, f->all.p[i]);
}

void
vacation_file_parse(struct arena *a, struct span file, struct span subject,
    struct vacation_file *out)
{
	struct buf fields = BUF_EMPTY, entity = BUF_EMPTY;
	struct span rest = file;
	struct header_field f;
	bool header = has_header(file);

	*out = (struct vacation_file){ .entity = false };
	while (header && header_next(&rest, &f)) {
		if (span_iis(f.name, "Subject"))
			out->subject = with_subject(a,
			    to_utf8(a, header_unfold_arena(a, f.value)),
			    subject);
		else if (span_iis(f.name, "From"))
			out->from = header_unfold_arena(a, f.value);
		else if (span_istarts(f.name, "Content-"))
			add_field(&entity, &f);
		else if (!is_dropped(f.name) && !utf8_wide(f.all))
			add_field(&fields, &f);
	}
	out->entity = entity.n > 0;
	if (out->entity) {
		buf_add_byte(&entity, '\n');
		buf_add_span(&entity, rest);
		out->text = arena_span(a, buf_span(&entity));
	} else {
		out->text = with_subject(a, to_utf8(a, rest), subject);
	}
	out->fields = arena_span(a, buf_span(&fields));
	buf_free(&fields);
	buf_free(&entity);
}
