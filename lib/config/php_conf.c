/*
 * php_conf.c - SquirrelMail's config.php, read as data and never run
 *
 * A file of assignments, of which those are kept whose value can be told
 * without running anything. The rest is named in a note and passed over, up to
 * the end of its statement or block. Arrays are nested by the file, and so the
 * depth is counted.
 */

#include "config/php_conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/table.h"
#include "base/why.h"
#include "config/notes.h"
#include "config/php_lex.h"

enum {
	TEXT_MAX = 1 << 20,
	MEMORY_MAX = 8 << 20,
	DEPTH_MAX = 8,
	KEYS_MAX = 4, /* $name[1][2][3][4] */
};

struct variable {
	const char *name, *where;
	struct php_value value;
};

struct php_conf {
	struct arena *arena;
	struct span sm_path;
	struct table *by_name; /* struct variable */
	struct variable **order;
	size_t n, cap;
	const char **includes;
	size_t n_includes, cap_includes;
	struct notes notes;
};

/* ODD: this statement cannot be taken. BAD: the file cannot. */
enum got { GOOD, ODD, BAD };

struct parser {
	struct php_conf *c;
	struct php_lex lex;
	unsigned depth;
};

static enum got
next(struct parser *p)
{
	return php_lex_next(&p->lex) ? GOOD : BAD;
}

static bool
at_mark(const struct parser *p, char mark)
{
	return p->lex.token == PHP_MARK && p->lex.mark == mark;
}

static bool
at_word(const struct parser *p, const char *word)
{
	return p->lex.token == PHP_WORD && span_iis(p->lex.text, word);
}

/* Take the mark, which must be there. */
static enum got
expect(struct parser *p, char mark)
{
	return at_mark(p, mark) ? next(p) : ODD;
}

static enum got
too_much(struct parser *p, const char *what)
{
	why_set(p->lex.why, "4.3.5", "%s, line %u: %s", p->lex.file,
	    p->lex.line, what);
	return BAD;
}

static struct variable *
variable_get(const struct php_conf *c, struct span name)
{
	return table_get(c->by_name, name);
}

static struct variable *
variable_make(struct php_conf *c, struct span name)
{
	struct variable *v = variable_get(c, name);

	if (v != NULL)
		return v;
	v = arena_alloc(c->arena, sizeof(*v));
	v->name = arena_span_str(c->arena, name);
	if (c->n == c->cap) {
		c->cap = c->cap == 0 ? 64 : c->cap * 2;
		c->order = mem_resize(c->order, c->cap, sizeof(void *));
	}
	c->order[c->n++] = v;
	table_put(c->by_name, name, v);
	return v;
}

static struct php_value
string_value(struct parser *p, struct span text)
{
	return (struct php_value){ .type = PHP_STRING,
		.text = arena_span(p->c->arena, text) };
}

static struct php_value
number_value(enum php_type type, int64_t number)
{
	return (struct php_value){ .type = type, .number = number };
}

/* "text with $name" */
static enum got
join_pieces(struct parser *p, struct php_value *value)
{
	struct span rest = buf_span(&p->lex.value), piece;
	struct buf out = BUF_EMPTY;
	bool is_name;

	while (php_lex_piece(&rest, &piece, &is_name)) {
		const struct variable *v =
		    is_name ? variable_get(p->c, piece) : NULL;

		if (!is_name)
			buf_add_span(&out, piece);
		else if (v != NULL)
			(void)php_value_text(&v->value, &out);
		else
			notes_add(&p->c->notes, p->lex.file, p->lex.line,
			    "$%.*s is not set before this line; nothing is put "
			    "there",
			    piece.n < 80 ? (int)piece.n : 80, piece.p);
		if (out.n > MEMORY_MAX)
			break;
	}
	*value = string_value(p, span_head(buf_span(&out), MEMORY_MAX));
	buf_free(&out);
	return GOOD;
}

