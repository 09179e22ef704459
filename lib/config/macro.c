/*
 * macro.c - $name and its kin in the values of main.cf and master.cf
 *
 * The grammar is Postfix's, as its postconf -x shows it: a name's value is
 * expanded in turn, the test of ${name?x} looks at the value as written. Values
 * can be nested without end, and so the walk counts its depth, the bytes that
 * it reads and those that it writes.
 */

#include "config/macro.h"

#include "base/buf.h"
#include "base/number.h"
#include "base/why.h"

/* The names that are being expanded, innermost first. */
struct frame {
	struct span name;
	const struct frame *outer;
};

struct expander {
	const struct macro_source *source;
	const char *where; /* of the text at hand */
	const struct frame *inside;
	size_t work, size;
	unsigned depth;
	struct why *why;
};

static bool expand_text(struct expander *e, struct span text, struct buf *out);

/* For messages: as much of the administrator's words as helps. */
static int
shown(struct span s)
{
	return s.n < 80 ? (int)s.n : 80;
}

static bool
refuse(struct expander *e, struct span words, const char *text)
{
	why_set(e->why, "4.3.5", "%s: \"%.*s\": %s", e->where, shown(words),
	    words.p == NULL ? "" : words.p, text);
	return false;
}

static bool
is_name_byte(int c)
{
	return ascii_alnum(c) || c == '_';
}

static struct span
take_name(struct span *rest)
{
	size_t n = 0;
	struct span name;

	while (is_name_byte(span_at(*rest, n)))
		n++;
	name = span_head(*rest, n);
	*rest = span_skip(*rest, n);
	return name;
}

/* The length of the text up to the byte that closes what open began before
 * it; text.n when it is not there. */
static size_t
find_close(struct span text, char open, char close)
{
	size_t level = 1, i;

	for (i = 0; i < text.n; i++) {
		if (text.p[i] == open)
			level++;
		else if (text.p[i] == close && --level == 0)
			break;
	}
	return i;
}

/* {text} off the front of *rest; false when the brace is not closed. */
static bool
take_braced(struct span *rest, struct span *inner)
{
	struct span behind = span_skip(*rest, 1);
	size_t n = find_close(behind, '{', '}');

	if (n == behind.n)
		return false;
	*inner = span_head(behind, n);
	*rest = span_skip(behind, n + 1);
	return true;
}

/* What stands in ${...}, taken apart. */
struct reference {
	struct span whole; /* for messages */
	struct span name; /* p is NULL for a comparison */
	struct span left, right, op;
	bool has_yes, has_no;
	struct span yes, no;
};

static const char *const operators[] = { "==level", "!=level", "<=level",
	"<level", ">=level", ">level", "==", "!=", "<=", "<", ">=", ">" };

static bool
take_operator(struct span *rest, struct span *op)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (span_starts(*rest, operators[i])) {
			*op = span_head(*rest, strlen(operators[i]));
			*rest = span_skip(*rest, op->n);
			return true;
		}
	}
	return false;
}

static bool
take_comparison(struct expander *e, struct span *rest, struct reference *r)
{
	if (!take_braced(rest, &r->left))
		return refuse(e, r->whole, "a closing } is missing");
	*rest = span_trim_left(*rest);
	if (!take_operator(rest, &r->op))
		return refuse(e, r->whole,
		    "wanted one of == != < <= >= > behind the first {}");
	*rest = span_trim_left(*rest);
	if (span_at(*rest, 0) != '{')
		return refuse(
		    e, r->whole, "wanted {text} behind the comparison's sign");
	if (!take_braced(rest, &r->right))
		return refuse(e, r->whole, "a closing } is missing");
	return true;
}

/* The text of one branch: {text}, or everything left. */
static bool
take_branch(struct expander *e, struct span *rest, struct reference *r,
    struct span *branch)
{
	struct span trimmed = span_trim_left(*rest);

	if (span_at(trimmed, 0) != '{') {
		*branch = *rest;
		*rest = span_skip(*rest, rest->n);
		return true;
	}
	if (!take_braced(&trimmed, branch))
		return refuse(e, r->whole, "a closing } is missing");
	*rest = span_trim_left(trimmed);
	return true;
}

