/*
 * via.c - through whose hands a recipient came
 */

#include "queue/via.h"

#include "base/arena.h"
#include "base/buf.h"
#include "queue/edits.h"

enum { STEP_MAX = 512 };

static bool
fits_line(struct span address)
{
	if (address.n == 0 || address.n > STEP_MAX)
		return false;
	for (size_t i = 0; i < address.n; i++)
		if (ascii_control((unsigned char)address.p[i]))
			return false;
	return true;
}

static void
step_add(struct buf *b, struct span address, struct span own)
{
	if (!fits_line(address) || span_ieq(address, own) ||
	    b->n + address.n + 1 > VIA_MAX)
		return;
	buf_add_span(b, address);
	buf_add_byte(b, '\n');
}

struct span
via_make(
    struct arena *a, struct span address, struct span above, struct span own)
{
	struct buf b = BUF_EMPTY;
	struct span step, kept;

	step_add(&b, address, own);
	while (span_line(&above, &step))
		step_add(&b, step, own);
	kept = arena_span(a, buf_span(&b));
	buf_free(&b);
	return kept;
}

static bool
is_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

bool
via_has(struct span via, struct span address)
{
	struct span step;

	while (span_line(&via, &step))
		if (span_ieq(step, address))
			return true;
	return false;
}

size_t
via_edit(struct buf *edits, struct span via, bool utf8)
{
	struct buf text = BUF_EMPTY;
	struct span step;
	size_t count = 0;

	while (span_line(&via, &step)) {
		if (!utf8 && !is_ascii(step))
			continue;
		buf_add_str(&text, "Delivered-To: ");
		buf_add_span(&text, step);
		buf_add_byte(&text, '\n');
		count++;
	}
	if (count > 0)
		edits_add(edits, EDIT_PREPEND, 0, buf_span(&text));
	buf_free(&text);
	return count;
}