/* -12 */
static enum got
take_negative(struct parser *p, struct php_value *value)
{
	enum got got = next(p);

	if (got != GOOD)
		return got;
	if (p->lex.token != PHP_NUMBER)
		return ODD;
	*value = number_value(PHP_INT, -p->lex.number);
	return next(p);
}

static enum got
take_array(struct parser *p, char close, struct php_value *value);

/* true, false, null, SM_PATH, array( */
static enum got
take_word_value(struct parser *p, struct php_value *value)
{
	if (at_word(p, "true") || at_word(p, "false")) {
		*value = number_value(PHP_BOOL, at_word(p, "true"));
	} else if (at_word(p, "null")) {
		*value = number_value(PHP_NULL, 0);
	} else if (p->lex.token == PHP_WORD &&
	    span_is(p->lex.text, "SM_PATH")) {
		*value = string_value(p, p->c->sm_path);
	} else if (at_word(p, "array")) {
		enum got got = next(p);

		if (got == GOOD)
			got = expect(p, '(');
		return got == GOOD ? take_array(p, ')', value) : got;
	} else {
		return ODD;
	}
	return next(p);
}

static enum got
take_variable_value(struct parser *p, struct php_value *value)
{
	const struct variable *v = variable_get(p->c, p->lex.text);
	enum got got = next(p);

	if (got != GOOD)
		return got;
	if (v == NULL || v->value.type == PHP_ARRAY || at_mark(p, '['))
		return ODD;
	*value = v->value;
	return GOOD;
}

static enum got
take_term(struct parser *p, struct php_value *value)
{
	enum got got;

	switch (p->lex.token) {
	case PHP_TEXT:
		*value = string_value(p, buf_span(&p->lex.value));
		return next(p);
	case PHP_PIECES:
		got = join_pieces(p, value);
		return got == GOOD ? next(p) : got;
	case PHP_NUMBER:
		*value = number_value(PHP_INT, p->lex.number);
		return next(p);
	case PHP_WORD:
		return take_word_value(p, value);
	case PHP_VARIABLE:
		return take_variable_value(p, value);
	case PHP_MARK:
		break;
	case PHP_END:
	case PHP_ARROW:
	case PHP_OPAQUE:
		return ODD;
	}
	if (p->lex.mark == '-')
		return take_negative(p, value);
	if (p->lex.mark != '[')
		return ODD;
	got = next(p);
	return got == GOOD ? take_array(p, ']', value) : got;
}

static enum got
append(struct parser *p, struct php_value *value, const struct php_value *more)
{
	struct buf joined = BUF_EMPTY;
	bool ok =
	    php_value_text(value, &joined) && php_value_text(more, &joined);

	if (ok)
		*value = string_value(p, buf_span(&joined));
	buf_free(&joined);
	if (arena_used(p->c->arena) > MEMORY_MAX)
		return too_much(p, "the file's values are too long");
	return ok ? GOOD : ODD;
}

/* A term, or several joined by dots. */
static enum got
take_value(struct parser *p, struct php_value *value)
{
	enum got got = take_term(p, value);

	while (got == GOOD && at_mark(p, '.')) {
		struct php_value more;

		got = next(p);
		if (got == GOOD)
			got = take_term(p, &more);
		if (got == GOOD)
			got = append(p, value, &more);
	}
	if (got == GOOD && arena_used(p->c->arena) > MEMORY_MAX)
		return too_much(p, "the file's values are too long");
	return got;
}

static struct php_item *
item_put(struct parser *p, struct php_value *array, const struct php_key *key)
{
	struct php_item *item = php_item_make(p->c->arena, array, key);

	if (item == NULL)
		too_much(p, "too many items in an array");
	return item;
}

