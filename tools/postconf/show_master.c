/*
 * show_master.c - services of master.cf: rows, columns, parameters
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "config/findings.h"
#include "config/macro.h"
#include "config/master_cf.h"
#include "config/param.h"
#include "tools/postconf/postconf.h"

const char *const column_names[] = { "service", "type", "private",
	"unprivileged", "chroot", "wakeup", "process_limit", "command", NULL };

struct pattern
pattern_parse(struct span text)
{
	struct pattern p = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	size_t n = span_find(text, '/');

	p.service = span_head(text, n);
	text = span_skip(text, n + 1);
	n = span_find(text, '/');
	p.type = span_head(text, n);
	p.name = span_skip(text, n + 1);
	return p;
}

bool
pattern_takes(struct span part, const char *name)
{
	return part.n == 0 || span_is(part, "*") || span_is(part, name);
}

bool
pattern_takes_row(const struct pattern *p, const struct master_row *row)
{
	return pattern_takes(p->service, row->column[MASTER_SERVICE]) &&
	    pattern_takes(p->type, row->column[MASTER_TYPE]);
}

static void
put(struct buf *out)
{
	fwrite(out->p, 1, out->n, stdout);
	buf_clear(out);
}

static void
print_item(const struct request *r, const struct master_row *row,
    const char *name, struct span value)
{
	struct buf whole = BUF_EMPTY, out = BUF_EMPTY;

	buf_printf(&whole, "%s/%s/%s", row->column[MASTER_SERVICE],
	    row->column[MASTER_TYPE], name);
	print_param(&r->style, buf_str(&whole), value, &out);
	put(&out);
	buf_free(&whole);
	buf_free(&out);
}

/* The value of a column; that of the command has its arguments. */
static void
column_value(const struct master_row *row, int column, struct buf *out)
{
	size_t before = out->n;

	if (column != MASTER_COMMAND) {
		buf_add_str(out, row->column[column]);
		return;
	}
	print_master_row(false, row, out);
	for (int i = 0; i < MASTER_COMMAND; i++) {
		struct span rest = span_skip(buf_span(out), before), word;
		size_t n = rest.n;

		span_word(&rest, " ", &word);
		n -= rest.n;
		memmove(
		    out->p + before, out->p + before + n, out->n - before - n);
		out->n -= n;
	}
	buf_cut(out, out->n - 1);
}

static bool
show_columns(const struct request *r, const struct master_row *row,
    const struct pattern *p)
{
	struct buf value = BUF_EMPTY;
	bool any = false;

	for (int i = 0; i < MASTER_COLUMNS; i++) {
		if (!pattern_takes(p->name, column_names[i]))
			continue;
		any = true;
		buf_clear(&value);
		column_value(row, i, &value);
		print_item(r, row, column_names[i], buf_span(&value));
	}
	buf_free(&value);
	return any;
}

