/*
 * expand.c - quotes, variables and commands in the text of an rc file
 *
 * A byte machine. ${NAME:-text} may be nested: the open ones are on a stack of
 * our own, each knowing whether its text is wanted and in which quotes it
 * began. Without an environment it only finds where the text ends.
 */

#include "rules/expand.h"

#include <stdlib.h>

#include "base/mem.h"

enum quote { QUOTE_NONE, QUOTE_SINGLE, QUOTE_DOUBLE };

struct brace {
	enum quote quote; /* in which it stands */
	bool unwanted; /* its text, or that around it, is not used */
	struct span name; /* the variable whose value stands for it then; it
			     comes when the brace closes */
};

struct machine {
	struct span text;
	size_t at;
	enum expand_mode mode;
	const struct expand_env *env;
	struct words *out;
	enum quote quote;
	bool in_word;
	bool begun; /* something stands here since the last blank, though its
		     * value be empty */
	bool too_long;
	struct brace *braces;
	size_t depth, room;
};

void
words_free(struct words *w)
{
	buf_free(&w->bytes);
	w->count = 0;
}

void
words_clear(struct words *w)
{
	buf_clear(&w->bytes);
	w->count = 0;
}

void
words_add(struct words *w, struct span word)
{
	buf_add_span(&w->bytes, word);
	buf_add_byte(&w->bytes, '\0');
	w->count++;
}

struct span
word_at(const struct words *w, size_t i)
{
	struct span rest = buf_span(&w->bytes), word = SPAN("");

	if (i >= w->count)
		return word;
	for (size_t n = 0; n <= i; n++)
		(void)span_cut(&rest, '\0', &word);
	return word;
}

void
words_join(const struct words *w, size_t i, struct buf *out)
{
	struct span rest = buf_span(&w->bytes), word;

	for (size_t n = 0; n < w->count; n++) {
		(void)span_cut(&rest, '\0', &word);
		if (n > i)
			buf_add_byte(out, ' ');
		if (n >= i)
			buf_add_span(out, word);
	}
}

static int
peek(const struct machine *m, size_t ahead)
{
	return span_at(m->text, m->at + ahead);
}

/* The environment, or NULL when what is read now is not used. */
static const struct expand_env *
wanted(const struct machine *m)
{
	return m->depth == 0 || !m->braces[m->depth - 1].unwanted ? m->env
								  : NULL;
}

static void
put(struct machine *m, int c)
{
	const struct expand_env *env = wanted(m);

	m->in_word = true;
	if (env == NULL || c == '\0') /* values end at a NUL */
		return;
	if (m->out->bytes.n >= env->limit) {
		m->too_long = true;
		return;
	}
	buf_add_byte(&m->out->bytes, (char)c);
}

static void
end_word(struct machine *m)
{
	if (!m->in_word)
		return;
	m->in_word = false;
	if (m->env == NULL)
		return;
	buf_add_byte(&m->out->bytes, '\0');
	m->out->count++;
}

/* A value: outside quotes it is cut at blanks where words are wanted. */
static void
put_value(struct machine *m, struct span s)
{
	bool cut = m->quote == QUOTE_NONE && m->mode == EXPAND_WORDS;

	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (cut && (ascii_blank(c) || c == '\n'))
			end_word(m);
		else
			put(m, c);
	}
}

/* ---- backslash and backtick */

static void
backslash(struct machine *m)
{
	int c = peek(m, 1);
	bool both;

	m->at += 2;
	if (c == '\n')
		return;
	if (m->quote == QUOTE_DOUBLE)
		both = c != '"' && c != '\\' && c != '$' && c != '`' &&
		    !(c == '}' && m->depth > 0);
	else
		both = c == '#' && m->in_word;
	if (both || c == -1)
		put(m, '\\');
	if (c != -1)
		put(m, c);
}

static void
run_command(struct machine *m, struct span text)
{
	struct buf output = BUF_EMPTY;

	m->env->command(m->env->ctx, text, &output);
	put_value(m, buf_span(&output));
	buf_free(&output);
}