/* key => value, or a value. */
static enum got
take_item(struct parser *p, struct php_value *array)
{
	struct php_value first, value;
	struct php_key key = { .next = true };
	struct php_item *item;
	enum got got = take_value(p, &first);

	value = first;
	if (got == GOOD && p->lex.token == PHP_ARROW) {
		if (!php_key_of(p->c->arena, &first, &key))
			return ODD;
		got = next(p);
		if (got == GOOD)
			got = take_value(p, &value);
	}
	if (got != GOOD)
		return got;
	item = item_put(p, array, &key);
	if (item == NULL)
		return BAD;
	item->value = value;
	return GOOD;
}

/* Items up to the closing mark; the opening one was taken. */
static enum got
take_array(struct parser *p, char close, struct php_value *value)
{
	enum got got = GOOD;

	*value = (struct php_value){ .type = PHP_ARRAY };
	if (p->depth == DEPTH_MAX)
		return too_much(p, "arrays are nested too deep");
	p->depth++;
	while (got == GOOD && !at_mark(p, close)) {
		got = take_item(p, value);
		if (got == GOOD && at_mark(p, ','))
			got = next(p);
		else if (got == GOOD && !at_mark(p, close))
			got = ODD;
	}
	p->depth--;
	return got == GOOD ? next(p) : got;
}

/* [key] or [] */
static enum got
take_key(struct parser *p, struct php_key *key)
{
	struct php_value value;
	enum got got = next(p);

	if (got != GOOD)
		return got;
	*key = (struct php_key){ .next = true };
	if (at_mark(p, ']'))
		return next(p);
	got = take_value(p, &value);
	if (got != GOOD)
		return got;
	return php_key_of(p->c->arena, &value, key) ? expect(p, ']') : ODD;
}

/* Where $name[a][b] is kept, made on the way. */
static enum got
slot_make(struct parser *p, struct variable *v, const struct php_key *keys,
    size_t n, struct php_value **slot)
{
	*slot = &v->value;
	for (size_t i = 0; i < n; i++) {
		struct php_item *item;

		if ((*slot)->type == PHP_NULL)
			**slot = (struct php_value){ .type = PHP_ARRAY };
		if ((*slot)->type != PHP_ARRAY)
			return ODD;
		item = item_put(p, *slot, &keys[i]);
		if (item == NULL)
			return BAD;
		*slot = &item->value;
	}
	return GOOD;
}

static enum got
assign(struct parser *p, struct span name, const struct php_key *keys, size_t n)
{
	struct php_value value, *slot;
	unsigned line = p->lex.line;
	enum got got = take_value(p, &value);
	struct variable *v;

	if (got != GOOD)
		return got;
	if (!at_mark(p, ';') && p->lex.token != PHP_END)
		return ODD;
	v = variable_make(p->c, name);
	got = slot_make(p, v, keys, n, &slot);
	if (got != GOOD)
		return got;
	*slot = value;
	v->where = arena_printf(p->c->arena, "%s, line %u", p->lex.file, line);
	return GOOD;
}

/* $name = value; $name[key]... = value; the name is the token at hand. */
static enum got
take_assignment(struct parser *p)
{
	struct span name = p->lex.text;
	struct php_key keys[KEYS_MAX];
	size_t n = 0;
	enum got got = next(p);

	while (got == GOOD && at_mark(p, '[')) {
		if (n == KEYS_MAX)
			return ODD;
		got = take_key(p, &keys[n++]);
	}
	if (got == GOOD)
		got = expect(p, '=');
	return got == GOOD ? assign(p, name, keys, n) : got;
}

static void
include_keep(struct php_conf *c, struct span file)
{
	if (c->n_includes == c->cap_includes) {
		c->cap_includes =
		    c->cap_includes == 0 ? 4 : c->cap_includes * 2;
		c->includes = mem_resize(
		    c->includes, c->cap_includes, sizeof(*c->includes));
	}
	c->includes[c->n_includes++] = arena_span_str(c->arena, file);
}

/* include 'file'; with or without (). */
static enum got
take_include(struct parser *p)
{
	struct php_value file;
	enum got got = next(p);
	bool paren = got == GOOD && at_mark(p, '(');

	if (paren)
		got = next(p);
	if (got == GOOD)
		got = take_value(p, &file);
	if (got == GOOD && paren)
		got = expect(p, ')');
	if (got != GOOD)
		return got;
	if (file.type != PHP_STRING || !at_mark(p, ';'))
		return ODD;
	include_keep(p->c, file.text);
	return GOOD;
}