static bool
take_branches(struct expander *e, struct span rest, struct reference *r)
{
	if (span_at(rest, 0) == '?') {
		rest = span_skip(rest, 1);
		r->has_yes = true;
		if (!take_branch(e, &rest, r, &r->yes))
			return false;
		if (rest.n > 0 && rest.p[0] != ':')
			return refuse(
			    e, r->whole, "wanted : or the end behind ?{text}");
	}
	if (span_at(rest, 0) == ':') {
		rest = span_skip(rest, 1);
		r->has_no = true;
		if (!take_branch(e, &rest, r, &r->no))
			return false;
	}
	if (rest.n > 0)
		return refuse(e, r->whole,
		    "wanted ? or : behind the name, and nothing behind "
		    ":{text}");
	return true;
}

/* Take the inside of ${...} apart. */
static bool
reference_parse(struct expander *e, struct span inner, struct reference *r)
{
	struct span rest = span_trim_left(inner);

	*r = (struct reference){ .whole = inner };
	if (span_at(rest, 0) == '{') {
		if (!take_comparison(e, &rest, r))
			return false;
	} else {
		r->name = take_name(&rest);
		if (r->name.n == 0)
			return refuse(e, inner,
			    "wanted a parameter's name, of letters, digits "
			    "and _");
	}
	return take_branches(e, span_trim_left(rest), r);
}

static bool
all_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit((unsigned char)s.p[i]))
			return false;
	return s.n > 0;
}

static int
compare_digits(struct span a, struct span b)
{
	while (a.n > 1 && a.p[0] == '0')
		a = span_skip(a, 1);
	while (b.n > 1 && b.p[0] == '0')
		b = span_skip(b, 1);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return span_cmp(a, b);
}

/* "3", "3.6", "3.6.1": missing parts are 0. */
static bool
level_parse(struct span text, int part[3])
{
	struct span field;
	size_t n = 0;

	part[0] = part[1] = part[2] = 0;
	while (span_cut(&text, '.', &field)) {
		if (n == 3 || !number_parse_int(field, 0, 9999, &part[n]))
			return false;
		n++;
	}
	return n > 0;
}

static bool
compare(struct expander *e, const struct reference *r, struct span a,
    struct span b, int *order)
{
	int left[3], right[3];

	if (!span_ends(r->op, "level")) {
		*order = all_digits(a) && all_digits(b) ? compare_digits(a, b)
							: span_cmp(a, b);
		return true;
	}
	if (!level_parse(a, left) || !level_parse(b, right))
		return refuse(e, r->whole,
		    "a compatibility level is a number such as 2 or 3.6");
	*order = 0;
	for (size_t i = 0; i < 3 && *order == 0; i++)
		*order = (left[i] > right[i]) - (left[i] < right[i]);
	return true;
}

static bool
order_fits(struct span op, int order)
{
	if (span_at(op, 0) == '=')
		return order == 0;
	if (span_at(op, 0) == '!')
		return order != 0;
	if (order == 0)
		return span_at(op, 1) == '=';
	return span_at(op, 0) == '<' ? order < 0 : order > 0;
}

static bool
comparison_holds(struct expander *e, const struct reference *r, bool *holds)
{
	struct buf left = BUF_EMPTY, right = BUF_EMPTY;
	int order = 0;
	bool ok = expand_text(e, r->left, &left) &&
	    expand_text(e, r->right, &right) &&
	    compare(e, r, buf_span(&left), buf_span(&right), &order);

	*holds = ok && order_fits(r->op, order);
	buf_free(&left);
	buf_free(&right);
	return ok;
}

static bool
is_inside(const struct expander *e, struct span name)
{
	for (const struct frame *f = e->inside; f != NULL; f = f->outer)
		if (span_eq(f->name, name))
			return true;
	return false;
}

