/*
 * expand.c - quotes, variables and commands in the text of an rc file
 *
 * A byte machine. ${NAME:-text} may be nested, so braces are counted; text that
 * is not used is read in the same way. Without an environment it only finds
 * where the text ends.
 */

#include "rules/expand.h"

#include "base/mem.h"

/* Where the machine is. */
enum place {
	NOTHING_YET,
	BETWEEN_WORDS,
	IN_WORD,
	IN_DOUBLE, /* quotes */
	IN_SINGLE
};

/* ${NAME:-text} of a NAME that has a value: the text is passed over, and taken
 * back when its brace closes. If that is missing it stays. */
struct passed {
	bool on;
	size_t bytes, count; /* of the words before it */
	size_t depth; /* of braces, outside it */
	enum place place; /* where it began */
	struct span name; /* its value comes when the brace closes */
};

struct machine {
	struct span text;
	size_t at;
	enum expand_mode mode;
	const struct expand_env *env;
	struct words *out;
	enum place place;
	size_t depth; /* braces that are open */
	size_t quoted_depth; /* those that were when the double quotes began */
	struct passed passed;
	bool open, bad, too_long;
};

void
words_free(struct words *w)
{
	buf_free(&w->bytes);
	w->count = 0;
	w->has_args = false;
}

void
words_clear(struct words *w)
{
	buf_clear(&w->bytes);
	w->count = 0;
	w->has_args = false;
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

/* The environment, or NULL where nothing has a value. */
static const struct expand_env *
wanted(const struct machine *m)
{
	return m->passed.on || m->env == NULL || m->env->passing ? NULL
								 : m->env;
}

static void
put_raw(struct machine *m, int c)
{
	const struct expand_env *env = m->env;

	if (env == NULL)
		return;
	if (m->out->bytes.n >= env->limit) {
		m->too_long = true;
		return;
	}
	buf_add_byte(&m->out->bytes, (char)c);
}

static void
in_word(struct machine *m)
{
	if (m->place <= BETWEEN_WORDS)
		m->place = IN_WORD;
}

static void
put(struct machine *m, int c)
{
	if (c != '\0') /* values end at a NUL */
		put_raw(m, c);
	in_word(m);
}

static void
end_word(struct machine *m)
{
	if (m->place != IN_WORD)
		return;
	m->place = BETWEEN_WORDS;
	put_raw(m, m->mode == EXPAND_WORDS ? '\0' : ' ');
	if (m->mode == EXPAND_WORDS && m->env != NULL && !m->too_long)
		m->out->count++;
}

/* A value: outside quotes it is cut at blanks where words are wanted. */
static void
put_value(struct machine *m, struct span s)
{
	bool cut = m->place != IN_DOUBLE && m->mode == EXPAND_WORDS;

	for (size_t i = 0; i < s.n && s.p[i] != '\0'; i++) {
		int c = (unsigned char)s.p[i];

		if (cut && (ascii_blank(c) || c == '\n'))
			end_word(m);
		else
			put(m, c);
	}
	if (!cut)
		in_word(m);
}

/* ---- backslash and backtick */

static bool
brace_closes(const struct machine *m)
{
	if (m->place == IN_DOUBLE)
		return m->depth > m->quoted_depth;
	return m->depth > 0 && m->place != IN_SINGLE;
}

/* Is c, behind a backslash, a byte that the backslash stands for nothing but to
 * quote? */
static bool
is_quoted(const struct machine *m, int c)
{
	switch (c) {
	case '"':
	case '\\':
	case '$':
	case '`':
		return true;
	case '}':
		return m->place != IN_DOUBLE || brace_closes(m);
	case '#': /* where no comment could begin nothing quotes it */
		return m->place <= BETWEEN_WORDS;
	default:
		return m->place != IN_DOUBLE;
	}
}

/* True: the text ends. */
static bool
backslash(struct machine *m)
{
	int c = peek(m, 1);

	if (c == -1) {
		m->at++;
		m->open = true;
		return true;
	}
	m->at += 2;
	if (c == '\n')
		return false;
	if (!is_quoted(m, c))
		put(m, '\\');
	put(m, c);
	return false;
}

static void
run_command(struct machine *m, struct span text)
{
	struct buf output = BUF_EMPTY;
	size_t room = m->env->limit - m->out->bytes.n;

	m->env->command(m->env->ctx, text, room, &output);
	put_value(m, buf_span(&output));
	buf_free(&output);
}

/* A byte of a command, behind a backslash: one quoting is undone before it is
 * run. */
static void
add_escaped(struct machine *m, int c, struct buf *text)
{
	if (c == '\n')
		return;
	if (c != '\\' && c != '`' && c != '$' &&
	    !(c == '"' && m->place == IN_DOUBLE))
		buf_add_byte(text, '\\');
	buf_add_byte(text, (char)c);
}

/* Up to the next backtick; in double quotes a double quote ends it too. */
static void
backtick(struct machine *m)
{
	struct buf text = BUF_EMPTY;
	int c;

	m->at++;
	for (; (c = peek(m, 0)) != -1 && c != '`'; m->at++) {
		if (c == '"' && m->place == IN_DOUBLE)
			break;
		if (c != '\\') {
			buf_add_byte(&text, (char)c);
			continue;
		}
		m->at++;
		if (peek(m, 0) == -1) {
			m->open = true;
			break;
		}
		add_escaped(m, peek(m, 0), &text);
	}
	if (peek(m, 0) != -1)
		m->at++;
	if (wanted(m) != NULL)
		run_command(m, buf_span(&text));
	else
		put_value(m, SPAN(""));
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

static bool
value_of(const struct machine *m, struct span name, struct span *out)
{
	const struct expand_env *env = wanted(m);

	*out = SPAN("");
	return env != NULL && name.n > 0 && env->value(env->ctx, name, out);
}

static void
put_variable(struct machine *m, struct span name)
{
	struct span value;

	(void)value_of(m, name, &value);
	put_value(m, value);
}

/* $\NAME: so that a regex finds the value as it is. */
static void
put_escaped(struct machine *m, struct span name)
{
	struct span value;

	(void)value_of(m, name, &value);
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
brace_open(struct machine *m, struct span name, bool colon, bool plus)
{
	struct span value;
	bool set = value_of(m, name, &value) && (!colon || value.n > 0);

	if (set != plus && wanted(m) != NULL)
		m->passed = (struct passed){ .on = true,
			.bytes = m->out->bytes.n,
			.count = m->out->count,
			.depth = m->depth,
			.place = m->place,
			.name = plus ? span_of(NULL, 0) : name };
	m->depth++;
}

static void
brace_close(struct machine *m)
{
	m->at++;
	m->depth--;
	if (!m->passed.on || m->passed.depth != m->depth)
		return;
	m->passed.on = false;
	buf_cut(&m->out->bytes, m->passed.bytes);
	m->out->count = m->passed.count;
	m->place = m->passed.place;
	put_variable(m, m->passed.name);
}

/* Behind "${". */
static void
braced(struct machine *m)
{
	struct span name = take_name(m);
	bool bad = name.n > 1 && ascii_digit((unsigned char)name.p[0]);
	bool colon = peek(m, 0) == ':' && !bad;
	int c = peek(m, colon ? 1 : 0);

	m->at += (colon ? 1 : 0) + (c != -1);
	if (!bad && (c == '-' || c == '+')) {
		brace_open(m, name, colon, c == '+');
	} else if (!bad && !colon && c == '}') {
		put_variable(m, name);
	} else {
		/* the byte that makes no sense goes, the rest is plain text */
		m->bad = true;
		if (m->env != NULL)
			m->env->bad(m->env->ctx, name);
	}
}

static void
arguments(struct machine *m)
{
	if (wanted(m) == NULL)
		return;
	m->out->has_args = true;
	m->out->args_at = m->out->bytes.n;
}

/* True: the text ends. */
static bool
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
	} else if (c == '@' && m->place == IN_DOUBLE) {
		m->at++;
		arguments(m);
	} else if (c == '@') {
		return false; /* outside double quotes only the '@' is left */
	} else if (ascii_digit(c) ||
	    (c != -1 && c != '\0' && strchr("#$?=-_", c) != NULL)) {
		put_variable(m, span_of(m->text.p + m->at, 1));
		m->at++;
	} else if (in_name(c)) {
		put_variable(m, take_name(m));
	} else {
		put(m, '$');
		if (c == -1)
			m->place = IN_WORD;
	}
	return c == -1;
}

/* ---- the machine */

static void
double_quote(struct machine *m)
{
	m->at++;
	if (m->place != IN_DOUBLE) {
		m->place = IN_DOUBLE;
		m->quoted_depth = m->depth;
	} else if (brace_closes(m)) {
		put(m, '"'); /* inside "${NAME-...}" it is a plain byte */
	} else {
		m->place = IN_WORD;
	}
}

static void
single_quoted(struct machine *m)
{
	int c = peek(m, 0);

	if (c == '\'')
		m->place = IN_WORD;
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
	if (c == '\n' || (m->mode == EXPAND_VALUE && m->place == IN_WORD))
		return true;
	end_word(m);
	m->at++;
	return false;
}

static bool
separates(const struct machine *m, int c)
{
	if (m->place > IN_WORD)
		return false;
	return c == '\n' || ascii_blank(c) || (c == '#' && m->place != IN_WORD);
}

/* One step outside single quotes. True: the text ends. */
static bool
step(struct machine *m, int c)
{
	if (separates(m, c))
		return between_words(m, c);
	switch (c) {
	case '\\':
		return backslash(m);
	case '$':
		return dollar(m);
	case '`':
		backtick(m);
		return false;
	case '"':
		double_quote(m);
		return false;
	case '\'':
		if (m->place == IN_DOUBLE)
			break;
		m->place = IN_SINGLE;
		m->at++;
		return false;
	case '}':
		if (!brace_closes(m))
			break;
		brace_close(m);
		return false;
	default:
		break;
	}
	put(m, c);
	m->at++;
	return false;
}

static void
run(struct machine *m)
{
	bool ends = false;
	int c;

	m->place = m->mode == EXPAND_QUOTED ? IN_DOUBLE : NOTHING_YET;
	while (!ends && (c = peek(m, 0)) != -1) {
		if (m->place == IN_SINGLE)
			single_quoted(m);
		else
			ends = step(m, c);
	}
	if (m->place > IN_WORD &&
	    (m->mode == EXPAND_VALUE || m->mode == EXPAND_WORDS))
		m->open = true;
}

size_t
expand_scan(struct span text, enum expand_mode mode, bool *odd)
{
	struct machine m = { .text = text, .mode = mode };

	run(&m);
	*odd = m.open || m.bad;
	return m.at < text.n ? m.at : text.n;
}

unsigned
expand(struct span text, enum expand_mode mode, const struct expand_env *env,
    struct words *out)
{
	struct machine m = {
		.text = text, .mode = mode, .env = env, .out = out
	};

	words_clear(out);
	run(&m);
	if (m.place != BETWEEN_WORDS || mode != EXPAND_WORDS) {
		buf_add_byte(&out->bytes, '\0');
		out->count++;
	}
	return (m.open ? EXPAND_OPEN : 0) | (m.too_long ? EXPAND_TOO_LONG : 0);
}
