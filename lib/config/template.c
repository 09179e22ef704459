/*
 * template.c - the texts of reports to senders (bounce_template_file)
 *
 * A file is read line by line and nothing of it is copied. What is wrong with
 * one template costs that one: its place is taken by what the suite brings
 * along.
 */

#include "config/template.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "config/macro.h"
#include "config/param.h"

static const char *const names[TEMPLATES] = {
	[TEMPLATE_FAILURE] = "failure_template",
	[TEMPLATE_DELAY] = "delay_template",
	[TEMPLATE_SUCCESS] = "success_template",
	[TEMPLATE_VERIFY] = "verify_template",
};

const char *
template_name(enum template_kind kind)
{
	return names[kind];
}

void
template_reader_init(
    struct template_reader *r, struct span text, const char *name)
{
	*r = (struct template_reader){
		.rest = span_head(text, TEMPLATE_FILE_MAX), .name = name
	};
}

static bool
next_line(struct template_reader *r, struct span *line)
{
	if (!span_line(&r->rest, line))
		return false;
	r->line++;
	return true;
}

static bool
bad(const struct template_reader *r, struct why *why, const char *what)
{
	why_set(why, "4.3.5", "%s, line %u: %s", r->name, r->line, what);
	return false;
}

/* "failure_template = <<EOF" */
static bool
begin_parse(const struct template_reader *r, struct span line,
    struct template *out, struct span *end, struct why *why)
{
	size_t at = span_find(line, '=');
	struct span name = span_trim(span_head(line, at));
	size_t kind = 0;

	*end = span_trim(span_skip(line, at + 1));
	if (at == line.n || !span_starts(*end, "<<")) {
		*end = SPAN("");
		return bad(r, why, "wanted \"NAME_template = <<END\"");
	}
	*end = span_trim(span_skip(*end, 2));
	if (end->n == 0)
		return bad(r, why, "no word behind << that ends the template");
	while (kind < TEMPLATES && !span_is(name, names[kind]))
		kind++;
	if (kind == TEMPLATES)
		return bad(r, why,
		    "no such template; there are failure_template, "
		    "delay_template, success_template and verify_template");
	out->kind = (enum template_kind)kind;
	return true;
}

/* All lines up to the one that is the end word alone. */
static bool
whole_take(struct template_reader *r, struct span end, struct span *out)
{
	const char *from = r->rest.p;
	struct span line;

	while (next_line(r, &line)) {
		if (!span_eq(span_trim_right(line), end))
			continue;
		*out = span_between(from, line.p);
		return true;
	}
	return false;
}

static bool
field_take(struct template *out, struct span name, struct span value)
{
	struct span *fields[] = { &out->charset, &out->from, &out->subject,
		&out->postmaster_subject };
	static const char *const words[] = { "Charset", "From", "Subject",
		"Postmaster-Subject" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!span_iis(name, words[i]))
			continue;
		*fields[i] = value;
		return value.n > 0;
	}
	return false;
}

/* A field over all of its lines, still folded. */
static struct span
field_span(struct span *rest)
{
	struct span line, all = *rest;
	size_t n = 0;

	do {
		(void)span_line(rest, &line);
		n = (size_t)(line.p + line.n - all.p);
	} while (rest->n > 0 && ascii_blank(span_at(*rest, 0)));
	return span_head(all, n);
}

static bool
fields_parse(const struct template_reader *r, struct span *rest,
    struct template *out, struct why *why)
{
	while (rest->n > 0) {
		struct span all = field_span(rest);
		size_t at = span_find(all, ':');

		if (span_trim(all).n == 0)
			break;
		if (at == all.n ||
		    !field_take(out, span_trim_right(span_head(all, at)),
			span_trim(span_skip(all, at + 1))))
			return bad(r, why,
			    "a template's header has Charset, From, Subject "
			    "and Postmaster-Subject, none of them empty");
	}
	return true;
}

static bool
template_parse(struct template_reader *r, struct span first,
    struct template *out, struct why *why)
{
	struct span end, whole;
	bool good = begin_parse(r, first, out, &end, why);

	/* an ill-formed first line ends somewhere, too */
	if (!good && end.n == 0)
		return false;
	if (!whole_take(r, end, &whole))
		return good && bad(r, why, "the template has no end");
	if (!good || !fields_parse(r, &whole, out, why))
		return false;
	if (out->from.n == 0 || out->subject.n == 0)
		return bad(r, why, "the template above has no From or Subject");
	if (out->postmaster_subject.n == 0)
		out->postmaster_subject = out->subject;
	if (span_trim(whole).n == 0)
		return bad(r, why, "the template above has no text");
	out->body = whole;
	return true;
}

