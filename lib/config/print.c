/*
 * print.c - parameters and services as postconf prints them
 *
 * The shapes are those of Postfix's postconf, since scripts read them.
 */

#include "config/print.h"

#include <string.h>

#include "base/buf.h"
#include "config/master_cf.h"

/* Lines are no longer than these, where words allow. */
enum { PARAM_LINE = 80, ROW_LINE = 79, INDENT = 4 };

/* A line that is being filled with words. */
struct filler {
	struct buf *out;
	size_t used, limit;
	bool fold, begun; /* begun: a word wants a blank before it */
};

static void
new_line(struct filler *f)
{
	buf_add_str(f->out, "\n    ");
	f->used = INDENT;
	f->begun = false;
}

static void
put_word(struct filler *f, struct span word)
{
	if (f->begun && f->fold && f->used + 1 + word.n > f->limit)
		new_line(f);
	if (f->begun) {
		buf_add_byte(f->out, ' ');
		f->used++;
	}
	buf_add_span(f->out, word);
	f->used += word.n;
	f->begun = true;
}

void
print_param(const struct print_style *style, const char *name,
    struct span value, struct buf *out)
{
	struct filler f = { out, 0, PARAM_LINE, style->fold, false };
	struct span word;

	if (style->no_values || !style->no_names)
		put_word(&f, span_str(name));
	if (!style->no_values && !style->no_names)
		put_word(&f, SPAN("="));
	while (!style->no_values && span_word(&value, " \t\r\n", &word))
		put_word(&f, word);
	buf_add_byte(out, '\n');
}

/* Where each column begins; a long one pushes the next. */
static const size_t column_at[MASTER_COLUMNS] = { 0, 11, 17, 25, 33, 41, 49,
	57 };

static void
put_columns(const struct master_row *row, struct buf *out)
{
	size_t begin = out->n;

	for (int i = 0; i < MASTER_COLUMNS; i++) {
		if (i > 0)
			buf_add_byte(out, ' ');
		while (out->n - begin < column_at[i])
			buf_add_byte(out, ' ');
		buf_add_str(out, row->column[i]);
	}
}

/* An argument, in {braces} where it has blanks. */
static void
add_argument(struct span word, struct buf *out)
{
	bool braces = word.n == 0 || word.p[0] == '{' ||
	    span_find_any(word, " \t") < word.n;

	if (braces)
		buf_add_byte(out, '{');
	buf_add_span(out, word);
	if (braces)
		buf_add_byte(out, '}');
}

/* name=value, as an argument */
static void
add_option(const struct master_option *option, struct buf *out)
{
	struct buf word = BUF_EMPTY;

	buf_printf(&word, "%s=%s", option->name, option->value);
	add_argument(buf_span(&word), out);
	buf_free(&word);
}

void
print_master_row(bool fold, const struct master_row *row, struct buf *out)
{
	struct filler f = { out, 0, ROW_LINE, fold, true };
	size_t begin = out->n, option = 0;
	struct buf word = BUF_EMPTY;
	bool options = true;

	put_columns(row, out);
	f.used = out->n - begin;
	for (size_t i = 0; i < row->n_args; i++) {
		struct span arg = span_str(row->args[i]);
		bool wrap = false;

		buf_clear(&word);
		if (span_at(arg, 0) != '-') {
			wrap = options && option > 0;
			options = false;
		}
		if (options && span_starts(arg, "-o")) {
			wrap = true;
			i += arg.n == 2;
			buf_add_str(&word, "-o ");
			add_option(&row->options[option++], &word);
		} else {
			add_argument(arg, &word);
			wrap = wrap || (options && option > 0);
		}
		if (wrap && fold && f.begun)
			new_line(&f);
		put_word(&f, buf_span(&word));
	}
	buf_free(&word);
	buf_add_byte(out, '\n');
}