/* What stands between is unquoted one time here, before it is run. */
static void
backtick(struct machine *m)
{
	struct buf text = BUF_EMPTY;
	int c;

	m->at++;
	for (; (c = peek(m, 0)) != -1 && c != '`'; m->at++) {
		int next = peek(m, 1);

		if (c == '\\' && next != -1) {
			m->at++;
			if (next == '\n')
				continue;
			if (next != '\\' && next != '`' && next != '$' &&
			    !(next == '"' && m->quote == QUOTE_DOUBLE))
				buf_add_byte(&text, '\\');
			c = next;
		}
		buf_add_byte(&text, (char)c);
	}
	if (c == '`')
		m->at++;
	if (wanted(m) != NULL)
		run_command(m, buf_span(&text));
	else
		m->in_word = true;
	buf_free(&text);
}

/* ---- variables */

static bool
in_name(int c)
{
	return ascii_alnum(c) || c == '_';
}

static struct span
take_name(struct machine *m)
{
	size_t begin = m->at;

	while (in_name(peek(m, 0)))
		m->at++;
	return span_of(m->text.p + begin, m->at - begin);
}

static void
put_variable(struct machine *m, struct span name)
{
	const struct expand_env *env = wanted(m);
	struct span value;

	if (env != NULL && env->value(env->ctx, name, &value))
		put_value(m, value);
}

/* $\NAME: so that a regex finds the value as it is. */
static void
put_escaped(struct machine *m, struct span name)
{
	struct span value = SPAN("");

	if (wanted(m) == NULL)
		return;
	(void)m->env->value(m->env->ctx, name, &value);
	put(m, '(');
	put(m, ')');
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] != '\0' &&
		    strchr("\\.*[()|^$+?", value.p[i]) != NULL)
			put(m, '\\');
		put(m, (unsigned char)value.p[i]);
	}
}

static void
put_arguments(struct machine *m)
{
	struct span value;

	if (wanted(m) == NULL || m->mode != EXPAND_WORDS)
		return;
	for (size_t i = 1; m->env->argument(m->env->ctx, i, &value); i++) {
		if (i > 1)
			end_word(m);
		m->in_word = true;
		put_value(m, value);
	}
	/* "$@" without arguments is no word at all. */
	if (!m->env->argument(m->env->ctx, 1, &value) && peek(m, 0) == '"' &&
	    m->out->bytes.n > 0 && m->out->bytes.p[m->out->bytes.n - 1] == '\0')
		m->in_word = false;
}

static void
brace_open(struct machine *m, struct span name, bool colon, bool plus)
{
	struct brace b = { .quote = m->quote, .unwanted = wanted(m) == NULL };
	struct span value = SPAN("");
	bool set;

	if (!b.unwanted) {
		set = m->env->value(m->env->ctx, name, &value) &&
		    (!colon || value.n > 0);
		b.unwanted = set != plus;
		if (set && !plus)
			b.name = name;
	}
	if (m->depth == m->room) {
		m->room = m->room == 0 ? 8 : m->room * 2;
		m->braces = mem_resize(m->braces, m->room, sizeof(*m->braces));
	}
	m->braces[m->depth++] = b;
}

/* Behind "${". */
static void
braced(struct machine *m)
{
	struct span name = take_name(m);
	bool bad = name.n > 1 && ascii_digit((unsigned char)name.p[0]);
	bool colon = peek(m, 0) == ':' && !bad;
	int c = peek(m, colon ? 1 : 0);

	if (!bad && name.n > 0 && (c == '-' || c == '+')) {
		m->at += colon ? 2 : 1;
		brace_open(m, name, colon, c == '+');
		return;
	}
	if (!bad && !colon && c == '}') {
		m->at++;
		if (name.n > 0) /* "${}" is nothing */
			put_variable(m, name);
		return;
	}
	if (wanted(m) != NULL)
		m->env->bad(m->env->ctx, name);
	/* The byte that makes no sense goes, the rest is plain text. */
	m->at += colon ? 1 : 0;
	if (c != -1 && c != '\n')
		m->at++;
}