static int
compare_options(const void *a, const void *b)
{
	const struct master_option *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* ---- -x */

struct expansion {
	const struct main_cf *m;
	const struct master_row *row;
};

/* The service's own name, what the row sets, then main.cf. */
static bool
name_value(const void *from, struct span name, struct macro_value *value,
    struct why *why)
{
	const struct expansion *x = from;
	char *key;

	(void)why;
	*value = (struct macro_value){ NULL, "master.cf" };
	if (span_is(name, "service_name"))
		value->text = x->row->column[MASTER_SERVICE];
	for (size_t i = 0; i < x->row->n_options; i++)
		if (span_is(name, x->row->options[i].name))
			value->text = x->row->options[i].value;
	if (value->text == NULL) {
		key = mem_span(name);
		value->text = main_cf_raw(x->m, key);
		free(key);
	}
	return true;
}

static const char *
value_expand(const struct expansion *x, struct arena *a, const char *text)
{
	struct macro_source source = { name_value, x };
	struct buf out = BUF_EMPTY;
	const char *value;
	struct why why;

	why_init(&why);
	if (!macro_expand(&source, "master.cf", span_str(text), &out, &why))
		fatal_why(&why);
	why_free(&why);
	value = arena_str(a, buf_str(&out));
	buf_free(&out);
	return value;
}

/* The row with the values of its options -o expanded: these live in a. */
static struct master_row
row_expand(
    const struct main_cf *m, struct arena *a, const struct master_row *row)
{
	struct expansion x = { m, row };
	struct master_row out = *row;
	const char **args = arena_array(a, row->n_args + 1, sizeof(*args));
	struct master_option *options =
	    arena_array(a, row->n_options + 1, sizeof(*options));
	size_t at = 0;

	for (size_t i = 0; i < row->n_options; i++)
		options[i] = (struct master_option){ row->options[i].name,
			value_expand(&x, a, row->options[i].value) };
	memcpy(args, row->args, row->n_args * sizeof(*args));
	for (size_t i = 0; i < row->n_args && at < row->n_options; i++) {
		struct span arg = span_str(row->args[i]);
		bool apart = span_is(arg, "-o");

		if (!span_starts(arg, "-o"))
			continue;
		i += apart;
		args[i] = arena_printf(a, "%s%s=%s", apart ? "" : "-o",
		    options[at].name, options[at].value);
		at++;
	}
	out.args = args;
	out.options = options;
	return out;
}

static bool
show_options(const struct request *r, const struct master_row *row,
    const struct pattern *p)
{
	struct master_option *sorted =
	    mem_array(row->n_options + 1, sizeof(*sorted));
	bool any = false;

	if (row->n_options > 0)
		memcpy(sorted, row->options, row->n_options * sizeof(*sorted));
	qsort(sorted, row->n_options, sizeof(*sorted), compare_options);
	for (size_t i = 0; i < row->n_options; i++) {
		if (!pattern_takes(p->name, sorted[i].name))
			continue;
		any = true;
		print_item(r, row, sorted[i].name, span_str(sorted[i].value));
	}
	free(sorted);
	return any;
}

static bool
show_row(const struct request *r, const struct master_row *row,
    const struct pattern *p)
{
	struct buf out = BUF_EMPTY;

	if (r->fields)
		return show_columns(r, row, p);
	if (r->options)
		return show_options(r, row, p);
	print_master_row(r->style.fold, row, &out);
	put(&out);
	buf_free(&out);
	return true;
}

static bool
column_known(struct span name)
{
	for (size_t i = 0; column_names[i] != NULL; i++)
		if (pattern_takes(name, column_names[i]))
			return true;
	return false;
}

static void
show_matching(const struct request *r, const struct main_cf *cf,
    const struct master_cf *m, const char *text)
{
	struct pattern p = pattern_parse(span_str(text));
	size_t n;
	const struct master_row *rows = master_cf_rows(m, &n);
	bool any = text[0] == '\0';
	struct arena *a = arena_new();

	if (r->fields && !column_known(p.name))
		fatal("invalid service attribute name: \"%.*s\"", (int)p.name.n,
		    p.name.p);
	for (size_t i = 0; i < n; i++) {
		struct master_row row = rows[i];

		if (!pattern_takes_row(&p, &row))
			continue;
		if (r->expand)
			row = row_expand(cf, a, &row);
		if (show_row(r, &row, &p))
			any = true;
	}
	arena_free(&a);
	if (!any)
		warn_user("unmatched request: \"%s\"", text);
}

/* An option of the same row has set it. */
static bool
row_sets(const struct master_row *row, struct span name)
{
	for (size_t i = 0; i < row->n_options; i++)
		if (span_is(name, row->options[i].name))
			return true;
	return false;
}

static void
warn_row(
    const struct request *r, const struct master_row *row, struct findings *f)
{
	enum finding_kind kind;
	struct span name;

	for (size_t i = 0; i < row->n_options; i++) {
		const struct master_option *o = &row->options[i];
		size_t at = 0;

		while (findings_undefined(f, o->value, &at, &name))
			if (!row_sets(row, name))
				warn_user("%s/master.cf, line %u: %s: %.*s",
				    r->folder, row->line,
				    finding_text(FINDING_UNDEFINED),
				    (int)name.n, name.p);
		if (findings_judge(f, o->name, &kind))
			warn_user("%s/master.cf, line %u: %s: %s=%s", r->folder,
			    row->line, finding_text(kind), o->name, o->value);
	}
}

void
warn_options(
    const struct request *r, const struct master_cf *m, struct findings *f)
{
	size_t n;
	const struct master_row *rows = master_cf_rows(m, &n);

	for (size_t i = 0; i < n; i++)
		warn_row(r, &rows[i], f);
}

void
learn_options(const struct master_cf *m, struct findings *f)
{
	size_t n;
	const struct master_row *rows = master_cf_rows(m, &n);

	for (size_t i = 0; i < n; i++) {
		findings_service(f, rows[i].column[MASTER_SERVICE]);
		for (size_t k = 0; k < rows[i].n_options; k++)
			findings_text(f, rows[i].options[k].value);
	}
}

/* main.cf says which names are used; without one the defaults do. */
static struct main_cf *
main_of(const struct request *r)
{
	struct why why;
	struct main_cf *m;

	why_init(&why);
	m = main_cf_load(r->folder, true, &why);
	why_free(&why);
	return m != NULL ? m : main_cf_empty(r->folder);
}

void
show_master(const struct request *r)
{
	struct master_cf *m = master_read(r);
	struct main_cf *main_cf = main_of(r);
	struct findings *f = findings_new(main_cf);

	for (int i = 0; i < r->n_names; i++)
		show_matching(r, main_cf, m, r->names[i]);
	if (r->n_names == 0)
		show_matching(r, main_cf, m, "");
	fflush(stdout);
	learn_options(m, f);
	warn_options(r, m, f);
	findings_free(&f);
	main_cf_free(&main_cf);
	master_cf_free(&m);
}
