/*
 * flags.c - what the name of a message file says
 *
 * A name is opaque but for its ',' and ':': BASE[,S=n][,W=n][:2,FLAGS]. The
 * fields belong to the base. Letters that we do not know belong to other
 * programs and survive every rename.
 */

#include "mailbox/flags.h"

#include "base/buf.h"
#include "base/number.h"

static const char letters[] = "DFPRST";

/* flags_arrival_key(): seconds above microseconds plus one */
enum { KEY_USEC_BITS = 20 };
#define KEY_SEC_MAX (UINT64_MAX >> KEY_USEC_BITS)

struct span
flags_base(struct span name)
{
	return span_head(name, span_find(name, ':'));
}

/* What follows ":2,"; p is NULL when the name has no such part. */
static struct span
info(struct span name)
{
	struct span rest = span_skip(name, span_find(name, ':'));

	return span_starts(rest, ":2,") ? span_skip(rest, 3) : span_of(NULL, 0);
}

static unsigned
bit_of(char letter)
{
	switch (letter) {
	case 'D':
		return FLAG_DRAFT;
	case 'F':
		return FLAG_FLAGGED;
	case 'P':
		return FLAG_PASSED;
	case 'R':
		return FLAG_ANSWERED;
	case 'S':
		return FLAG_SEEN;
	case 'T':
		return FLAG_DELETED;
	default:
		return 0;
	}
}

unsigned
flags_of(struct span name)
{
	struct span set = info(name);
	unsigned flags = 0;

	for (size_t i = 0; i < set.n; i++)
		flags |= bit_of(set.p[i]);
	return flags;
}

void
flags_rename(struct buf *out, struct span name, unsigned flags)
{
	struct span set = info(name);
	bool seen[256] = { false };

	for (size_t i = 0; i < set.n; i++)
		if (bit_of(set.p[i]) == 0)
			seen[(unsigned char)set.p[i]] = true;
	for (size_t i = 0; i < sizeof(letters) - 1; i++)
		if ((flags & 1U << i) != 0)
			seen[(unsigned char)letters[i]] = true;
	buf_add_span(out, flags_base(name));
	buf_add_str(out, ":2,");
	for (int c = 1; c < 256; c++)
		if (seen[c])
			buf_add_byte(out, (char)c);
}

void
flags_in_cur(struct buf *out, struct span name)
{
	buf_add_span(out, name);
	if (span_find(name, ':') == name.n)
		buf_add_str(out, ":2,");
}

bool
flags_has_letter(struct span name, char letter)
{
	struct span set = info(name);

	return span_find(set, letter) < set.n;
}

bool
flags_size(struct span name, char field, uint64_t *out)
{
	struct span rest = flags_base(name), part;

	if (!span_cut(&rest, ',', &part))
		return false;
	while (span_cut(&rest, ',', &part))
		if (part.n > 2 && part.p[0] == field && part.p[1] == '=')
			return number_parse(
			    span_skip(part, 2), 0, INT64_MAX, out);
	return false;
}

/* The number at the front of s, which is skipped; false without one. */
static bool
take_number(struct span *s, uint64_t *out)
{
	size_t n = 0;

	*out = 0;
	for (; n < s->n && n < 19 && ascii_digit((unsigned char)s->p[n]); n++)
		*out = *out * 10 + (uint64_t)(s->p[n] - '0');
	*s = span_skip(*s, n);
	return n > 0 && !ascii_digit(span_at(*s, 0));
}

/* "1795489460.M360896P30675..." */
static void
take_time(struct span name, uint64_t *sec, int64_t *usec)
{
	uint64_t part;

	*usec = -1;
	if (!take_number(&name, sec)) {
		*sec = 0;
		return;
	}
	if (name.n < 2 || name.p[0] != '.' || name.p[1] != 'M')
		return;
	name = span_skip(name, 2);
	if (take_number(&name, &part) && part <= 999999)
		*usec = (int64_t)part;
}

struct flags_arrival
flags_arrival(struct span name)
{
	struct flags_arrival a = { .base = flags_base(name) };

	take_time(name, &a.sec, &a.usec);
	return a;
}

uint64_t
flags_arrival_key(struct span name)
{
	uint64_t sec;
	int64_t usec;

	take_time(name, &sec, &usec);
	if (sec >= KEY_SEC_MAX)
		return KEY_SEC_MAX << KEY_USEC_BITS;
	return sec << KEY_USEC_BITS | (uint64_t)(usec + 1);
}

uint32_t
flags_arrival_sec(uint64_t key)
{
	uint64_t sec = key >> KEY_USEC_BITS;

	return sec <= UINT32_MAX ? (uint32_t)sec : 0;
}

int
flags_arrival_cmp(const struct flags_arrival *x, const struct flags_arrival *y)
{
	if (x->sec != y->sec)
		return x->sec < y->sec ? -1 : 1;
	if (x->usec != y->usec)
		return x->usec < y->usec ? -1 : 1;
	return span_cmp(x->base, y->base);
}