/* Up to the statement's ; or behind the block that it has. */
static enum got
skip_statement(struct parser *p)
{
	unsigned depth = 0;
	enum got got = GOOD;

	while (got == GOOD && p->lex.token != PHP_END) {
		if (depth == 0 && at_mark(p, ';'))
			return next(p);
		if (at_mark(p, '(') || at_mark(p, '[') || at_mark(p, '{')) {
			depth++;
		} else if (at_mark(p, ')') || at_mark(p, ']')) {
			depth -= depth > 0;
		} else if (at_mark(p, '}')) {
			if (depth <= 1)
				return next(p);
			depth--;
		}
		got = next(p);
	}
	return got;
}

static bool
at_include(const struct parser *p)
{
	return at_word(p, "include") || at_word(p, "include_once") ||
	    at_word(p, "require") || at_word(p, "require_once");
}

/* For notes: what the statement begins with. */
static struct span
first_words(const struct parser *p)
{
	struct span at = p->lex.rest;
	size_t back = p->lex.token == PHP_END ? 0 : 1;

	if (p->lex.token == PHP_VARIABLE || p->lex.token == PHP_WORD)
		back = (size_t)(at.p - p->lex.text.p) +
		    (p->lex.token == PHP_VARIABLE);
	at = span_of(at.p - back, at.n + back);
	return span_head(at, span_find_any(at, "=;\r\n{"));
}

static enum got
statement_try(struct parser *p)
{
	enum got got = GOOD;

	if (at_mark(p, '@'))
		got = next(p);
	if (got != GOOD)
		return got;
	if (p->lex.token == PHP_VARIABLE)
		return take_assignment(p);
	if (at_include(p))
		return take_include(p);
	return ODD;
}

static enum got
take_statement(struct parser *p)
{
	unsigned line = p->lex.line;
	struct span words = span_trim(first_words(p));
	enum got got;

	if (at_mark(p, ';'))
		return next(p);
	if (at_word(p, "global"))
		return skip_statement(p);
	p->depth = 0;
	got = statement_try(p);
	if (got == GOOD)
		return p->lex.token == PHP_END ? GOOD : next(p);
	if (got == ODD) {
		notes_add(&p->c->notes, p->lex.file, line,
		    "%.*s: not understood and left out; only plain values are "
		    "taken, nothing is run",
		    words.n < 80 ? (int)words.n : 80, words.p);
		return skip_statement(p);
	}
	return got;
}

/* The tutorial's spelling. */
static void
take_misspelt(struct php_conf *c)
{
	const struct variable *wrong =
	    variable_get(c, SPAN("smtpServerAdress"));
	struct variable *right;

	if (wrong == NULL || variable_get(c, SPAN("smtpServerAddress")) != NULL)
		return;
	right = variable_make(c, SPAN("smtpServerAddress"));
	right->value = wrong->value;
	right->where = wrong->where;
	notes_add(&c->notes, wrong->where, 0,
	    "$smtpServerAdress is misspelt; it is taken as "
	    "$smtpServerAddress");
}

bool
php_conf_add(
    struct php_conf *c, struct span text, const char *name, struct why *why)
{
	struct parser p = { .c = c };
	enum got got;

	if (text.n > TEXT_MAX) {
		why_set(
		    why, "4.3.5", "%s: longer than %d bytes", name, TEXT_MAX);
		return false;
	}
	p.lex = (struct php_lex){ .source = text,
		.rest = text,
		.file = arena_str(c->arena, name),
		.notes = &c->notes,
		.why = why,
		.line = 1 };
	got = php_lex_begin(&p.lex) ? next(&p) : BAD;
	while (got == GOOD && p.lex.token != PHP_END)
		got = take_statement(&p);
	php_lex_done(&p.lex);
	if (got == GOOD)
		take_misspelt(c);
	return got == GOOD;
}