/* The expanded value of a name. */
static bool
expand_value(struct expander *e, struct span name,
    const struct macro_value *value, struct buf *out)
{
	struct frame here = { name, e->inside };
	const char *where = e->where;
	bool ok;

	if (is_inside(e, name))
		return refuse(e, name, "the value refers to itself");
	e->inside = &here;
	if (value->where != NULL)
		e->where = value->where;
	ok = expand_text(e, span_str(value->text), out);
	e->inside = here.outer;
	e->where = where;
	return ok;
}

static bool
put_reference(struct expander *e, const struct reference *r, struct buf *out)
{
	struct macro_value value = { NULL, NULL };
	bool holds;

	if (r->name.p == NULL) {
		if (!comparison_holds(e, r, &holds))
			return false;
	} else {
		if (!e->source->lookup(
			e->source->from, r->name, &value, e->why))
			return false;
		holds = value.text != NULL && value.text[0] != '\0';
	}
	if (holds && r->has_yes)
		return expand_text(e, r->yes, out);
	if (!holds && r->has_no)
		return expand_text(e, r->no, out);
	if (!holds || r->has_no || r->has_yes)
		return true;
	if (r->name.p == NULL) {
		buf_add_str(out, "true");
		return true;
	}
	return expand_value(e, r->name, &value, out);
}

/* One reference, whose $ has been taken, off *rest. */
static bool
take_reference(struct expander *e, struct span *rest, struct reference *r)
{
	int open = span_at(*rest, 0);
	struct span begun = *rest;
	size_t n;

	if (open != '{' && open != '(') {
		*r = (struct reference){ .name = take_name(rest) };
		r->whole = r->name;
		return r->name.n > 0 ? true
				     : refuse(e, begun,
					   "a name must stand behind $; write "
					   "$$ for the sign itself");
	}
	*rest = span_skip(*rest, 1);
	n = find_close(*rest, (char)open, open == '{' ? '}' : ')');
	if (n == rest->n)
		return refuse(e, begun,
		    open == '{' ? "the closing } is missing"
				: "the closing ) is missing");
	if (!reference_parse(e, span_head(*rest, n), r))
		return false;
	*rest = span_skip(*rest, n + 1);
	return true;
}

static bool
put_literal(struct expander *e, struct span text, struct buf *out)
{
	e->size += text.n;
	if (e->size > MACRO_SIZE_MAX)
		return refuse(e, text, "the expanded value is too long");
	buf_add_span(out, text);
	return true;
}

static bool
expand_pieces(struct expander *e, struct span rest, struct buf *out)
{
	struct reference r;

	while (rest.n > 0) {
		size_t n = span_find(rest, '$');

		if (!put_literal(e, span_head(rest, n), out))
			return false;
		if (n == rest.n)
			break;
		rest = span_skip(rest, n + 1);
		if (span_at(rest, 0) == '$') {
			if (!put_literal(e, span_head(rest, 1), out))
				return false;
			rest = span_skip(rest, 1);
		} else if (!take_reference(e, &rest, &r) ||
		    !put_reference(e, &r, out)) {
			return false;
		}
	}
	return true;
}

static bool
expand_text(struct expander *e, struct span text, struct buf *out)
{
	bool ok;

	e->work += text.n + 1;
	if (e->depth == MACRO_DEPTH_MAX || e->work > MACRO_WORK_MAX)
		return refuse(
		    e, text, "names and conditions are nested too deep");
	e->depth++;
	ok = expand_pieces(e, text, out);
	e->depth--;
	return ok;
}

bool
macro_expand(const struct macro_source *source, const char *where,
    struct span text, struct buf *out, struct why *why)
{
	struct expander e = { .source = source, .where = where, .why = why };

	return expand_text(&e, text, out);
}

bool
macro_name_next(struct span text, size_t *at, struct span *name)
{
	while (*at < text.n) {
		struct span rest = span_skip(text, *at);
		size_t n = span_find(rest, '$');

		*at += n + 1;
		rest = span_skip(rest, n + 1);
		if (span_at(rest, 0) == '$') {
			++*at;
			continue;
		}
		if (span_at(rest, 0) == '{' || span_at(rest, 0) == '(')
			rest = span_trim_left(span_skip(rest, 1));
		*name = take_name(&rest);
		if (name->n > 0)
			return true;
	}
	return false;
}