static void
dollar(struct machine *m)
{
	int c = peek(m, 1);

	m->at++;
	if (c == '{') {
		m->at++;
		braced(m);
	} else if (c == '\\' && in_name(peek(m, 1))) {
		m->at++;
		put_escaped(m, take_name(m));
	} else if (c == '@' && m->quote == QUOTE_DOUBLE) {
		m->at++;
		put_arguments(m);
	} else if (c == '@') {
		return; /* outside double quotes only the '@' is left */
	} else if (ascii_digit(c) ||
	    (c != -1 && c != '\0' && strchr("#$?=-_", c) != NULL)) {
		put_variable(m, span_of(m->text.p + m->at, 1));
		m->at++;
	} else if (in_name(c)) {
		put_variable(m, take_name(m));
	} else {
		put(m, '$');
	}
}

/* ---- the machine */

static bool
brace_closes(const struct machine *m)
{
	return m->depth > 0 && m->braces[m->depth - 1].quote == m->quote;
}

static void
brace_close(struct machine *m)
{
	struct span name = m->braces[--m->depth].name;

	m->at++;
	if (name.n > 0)
		put_variable(m, name);
}

static void
double_quote(struct machine *m)
{
	if (m->quote == QUOTE_DOUBLE && brace_closes(m)) {
		put(m, '"'); /* inside "${NAME-...}" it is a plain byte */
	} else {
		m->quote = m->quote == QUOTE_DOUBLE ? QUOTE_NONE : QUOTE_DOUBLE;
		m->in_word = true;
	}
	m->at++;
}

static void
single_quoted(struct machine *m)
{
	int c = peek(m, 0);

	if (c == '\'')
		m->quote = QUOTE_NONE;
	else
		put(m, c);
	m->at++;
}

static void
comment(struct machine *m)
{
	while (peek(m, 0) != -1 && peek(m, 0) != '\n')
		m->at++;
}

/* Blanks, newlines and comments outside quotes. True: the text ends. */
static bool
between_words(struct machine *m, int c)
{
	if (c == '#') {
		comment(m);
		return true;
	}
	if (c == '\n' || (m->mode == EXPAND_VALUE && m->begun))
		return true;
	end_word(m);
	m->begun = false;
	m->at++;
	return false;
}

static bool
separates(const struct machine *m, int c)
{
	if (m->quote != QUOTE_NONE || m->mode == EXPAND_QUOTED)
		return false;
	return c == '\n' || ascii_blank(c) || (c == '#' && !m->begun);
}

/* One step outside single quotes. True: the text ends. */
static bool
step(struct machine *m, int c)
{
	if (separates(m, c))
		return between_words(m, c);
	/* a line that is only joined to the next says nothing */
	m->begun = m->begun || c != '\\' || peek(m, 1) != '\n';
	if (c == '\\') {
		backslash(m);
	} else if (c == '`') {
		backtick(m);
	} else if (c == '$') {
		dollar(m);
	} else if (c == '"') {
		double_quote(m);
	} else if (c == '\'' && m->quote == QUOTE_NONE &&
	    m->mode != EXPAND_QUOTED) {
		m->quote = QUOTE_SINGLE;
		m->in_word = true;
		m->at++;
	} else if (c == '}' && brace_closes(m)) {
		brace_close(m);
	} else {
		put(m, c);
		m->at++;
	}
	return false;
}

static bool
run(struct machine *m)
{
	bool ends = false;
	int c;

	m->quote = m->mode == EXPAND_QUOTED ? QUOTE_DOUBLE : QUOTE_NONE;
	while (!ends && (c = peek(m, 0)) != -1) {
		if (m->quote == QUOTE_SINGLE)
			single_quoted(m);
		else
			ends = step(m, c);
	}
	free(m->braces);
	return m->mode != EXPAND_QUOTED && m->quote != QUOTE_NONE;
}

size_t
expand_scan(struct span text, enum expand_mode mode, bool *open)
{
	struct machine m = { .text = text, .mode = mode };

	*open = run(&m);
	return m.at < text.n ? m.at : text.n;
}

enum expand_end
expand(struct span text, enum expand_mode mode, const struct expand_env *env,
    struct words *out)
{
	struct machine m = {
		.text = text, .mode = mode, .env = env, .out = out
	};
	bool open;

	words_clear(out);
	open = run(&m);
	m.in_word = m.in_word || mode != EXPAND_WORDS;
	end_word(&m);
	return m.too_long ? EXPAND_TOO_LONG : open ? EXPAND_OPEN : EXPAND_FINE;
}