struct php_conf *
php_conf_parse(
    struct span text, const char *name, const char *sm_path, struct why *why)
{
	struct php_conf *c = mem_new(sizeof(*c));

	c->arena = arena_new();
	c->by_name = table_new();
	c->sm_path = arena_span(c->arena, span_str(sm_path));
	if (!php_conf_add(c, text, name, why))
		php_conf_free(&c);
	return c;
}

void
php_conf_free(struct php_conf **c)
{
	if (*c == NULL)
		return;
	table_free(&(*c)->by_name, NULL);
	notes_free(&(*c)->notes);
	free((*c)->order);
	free((void *)(*c)->includes);
	arena_free(&(*c)->arena);
	mem_free(c);
}

const struct notes *
php_conf_notes(const struct php_conf *c)
{
	return &c->notes;
}

bool
php_conf_include_next(const struct php_conf *c, size_t *at, const char **file)
{
	if (*at >= c->n_includes)
		return false;
	*file = c->includes[(*at)++];
	return true;
}

const struct php_value *
php_conf_get(const struct php_conf *c, const char *name)
{
	const struct variable *v = variable_get(c, span_str(name));

	return v == NULL ? NULL : &v->value;
}

const char *
php_conf_where(const struct php_conf *c, const char *name)
{
	const struct variable *v = variable_get(c, span_str(name));

	return v == NULL ? NULL : v->where;
}

bool
php_conf_next(const struct php_conf *c, size_t *at, const char **name,
    const struct php_value **value)
{
	if (*at >= c->n)
		return false;
	*name = c->order[*at]->name;
	*value = &c->order[*at]->value;
	++*at;
	return true;
}

static bool
refuse(const struct php_conf *c, const char *name, const char *wanted,
    struct why *why)
{
	why_set(why, "4.3.5", "%s: $%s: wanted %s", php_conf_where(c, name),
	    name, wanted);
	return false;
}

bool
php_conf_string(const struct php_conf *c, const char *name,
    const char *otherwise, const char **value, struct why *why)
{
	const struct php_value *v = php_conf_get(c, name);
	struct buf text = BUF_EMPTY;

	*value = otherwise;
	if (v == NULL || v->type == PHP_NULL)
		return true;
	if (v->type == PHP_STRING) {
		*value = v->text.p;
		return true;
	}
	if (!php_value_text(v, &text))
		return refuse(c, name, "a string in quotes", why);
	*value = arena_span_str(c->arena, buf_span(&text));
	buf_free(&text);
	return true;
}

bool
php_conf_bool(const struct php_conf *c, const char *name, bool otherwise,
    bool *value, struct why *why)
{
	const struct php_value *v = php_conf_get(c, name);

	*value = otherwise;
	if (v == NULL || v->type == PHP_NULL)
		return true;
	if (v->type == PHP_ARRAY)
		return refuse(c, name, "true or false", why);
	if (v->type != PHP_STRING) {
		*value = v->number != 0;
		return true;
	}
	if (v->text.n == 0 || span_is(v->text, "0") || span_is(v->text, "1")) {
		*value = span_is(v->text, "1");
		return true;
	}
	return refuse(c, name, "true or false, without quotes", why);
}

bool
php_conf_int(const struct php_conf *c, const char *name, int64_t otherwise,
    int64_t *value, struct why *why)
{
	const struct php_value *v = php_conf_get(c, name);

	*value = otherwise;
	if (v == NULL || v->type == PHP_NULL)
		return true;
	if (v->type == PHP_INT || v->type == PHP_BOOL) {
		*value = v->number;
		return true;
	}
	if (v->type == PHP_STRING &&
	    number_parse_signed(
		span_trim(v->text), INT64_MIN, INT64_MAX, value))
		return true;
	return refuse(c, name, "a whole number", why);
}
