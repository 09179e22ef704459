/*
 * pipe_conf.c - the transports of master.cf whose command is "pipe"
 *
 * The words behind the command are those of Postfix's pipe(8). Accounts are
 * looked up when mail comes: one that is made later needs no reload.
 */

#include "deliver/pipe_conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "config/master_cf.h"

struct pipe_one {
	struct pipe_conf conf;
	char eol[PIPE_EOL_MAX];
};

struct pipe_table {
	struct pipe_one *list;
	size_t count;
};

static bool
flags_parse(struct span letters, unsigned *out)
{
	for (size_t i = 0; i < letters.n; i++) {
		const char *at = strchr(PIPE_FLAGS, letters.p[i]);

		if (letters.p[i] == '\0' || at == NULL)
			return false;
		*out |= 1U << (at - PIPE_FLAGS);
	}
	return true;
}

/* One byte of "\r\n" and the like; 0: ill-formed. */
static size_t
escape_parse(struct span text, char *out)
{
	static const char names[] = "abfnrtv\\";
	static const char bytes[] = "\a\b\f\n\r\t\v\\";
	const char *at;
	unsigned octal;
	size_t n = 0;

	if (text.p[0] != '\\') {
		*out = text.p[0];
		return 1;
	}
	if (text.n < 2 || text.p[1] == '\0')
		return 0;
	at = strchr(names, text.p[1]);
	if (at != NULL) {
		*out = bytes[at - names];
		return 2;
	}
	while (
	    n < 3 && span_at(text, 1 + n) >= '0' && span_at(text, 1 + n) <= '7')
		n++;
	if (!number_parse_octal(span_of(text.p + 1, n), 255, &octal))
		return 0;
	*out = (char)octal;
	return 1 + n;
}

static bool
eol_parse(struct span text, char eol[PIPE_EOL_MAX], struct span *out)
{
	size_t n = 0;

	while (text.n > 0) {
		size_t used;

		if (n == PIPE_EOL_MAX)
			return false;
		used = escape_parse(text, &eol[n]);
		if (used == 0)
			return false;
		n++;
		text = span_skip(text, used);
	}
	*out = span_of(eol, n);
	return n > 0;
}

static bool
user_parse(struct span value, struct pipe_conf *out)
{
	size_t colon = span_find(value, ':');

	out->user = span_head(value, colon);
	out->group = span_skip(value, colon + 1);
	return out->user.n > 0 && !span_is(out->user, "root");
}

static bool
word_parse(const char *word, struct pipe_conf *out, char eol[PIPE_EOL_MAX])
{
	struct span value = span_str(word), name;

	if (!span_cut(&value, '=', &name) || value.p == NULL)
		return false;
	if (span_is(name, "flags"))
		return flags_parse(value, &out->flags);
	if (span_is(name, "user"))
		return user_parse(value, out);
	if (span_is(name, "size"))
		return number_parse(value, 0, INT64_MAX, &out->size);
	if (span_is(name, "eol"))
		return eol_parse(value, eol, &out->eol);
	if (span_is(name, "null_sender"))
		out->null_sender = value.p;
	else if (span_is(name, "directory"))
		out->directory = value.p;
	else
		return false;
	return true;
}

/* The first word that is none of -o name=value and -v. */
static size_t
first_word(const struct master_row *row)
{
	size_t i = 0;

	while (i < row->n_args && row->args[i][0] == '-')
		i += strcmp(row->args[i], "-o") == 0 ? 2 : 1;
	return i < row->n_args ? i : row->n_args;
}

bool
pipe_conf_parse(const struct master_row *row, struct pipe_conf *out,
    char eol[PIPE_EOL_MAX], struct why *why)
{
	size_t i = first_word(row);

	*out = (struct pipe_conf){ .name = row->column[MASTER_SERVICE],
		.null_sender = "MAILER-DAEMON",
		.directory = "",
		.eol = SPAN("\n") };
	for (; i < row->n_args; i++) {
		if (span_starts(span_str(row->args[i]), "argv="))
			break;
		if (!word_parse(row->args[i], out, eol)) {
			why_set(why, "4.3.5", "\"%s\" is no word for pipe",
			    row->args[i]);
			return false;
		}
	}
	out->argv = row->args + i;
	out->argc = row->n_args - i;
	if (out->user.n == 0)
		why_set(why, "4.3.5", "user= is missing");
	else if (out->argc == 0 || row->args[i][sizeof("argv=") - 1] == '\0')
		why_set(why, "4.3.5", "argv= is missing");
	else
		return true;
	return false;
}

struct pipe_table *
pipe_table_new(const struct master_cf *m)
{
	struct pipe_table *t = mem_new(sizeof(*t));
	const struct master_row *rows = NULL;
	struct why why;
	size_t n = 0;

	if (m != NULL)
		rows = master_cf_rows(m, &n);
	t->list = mem_array(n + 1, sizeof(*t->list));
	why_init(&why);
	for (size_t i = 0; i < n; i++) {
		struct pipe_one *one = &t->list[t->count];

		if (strcmp(rows[i].column[MASTER_COMMAND], "pipe") != 0)
			continue;
		if (pipe_conf_parse(&rows[i], &one->conf, one->eol, &why))
			t->count++;
		else
			log_error("master.cf, line %u: %s: its mail waits",
			    rows[i].line, why_text(&why));
	}
	why_free(&why);
	return t;
}

void
pipe_table_free(struct pipe_table **t)
{
	if (*t == NULL)
		return;
	free((*t)->list);
	mem_free(t);
}

const struct pipe_conf *
pipe_table_find(const struct pipe_table *t, struct span name)
{
	for (size_t i = 0; i < t->count; i++)
		if (span_is(name, t->list[i].conf.name))
			return &t->list[i].conf;
	return NULL;
}
