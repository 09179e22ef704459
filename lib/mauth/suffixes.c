/*
 * suffixes.c - the public suffix list
 *
 * The rules are one text and a sorted array of where each begins: some 200 KiB
 * for the 10,000 there are, searched by halving.
 */

#include "mauth/suffixes.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { LABEL_MAX = 63, RULES_MAX = 100000, LABELS_MAX = 128 };

struct rule {
	uint32_t at;
	uint32_t n;
};

struct suffixes {
	struct buf text;
	struct rule *rules;
	size_t count, room;
};

/* RFC 3492, 6.1. */
static uint32_t
adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / 700 : delta / 2;
	delta += delta / points;
	for (; delta > 35 * 26 / 2; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

static void
digit_put(struct buf *out, uint32_t digit)
{
	buf_add_byte(out, (char)(digit < 26 ? 'a' + digit : '0' + digit - 26));
}

/* A number of variable length. */
static void
number_put(struct buf *out, uint32_t q, uint32_t bias)
{
	for (uint32_t k = 36;; k += 36) {
		uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;

		if (q < t)
			break;
		digit_put(out, t + (q - t) % (36 - t));
		q = (q - t) / (36 - t);
	}
	digit_put(out, q);
}

static uint32_t
least_above(const uint32_t *points, size_t n, uint32_t from)
{
	uint32_t least = UINT32_MAX;

	for (size_t i = 0; i < n; i++)
		if (points[i] >= from && points[i] < least)
			least = points[i];
	return least;
}

/* RFC 3492, 6.3. With at most 63 code points nothing can overflow. */
static void
encode(const uint32_t *points, size_t n, struct buf *out)
{
	uint32_t next = 128, delta = 0, bias = 72, done = 0, basic;

	for (size_t i = 0; i < n; i++)
		if (points[i] < 128) {
			buf_add_byte(out, (char)points[i]);
			done++;
		}
	basic = done;
	if (basic > 0)
		buf_add_byte(out, '-');
	while (done < n) {
		uint32_t m = least_above(points, n, next);

		delta += (m - next) * (done + 1);
		next = m;
		for (size_t i = 0; i < n; i++) {
			delta += points[i] < next;
			if (points[i] != next)
				continue;
			number_put(out, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		next++;
	}
}

static bool
label_ascii(struct span label, struct buf *out)
{
	uint32_t points[LABEL_MAX];
	bool ascii = true;
	size_t n = 0, bytes, from;

	while (label.n > 0) {
		if (n == LABEL_MAX)
			return false;
		bytes = utf8_next(label, &points[n]);
		if (bytes == 0)
			return false;
		ascii = ascii && points[n] < 128;
		if (points[n] < 128)
			points[n] = (uint32_t)ascii_lower((int)points[n]);
		label = span_skip(label, bytes);
		n++;
	}
	from = out->n;
	if (ascii) {
		for (size_t i = 0; i < n; i++)
			buf_add_byte(out, (char)points[i]);
	} else {
		buf_add_str(out, "xn--");
		encode(points, n, out);
	}
	return out->n > from && out->n - from <= LABEL_MAX;
}

bool
suffixes_ascii(struct span domain, struct buf *out)
{
	struct span label;
	size_t from = out->n;

	while (span_cut(&domain, '.', &label)) {
		if (out->n > from)
			buf_add_byte(out, '.');
		if (!label_ascii(label, out)) {
			buf_cut(out, from);
			return false;
		}
	}
	return out->n > from;
}

static struct span
rule_text(const struct suffixes *s, size_t i)
{
	return span_of(s->text.p + s->rules[i].at, s->rules[i].n);
}

static int
compare(const void *a, const void *b, void *arg)
{
	const struct suffixes *s = arg;
	const struct rule *x = a, *y = b;

	return span_cmp(
	    span_of(s->text.p + x->at, x->n), span_of(s->text.p + y->at, y->n));
}

static void
rule_add(struct suffixes *s, struct span name)
{
	size_t from = s->text.n;

	if (span_starts(name, "!")) {
		buf_add_byte(&s->text, '!');
		name = span_skip(name, 1);
	}
	if (s->count == RULES_MAX || !suffixes_ascii(name, &s->text)) {
		buf_cut(&s->text, from);
		return;
	}
	if (s->count == s->room) {
		s->room = s->room == 0 ? 1024 : s->room * 2;
		s->rules = mem_resize(s->rules, s->room, sizeof(*s->rules));
	}
	s->rules[s->count++] =
	    (struct rule){ (uint32_t)from, (uint32_t)(s->text.n - from) };
}

struct suffixes *
suffixes_new(struct span list)
{
	struct suffixes *s = mem_new(sizeof(*s));
	struct span line, word;

	while (span_line(&list, &line)) {
		if (!span_word(&line, " \t\r", &word) ||
		    span_starts(word, "//"))
			continue;
		rule_add(s, word);
	}
	if (s->count > 0)
		qsort_r(s->rules, s->count, sizeof(*s->rules), compare, s);
	return s;
}

void
suffixes_free(struct suffixes **s)
{
	if (*s == NULL)
		return;
	buf_free(&(*s)->text);
	free((*s)->rules);
	free(*s);
	*s = NULL;
}

size_t
suffixes_count(const struct suffixes *s)
{
	return s->count;
}

/* Is there a rule of mark ("!", "*." or nothing) and name? */
static bool
has(const struct suffixes *s, const char *mark, struct span name)
{
	size_t low = 0, high = s->count;
	struct buf text = BUF_EMPTY;
	bool found = false;

	buf_add_str(&text, mark);
	buf_add_span(&text, name);
	while (!found && low < high) {
		size_t middle = low + (high - low) / 2;
		int order = span_cmp(buf_span(&text), rule_text(s, middle));

		found = order == 0;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	buf_free(&text);
	return found;
}

/* The name without its first label; empty when it has only one. */
static struct span
parent(struct span name)
{
	return span_skip(name, span_find(name, '.') + 1);
}

/* Is name a public suffix? The last label always is. */
static bool
is_suffix(const struct suffixes *s, struct span name)
{
	struct span above = parent(name);

	if (above.n == 0)
		return true;
	return has(s, "", name) || has(s, "*.", above);
}

static struct span
organization_guessed(struct span domain)
{
	size_t last = span_rfind(domain, '.');
	struct span before = span_head(domain, last);
	size_t dot = span_rfind(before, '.');
	size_t n = domain.n - last, labels = 2;
	struct span got = domain;

	if (last == domain.n || dot == before.n)
		return domain;
	if (n == 3 && before.n - dot - 1 <= 3)
		labels = 3;
	for (;;) {
		size_t count = 1;

		for (size_t i = 0; i < got.n; i++)
			count += got.p[i] == '.';
		if (count <= labels)
			return got;
		got = parent(got);
	}
}

struct span
suffixes_organization(const struct suffixes *s, struct span domain)
{
	struct span name = domain, below = domain;

	if (s == NULL)
		return organization_guessed(domain);
	/* from the whole name up: the first that is a suffix is the longest;
	 * above an exception is one, whatever the list says of it */
	for (int i = 0; i < LABELS_MAX; i++) {
		if (has(s, "!", name))
			return name;
		if (is_suffix(s, name))
			return below;
		below = name;
		name = parent(name);
	}
	return below;
}
