/* span.h - bytes that are looked at, never owned; and small readers over them
 */

#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* n bytes at p. Not NUL-ended; NUL is just a byte. p may be NULL when n is 0.
 * The bytes belong to someone else and must outlive the span. */
struct span {
	const char *p;
	size_t n;
};

#define SPAN(literal) ((struct span){ "" literal, sizeof(literal) - 1 })
/* For a static initialiser, where C17 takes no compound literal. */
#define SPAN_INIT(literal) \
	{ \
		"" literal, sizeof(literal) - 1 \
	}

static inline struct span
span_of(const char *p, size_t n)
{
	return (struct span){ p, n };
}

static inline struct span
span_str(const char *s)
{
	return (struct span){ s, s == NULL ? 0 : strlen(s) };
}

/* The bytes from a to before b, both inside the same memory. */
static inline struct span
span_between(const char *a, const char *b)
{
	return (struct span){ a, (size_t)(b - a) };
}

/* Byte i as 0..255, or -1 when i is outside. */
static inline int
span_at(struct span s, size_t i)
{
	return i < s.n ? (unsigned char)s.p[i] : -1;
}

bool span_eq(struct span a, struct span b);
bool span_is(struct span a, const char *b);
/* ASCII letters compared without regard to case; other bytes exactly. */
bool span_ieq(struct span a, struct span b);
bool span_iis(struct span a, const char *b);
bool span_starts(struct span s, const char *with);
bool span_istarts(struct span s, const char *with);
bool span_ends(struct span s, const char *with);
bool span_iends(struct span s, const char *with);

/* Order by bytes as unsigned char, a shorter prefix first: <0, 0, >0. */
int span_cmp(struct span a, struct span b);
int span_icmp(struct span a, struct span b);

/* Index of the first (last) byte c, or s.n when there is none. */
size_t span_find(struct span s, char c);
size_t span_rfind(struct span s, char c);
/* Index of the first byte that stands in set, or s.n. */
size_t span_find_any(struct span s, const char *set);
/* Index where needle begins, or s.n; an empty needle is found at 0. */
size_t span_search(struct span s, struct span needle);
/* True when NUL, CR or LF stands in s. */
bool span_has_break(struct span s);

/* The rest behind the first n bytes (empty when there are fewer). */
static inline struct span
span_skip(struct span s, size_t n)
{
	if (n > s.n)
		n = s.n;
	return span_of(s.p == NULL ? NULL : s.p + n, s.n - n);
}

/* The first n bytes (all when there are fewer). */
static inline struct span
span_head(struct span s, size_t n)
{
	return span_of(s.p, n < s.n ? n : s.n);
}

/* Blanks are space, tab, CR and LF. */
struct span span_trim(struct span s);
struct span span_trim_left(struct span s);
struct span span_trim_right(struct span s);

/* Take the field before the next sep off *rest; the sep goes too. False when
 * *rest has been used up (its p is NULL then). "a,,b" gives a, "", b; an empty
 * span with p set gives one empty field. */
bool span_cut(struct span *rest, char sep, struct span *field);
/* Take the next word (run of bytes that are not in set) off *rest, passing
 * over bytes of set before it. False when only such bytes were left. */
bool span_word(struct span *rest, const char *set, struct span *word);
/* Take one line off *rest without its LF or CRLF; false at the end. */
bool span_line(struct span *rest, struct span *line);

/* ASCII only, whatever the locale. */
static inline int
ascii_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static inline int
ascii_upper(int c)
{
	return c >= 'a' && c <= 'z' ? c - 32 : c;
}

static inline bool
ascii_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
ascii_alnum(int c)
{
	return ascii_alpha(c) || ascii_digit(c);
}

static inline bool
ascii_blank(int c)
{
	return c == ' ' || c == '\t';
}

static inline bool
ascii_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool
ascii_control(int c)
{
	return (c >= 0 && c < 32) || c == 127;
}

#endif
