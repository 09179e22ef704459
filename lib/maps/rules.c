/*
 * rules.c - the lines of regexp:, pcre: and cidr: tables
 *
 * Pure: what a line says, not whether its pattern compiles. The words of
 * complaints are Postfix's.
 */

#include "maps/rules.h"

#include "base/buf.h"
#include "base/must.h"
#include "base/number.h"

/* A keyword at the front of line, with something else behind it. */
static bool
keyword(struct span line, const char *word, struct span *rest)
{
	size_t n = strlen(word);

	if (!span_istarts(line, word) || ascii_alnum(span_at(line, n)))
		return false;
	*rest = span_trim_left(span_skip(line, n));
	return true;
}

static void
negations(struct span *rest, bool *negate)
{
	while (span_at(*rest, 0) == '!' || ascii_blank(span_at(*rest, 0))) {
		if (rest->p[0] == '!')
			*negate = !*negate;
		*rest = span_skip(*rest, 1);
	}
}

static const char *
take_pattern(struct span *rest, struct rule_pattern *out)
{
	size_t i;

	*out = (struct rule_pattern){ .negate = false };
	negations(rest, &out->negate);
	if (rest->n == 0)
		return "no regexp";
	out->delimiter = rest->p[0];
	*rest = span_skip(*rest, 1);
	for (i = 0; i < rest->n && rest->p[i] != out->delimiter; i++)
		if (rest->p[i] == '\\')
			i++;
	if (i >= rest->n)
		return "no closing regexp delimiter";
	out->text = span_head(*rest, i);
	*rest = span_skip(*rest, i + 1);
	for (i = 0; i < rest->n && rest->p[i] != '!'; i++)
		if (ascii_blank(span_at(*rest, i)))
			break;
	out->flags = span_head(*rest, i);
	*rest = span_skip(*rest, i);
	return NULL;
}

static const char *
parse_patterns(struct span rest, struct rule *out)
{
	const char *wrong = take_pattern(&rest, &out->first);

	if (wrong == NULL && span_at(rest, 0) == '!')
		wrong = take_pattern(&rest, &out->second);
	out->result = span_trim(rest);
	return wrong;
}

const char *
rule_parse(struct span line, struct rule *out)
{
	struct span rest = span_trim(line);

	*out = (struct rule){ .kind = RULE_MATCH };
	if (!ascii_alnum(span_at(rest, 0)))
		return parse_patterns(rest, out);
	if (keyword(rest, "if", &rest)) {
		out->kind = RULE_IF;
		return parse_patterns(rest, out);
	}
	if (keyword(rest, "endif", &out->result)) {
		out->kind = RULE_ENDIF;
		return NULL;
	}
	return "ignoring unrecognized request";
}

static void
take_address(struct span rest, struct rule *out)
{
	size_t n = 0;

	negations(&rest, &out->first.negate);
	while (n < rest.n && !ascii_blank(span_at(rest, n)))
		n++;
	out->first.text = span_head(rest, n);
	out->result = span_trim(span_skip(rest, n));
}

const char *
rule_parse_address(struct span line, struct rule *out)
{
	struct span rest = span_trim(line);

	*out = (struct rule){ .kind = RULE_MATCH };
	if (keyword(rest, "endif", &out->result)) {
		out->kind = RULE_ENDIF;
		return NULL;
	}
	if (keyword(rest, "if", &rest))
		out->kind = RULE_IF;
	take_address(rest, out);
	if (out->first.text.n == 0)
		return "no address pattern";
	if (out->kind == RULE_MATCH && out->result.n == 0)
		return "no lookup result";
	return NULL;
}

/* What stands behind a '$': its length, the name without braces. False when a
 * brace is not closed. */
static bool
take_name(struct span after, size_t *length, struct span *name)
{
	int open = span_at(after, 0);
	size_t n = 0;

	if (open == '{' || open == '(') {
		n = span_find(after, open == '{' ? '}' : ')');
		*name = span_head(span_skip(after, 1), n > 0 ? n - 1 : 0);
		*length = n + 1;
		return n < after.n;
	}
	while (ascii_alnum(span_at(after, n)) || span_at(after, n) == '_')
		n++;
	*name = span_head(after, n);
	*length = n;
	return true;
}

bool
rule_result_check(struct span result, unsigned *largest, struct span *bad)
{
	*largest = 0;
	for (size_t i = 0; i < result.n; i++) {
		struct span after = span_skip(result, i + 1);
		size_t length;
		int n;

		if (result.p[i] != '$')
			continue;
		if (span_at(after, 0) == '$') {
			i++;
			continue;
		}
		if (!take_name(after, &length, bad) ||
		    !number_parse_int(*bad, 1, RULE_GROUPS_MAX - 1, &n))
			return false;
		if ((unsigned)n > *largest)
			*largest = (unsigned)n;
		i += length;
	}
	return true;
}

void
rule_result_expand(struct span result, const struct span *groups, size_t count,
    struct buf *out)
{
	for (size_t i = 0; i < result.n; i++) {
		struct span after = span_skip(result, i + 1), name;
		size_t length;
		int n;

		if (result.p[i] != '$') {
			buf_add_byte(out, result.p[i]);
			continue;
		}
		if (span_at(after, 0) == '$') {
			buf_add_byte(out, '$');
			i++;
			continue;
		}
		must(take_name(after, &length, &name) &&
		    number_parse_int(name, 1, RULE_GROUPS_MAX - 1, &n) &&
		    (size_t)n < count);
		buf_add_span(out, groups[n]);
		i += length;
	}
}
