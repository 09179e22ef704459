/*
 * span.c - comparing, finding and cutting bytes
 *
 * All comparisons treat bytes as unsigned char and know only ASCII; nothing
 * here depends on the locale or stops at a NUL.
 */

#include "base/span.h"

static int
compare(struct span a, struct span b, int (*fold)(int))
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++) {
		int x = fold((unsigned char)a.p[i]);
		int y = fold((unsigned char)b.p[i]);

		if (x != y)
			return x - y;
	}
	return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

static int
same(int c)
{
	return c;
}

bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
span_is(struct span a, const char *b)
{
	return span_eq(a, span_str(b));
}

bool
span_ieq(struct span a, struct span b)
{
	return a.n == b.n && compare(a, b, ascii_lower) == 0;
}

bool
span_iis(struct span a, const char *b)
{
	return span_ieq(a, span_str(b));
}

bool
span_starts(struct span s, const char *with)
{
	struct span w = span_str(with);

	return s.n >= w.n && span_eq(span_head(s, w.n), w);
}

bool
span_istarts(struct span s, const char *with)
{
	struct span w = span_str(with);

	return s.n >= w.n && span_ieq(span_head(s, w.n), w);
}

bool
span_ends(struct span s, const char *with)
{
	struct span w = span_str(with);

	return s.n >= w.n && span_eq(span_skip(s, s.n - w.n), w);
}

bool
span_iends(struct span s, const char *with)
{
	struct span w = span_str(with);

	return s.n >= w.n && span_ieq(span_skip(s, s.n - w.n), w);
}

int
span_cmp(struct span a, struct span b)
{
	return compare(a, b, same);
}

int
span_icmp(struct span a, struct span b)
{
	return compare(a, b, ascii_lower);
}

size_t
span_find(struct span s, char c)
{
	const char *hit = s.n == 0 ? NULL : memchr(s.p, c, s.n);

	return hit == NULL ? s.n : (size_t)(hit - s.p);
}

size_t
span_rfind(struct span s, char c)
{
	const char *hit = s.n == 0 ? NULL : memrchr(s.p, c, s.n);

	return hit == NULL ? s.n : (size_t)(hit - s.p);
}

size_t
span_find_any(struct span s, const char *set)
{
	struct span wanted = span_str(set);
	size_t i;

	for (i = 0; i < s.n; i++)
		if (memchr(wanted.p, s.p[i], wanted.n) != NULL)
			break;
	return i;
}

size_t
span_search(struct span s, struct span needle)
{
	const char *hit;

	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return s.n;
	hit = memmem(s.p, s.n, needle.p, needle.n);
	return hit == NULL ? s.n : (size_t)(hit - s.p);
}

bool
span_has_break(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || s.p[i] == '\r' || s.p[i] == '\n')
			return true;
	return false;
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span
span_trim_left(struct span s)
{
	size_t i = 0;

	while (i < s.n && is_blank(s.p[i]))
		i++;
	return span_skip(s, i);
}

struct span
span_trim_right(struct span s)
{
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct span
span_trim(struct span s)
{
	return span_trim_right(span_trim_left(s));
}

bool
span_cut(struct span *rest, char sep, struct span *field)
{
	size_t at;

	if (rest->p == NULL)
		return false;
	at = span_find(*rest, sep);
	*field = span_head(*rest, at);
	*rest = at == rest->n ? span_of(NULL, 0) : span_skip(*rest, at + 1);
	return true;
}

bool
span_word(struct span *rest, const char *set, struct span *word)
{
	struct span skip = span_str(set);
	size_t i = 0;

	while (i < rest->n && memchr(skip.p, rest->p[i], skip.n) != NULL)
		i++;
	*rest = span_skip(*rest, i);
	if (rest->n == 0)
		return false;
	*word = span_head(*rest, span_find_any(*rest, set));
	*rest = span_skip(*rest, word->n);
	return true;
}

bool
span_line(struct span *rest, struct span *line)
{
	size_t at;

	if (rest->n == 0)
		return false;
	at = span_find(*rest, '\n');
	*line = span_head(*rest, at);
	*rest = span_skip(*rest, at + 1);
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}
