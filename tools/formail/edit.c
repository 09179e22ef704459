/*
 * edit.c - change the fields as the command line asks
 *
 * First each field that is there is renamed, deleted or kept; then fields of
 * which there shall be one; then come new ones: those of -a, of -A, of -i and
 * of -I.
 */

#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/table.h"
#include "os/clock.h"
#include "tools/formail/formail.h"

/* The first of that kind that means the field. */
static const struct edit *
find(const struct formail *f, enum edit_kind kind, const struct field *field)
{
	for (size_t i = 0; i < f->edit_count; i++)
		if (f->edits[i].kind == kind &&
		    field_is(field, f->edits[i].name))
			return &f->edits[i];
	return NULL;
}

/* ---- before all */

/* by in place of the first cut bytes of the name. Lines ">From " behind an
 * envelope line become part of the field that it becomes. */
static void
rename_field(struct mail *m, struct field *f, size_t cut, struct span by)
{
	struct buf out = BUF_EMPTY;
	bool envelope = span_starts(f->text, "From ");
	size_t gap;

	buf_add_span(&out, by);
	buf_add_span(&out, span_skip(f->text, cut));
	for (size_t i = 1; envelope && i < out.n; i++)
		if (out.p[i] == '>' && out.p[i - 1] == '\n')
			out.p[i] = ' ';
	f->text = arena_span(m->memory, buf_span(&out));
	f->name = mail_name(f->text, &gap);
	buf_free(&out);
}

static bool
is_whole(struct span name)
{
	return span_ends(name, ":") || span_is(name, "From ");
}

static void
rename_as_asked(const struct formail *f, struct mail *m, struct field *field)
{
	const struct edit *e = find(f, EDIT_RENAME, field);

	if (e != NULL)
		rename_field(m, field,
		    is_whole(e->text) ? field->name : e->name.n, e->text);
}

bool
edit_takes_away(const struct formail *f, const struct field *field)
{
	const struct edit *replaced = find(f, EDIT_REPLACE, field);

	/* what an answer is made of was changed before, but for this line */
	if (f->reply)
		return span_starts(field->text, "From ") &&
		    (find(f, EDIT_RENAME, field) != NULL ||
			(replaced != NULL && !replaced->has_value));
	return replaced != NULL || find(f, EDIT_RENAME_OLD, field) != NULL ||
	    find(f, EDIT_RENAME, field) != NULL;
}

/* -z: a blank behind the colon; fields without contents go. */
static void
zap(struct mail *m, struct field *f)
{
	struct span value = span_skip(f->text, f->name);

	if (value.n <= 1 + (size_t)ascii_blank(*value.p))
		f->gone = true;
	else if (!ascii_blank(*value.p))
		f->text = mail_join(
		    m->memory, span_head(f->text, f->name), SPAN(" "), value);
}

/* -c: the lines of a folded field become one. */
static void
join(struct mail *m, struct field *f)
{
	char *text = arena_span_str(m->memory, f->text);

	for (size_t i = 0; i + 1 < f->text.n; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	f->text.p = text;
}

bool
edit_wants_envelope(const struct formail *f)
{
	bool spoken_of = false;

	for (size_t i = 0; i < f->edit_count; i++) {
		const struct edit *e = &f->edits[i];

		if (!span_ieq(span_head(SPAN("From "), e->name.n), e->name))
			continue;
		if (e->kind == EDIT_ADD_MISSING && !e->has_value)
			return true;
		spoken_of = spoken_of || e->kind == EDIT_RENAME_OLD ||
		    e->kind == EDIT_REPLACE || e->kind == EDIT_RENAME;
	}
	return !spoken_of;
}

void
edit_prepare(const struct formail *f, struct mail *m)
{
	for (size_t i = 0; i < m->count; i++) {
		struct field *field = &m->fields[i];
		const struct edit *e = find(f, EDIT_REPLACE, field);

		if (span_starts(field->text, "From "))
			continue;
		if (f->zap)
			zap(m, field);
		if (f->join)
			join(m, field);
		/* What is only deleted says nothing to a reply. */
		if (f->reply && e != NULL && !e->has_value)
			field->gone = true;
		if (f->reply)
			rename_as_asked(f, m, field);
	}
}

/* ---- those that are there */

static void
change(const struct formail *f, struct mail *m, struct field *field)
{
	const struct edit *old = find(f, EDIT_RENAME_OLD, field);

	/* In a reply -i without a value has said what to keep. */
	if (old != NULL && (!f->reply || old->has_value))
		rename_field(m, field, 0, SPAN("Old-"));
	else if (find(f, EDIT_REPLACE, field) != NULL)
		field->gone = true;
	else
		rename_as_asked(f, m, field);
}

/* ---- those of which one is to stay */

/* Note its name in kept; was it there? */
static bool
is_double(struct mail *m, const struct field *f, struct table *kept)
{
	char *name = arena_span_str(m->memory, span_head(f->text, f->name));

	for (size_t i = 0; i < f->name; i++)
		name[i] = (char)ascii_lower((unsigned char)name[i]);
	return table_put(kept, span_of(name, f->name), m) != NULL;
}

static void
make_unique(const struct formail *f, struct mail *m, enum edit_kind kind)
{
	struct table *kept = table_new();

	for (size_t i = 0; i < m->count; i++) {
		struct field *at =
		    &m->fields[kind == EDIT_LAST ? m->count - 1 - i : i];

		if (find(f, kind, at) != NULL && is_double(m, at, kept))
			at->gone = true;
	}
	table_free(&kept, NULL);
}

/* ---- new ones */

/* A Message-ID that no other message has. */
static struct span
new_id(struct mail *m, struct span name)
{
	static unsigned counter;
	char host[256] = { 0 };

	if (gethostname(host, sizeof(host) - 1) == -1 || host[0] == '\0')
		(void)snprintf(host, sizeof(host), "localhost");
	return span_str(
	    arena_printf(m->memory, "%.*s <%lld.%d.%u@%s>", (int)name.n, name.p,
		(long long)clock_wall_us(), (int)getpid(), counter++, host));
}

static bool
names_id(struct span name)
{
	return span_iis(name, "Message-ID:") ||
	    span_iis(name, "Resent-Message-ID:");
}

/* Among the first count, those that were there before. */
static bool
is_there(const struct mail *m, struct span name, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (field_is(&m->fields[i], name))
			return true;
	return false;
}

/* A field without contents is added by -a alone. */
static void
add_one(struct mail *m, const struct edit *e, size_t count)
{
	bool made = !e->has_value && names_id(e->name);

	if (e->kind == EDIT_ADD_MISSING && !is_there(m, e->name, count))
		mail_add(m, made ? new_id(m, e->name) : e->text);
	else if (e->kind != EDIT_ADD_MISSING && e->has_value)
		mail_add(m, e->text);
}

void
edit_run(const struct formail *f, struct mail *m)
{
	static const enum edit_kind adding[] = { EDIT_ADD_MISSING, EDIT_ADD,
		EDIT_RENAME_OLD, EDIT_REPLACE };

	size_t count = m->count;

	for (size_t i = 0; i < count; i++)
		change(f, m, &m->fields[i]);
	make_unique(f, m, EDIT_FIRST);
	make_unique(f, m, EDIT_LAST);
	for (size_t k = 0; k < sizeof(adding) / sizeof(*adding); k++)
		for (size_t i = 0; i < f->edit_count; i++)
			if (f->edits[i].kind == adding[k])
				add_one(m, &f->edits[i], count);
}