enum template_came
template_next(struct template_reader *r, struct template *out, struct why *why)
{
	struct span line;

	while (next_line(r, &line)) {
		struct span trimmed = span_trim(line);

		if (trimmed.n == 0 || span_starts(trimmed, "#"))
			continue;
		*out = (struct template){ .charset = SPAN("us-ascii") };
		return template_parse(r, trimmed, out, why) ? TEMPLATE_GOT
							    : TEMPLATE_BAD;
	}
	return TEMPLATE_END;
}

/* ---- $name */

struct expander {
	const struct main_cf *m;
	/* Numbers that were made; macro_expand() looks at them until its end.
	 */
	char **made;
	size_t count;
};

static const struct {
	const char *suffix;
	int64_t seconds;
} units[] = {
	{ "_seconds", 1 },
	{ "_minutes", 60 },
	{ "_hours", 3600 },
	{ "_days", 86400 },
	{ "_weeks", 604800 },
};

/* "maximal_queue_lifetime_days": the time's name and the unit. */
static const struct param *
time_of(struct span name, int64_t *unit)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const struct param *p;

		if (!span_ends(name, units[i].suffix))
			continue;
		p = param_find(
		    span_head(name, name.n - span_str(units[i].suffix).n));
		*unit = units[i].seconds;
		return p != NULL && p->type == PARAM_TIME ? p : NULL;
	}
	return NULL;
}

static const char *
keep(struct expander *e, char *text)
{
	e->made = mem_resize(e->made, e->count + 1, sizeof(*e->made));
	e->made[e->count] = text;
	return e->made[e->count++];
}

/* A parameter's value, which is not expanded once more. */
static bool
param_value(
    struct expander *e, const char *name, const char **out, struct why *why)
{
	struct buf value = BUF_EMPTY, plain = BUF_EMPTY;
	bool good = main_cf_value(e->m, name, &value, why);

	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '$')
			buf_add_byte(&plain, '$');
		buf_add_byte(&plain, value.p[i]);
	}
	if (good)
		*out = keep(e, mem_span(buf_span(&plain)));
	buf_free(&value);
	buf_free(&plain);
	return good;
}

static bool
time_value(struct expander *e, const struct param *p, int64_t unit,
    const char **out, struct why *why)
{
	struct buf text = BUF_EMPTY;
	int64_t seconds;
	bool good = main_cf_value(e->m, p->name, &text, why);

	if (good &&
	    param_parse_time(span_trim(buf_span(&text)),
		p->unit == NULL ? 's' : p->unit[0], &seconds))
		*out = keep(e, mem_printf("%" PRId64, seconds / unit));
	buf_free(&text);
	return good;
}

static bool
value_of(const void *from, struct span name, struct macro_value *value,
    struct why *why)
{
	struct expander *const *e = from;
	char *copy = mem_span(name);
	const struct param *p;
	int64_t unit;
	bool good = true;

	*value = (struct macro_value){ NULL, NULL };
	if (main_cf_raw((*e)->m, copy) != NULL)
		good = param_value(*e, copy, &value->text, why);
	else if ((p = time_of(name, &unit)) != NULL)
		good = time_value(*e, p, unit, &value->text, why);
	free(copy);
	return good;
}

bool
template_expand(
    const struct main_cf *m, struct span text, struct buf *out, struct why *why)
{
	struct expander e = { .m = m }, *at = &e;
	struct macro_source source = { value_of, &at };
	bool good = macro_expand(&source, "template", text, out, why);

	for (size_t i = 0; i < e.count; i++)
		free(e.made[i]);
	free(e.made);
	return good;
}

/* ---- what the suite brings along: etc/bounce.en and its kin */

static const char *const lines_en[] = {
#include "config/bounce_en.h"
	NULL
};
static const char *const lines_fr[] = {
#include "config/bounce_fr.h"
	NULL
};

static const struct {
	const char *language;
	const char *const *lines;
} builtin[] = {
	{ "en", lines_en },
	{ "fr", lines_fr },
};

const char *
template_language(size_t i)
{
	return i < sizeof(builtin) / sizeof(builtin[0]) ? builtin[i].language
							: NULL;
}

bool
template_builtin(struct span language, struct buf *out)
{
	for (size_t i = 0; i < sizeof(builtin) / sizeof(builtin[0]); i++) {
		if (!span_iis(language, builtin[i].language))
			continue;
		for (const char *const *l = builtin[i].lines; *l != NULL; l++)
			buf_add_str(out, *l);
		return true;
	}
	return false;
}
