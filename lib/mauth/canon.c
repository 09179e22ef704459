/*
 * canon.c - canonical forms of header fields and bodies (RFC 6376, 3.4)
 *
 * A body is taken as the queue has it, with LF, and digested with CRLF. Empty
 * lines are counted and not written until text follows: those at the end do not
 * count.
 */

#include "mauth/canon.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "mauth/crypto.h"

enum { CHUNK = 4096 };

static void
field_simple(struct span all, struct buf *out)
{
	struct span line;

	while (span_line(&all, &line)) {
		buf_add_span(out, line);
		buf_add(out, "\r\n", 2);
	}
}

static void
field_relaxed(struct span all, struct buf *out)
{
	size_t colon = span_find(all, ':');
	struct span name = span_trim(span_head(all, colon));
	struct span value = span_trim(span_skip(all, colon + 1)), word;
	bool first = true;

	for (size_t i = 0; i < name.n; i++)
		buf_add_byte(out, (char)ascii_lower(span_at(name, i)));
	buf_add_byte(out, ':');
	while (span_word(&value, " \t\r\n", &word)) {
		if (!first)
			buf_add_byte(out, ' ');
		buf_add_span(out, word);
		first = false;
	}
	buf_add(out, "\r\n", 2);
}

void
canon_field(enum canon canon, struct span all, struct buf *out)
{
	if (canon == CANON_SIMPLE)
		field_simple(all, out);
	else
		field_relaxed(all, out);
}

struct form {
	enum canon canon;
	uint64_t limit; /* octets that are digested */
	struct hash *hash;
	unsigned char digest[SHA256_BYTES];
	struct buf chunk;
	uint64_t length; /* octets written */
	uint64_t lines; /* line ends that wait for text behind them */
	bool blank; /* so does a blank */
};

struct bodies {
	struct form forms[BODIES_MAX];
	int count;
};

struct bodies *
bodies_new(void)
{
	return mem_new(sizeof(struct bodies));
}

void
bodies_free(struct bodies **b)
{
	if (*b == NULL)
		return;
	for (int i = 0; i < (*b)->count; i++) {
		hash_free(&(*b)->forms[i].hash);
		buf_free(&(*b)->forms[i].chunk);
	}
	free(*b);
	*b = NULL;
}

int
bodies_want(struct bodies *b, enum canon canon, uint64_t length)
{
	struct form *f;

	for (int i = 0; i < b->count; i++)
		if (b->forms[i].canon == canon && b->forms[i].limit == length)
			return i;
	if (b->count == BODIES_MAX)
		return -1;
	f = &b->forms[b->count];
	f->canon = canon;
	f->limit = length;
	f->hash = hash_new();
	return b->count++;
}

static void
chunk_digest(struct form *f)
{
	uint64_t before = f->length - f->chunk.n;
	uint64_t left = f->limit > before ? f->limit - before : 0;

	hash_add(f->hash,
	    span_head(buf_span(&f->chunk),
		left < f->chunk.n ? (size_t)left : f->chunk.n));
	buf_clear(&f->chunk);
}

static void
put(struct form *f, struct span s)
{
	buf_add_span(&f->chunk, s);
	f->length += s.n;
	if (f->chunk.n >= CHUNK)
		chunk_digest(f);
}

static void
text(struct form *f, struct span s)
{
	if (s.n == 0)
		return;
	for (; f->lines > 0; f->lines--)
		put(f, SPAN("\r\n"));
	if (f->blank)
		put(f, SPAN(" "));
	f->blank = false;
	put(f, s);
}

static void
feed_simple(struct form *f, struct span s)
{
	while (s.n > 0) {
		size_t n = span_find(s, '\n');

		text(f, span_head(s, n));
		f->lines += n < s.n;
		s = span_skip(s, n + 1);
	}
}

/* Runs of blanks become one; those at the end of a line go. */
static void
feed_relaxed(struct form *f, struct span s)
{
	while (s.n > 0) {
		size_t n = span_find_any(s, " \t\n");

		text(f, span_head(s, n));
		if (span_at(s, n) == '\n') {
			f->lines++;
			f->blank = false;
		} else if (n < s.n) {
			f->blank = true;
		}
		s = span_skip(s, n + 1);
	}
}

void
bodies_feed(struct bodies *b, struct span bytes)
{
	for (int i = 0; i < b->count; i++)
		if (b->forms[i].canon == CANON_SIMPLE)
			feed_simple(&b->forms[i], bytes);
		else
			feed_relaxed(&b->forms[i], bytes);
}

/* A body has a last line end, if it has anything; a simple one always. */
static void
form_end(struct form *f)
{
	if (f->length > 0 || f->canon == CANON_SIMPLE)
		put(f, SPAN("\r\n"));
	chunk_digest(f);
	hash_end(f->hash, f->digest);
}

void
bodies_end(struct bodies *b)
{
	for (int i = 0; i < b->count; i++)
		form_end(&b->forms[i]);
}

const unsigned char *
bodies_digest(const struct bodies *b, int number)
{
	must(number >= 0 && number < b->count);
	return b->forms[number].digest;
}

uint64_t
bodies_length(const struct bodies *b, int number)
{
	must(number >= 0 && number < b->count);
	return b->forms[number].length;
}
