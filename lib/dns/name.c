/*
 * name.c - domain names: from packets, in questions, as host names
 *
 * Hostile packets point their compressed names in circles or at themselves; a
 * pointer must point to before the place where this part of the name began,
 * which ends every walk. See RFC 1035, 3.1 and 4.1.4.
 */

#include "dns/name.h"

#include "base/buf.h"
#include "os/sock.h"

/* Bytes that a label may have in a question and in what we hand on. */
static bool
label_byte(int c)
{
	return c > ' ' && c < 127 && strchr(".\\\"()<>[];,:@", c) == NULL;
}

static bool
label_add(struct buf *text, struct span label)
{
	bool fine = true;

	if (text->n > 0)
		buf_add_byte(text, '.');
	for (size_t i = 0; i < label.n; i++) {
		int c = span_at(label, i);

		fine = fine && label_byte(c);
		buf_add_byte(text, (char)ascii_lower(c));
	}
	return fine;
}

/* One step of a walk: a label, a pointer, or the end. */
struct walk {
	struct span packet;
	size_t at; /* next byte to look at */
	size_t start; /* of this part: pointers go to before it */
	size_t behind; /* end of the name where it stood; 0: not known yet */
	bool odd;
};

enum step { STEP_MORE, STEP_END, STEP_BAD };

static enum step
pointer_follow(struct walk *w, int first)
{
	int second = span_at(w->packet, w->at + 1);
	size_t to;

	if (second == -1)
		return STEP_BAD;
	to = ((size_t)(first & 0x3f) << 8) | (size_t)second;
	if (to >= w->start)
		return STEP_BAD;
	if (w->behind == 0)
		w->behind = w->at + 2;
	w->at = w->start = to;
	return STEP_MORE;
}

static enum step
step(struct walk *w, struct buf *text)
{
	int first = span_at(w->packet, w->at);
	size_t n = (size_t)first;

	if (first == -1)
		return STEP_BAD;
	if (first >= 0xc0)
		return pointer_follow(w, first);
	if (n > DNS_LABEL_MAX || n >= w->packet.n - w->at)
		return STEP_BAD;
	if (n == 0) {
		if (w->behind == 0)
			w->behind = w->at + 1;
		return STEP_END;
	}
	if (!label_add(text, span_head(span_skip(w->packet, w->at + 1), n)))
		w->odd = true;
	w->at += n + 1;
	return text->n > DNS_NAME_MAX ? STEP_BAD : STEP_MORE;
}

enum dns_name_result
dns_name_read(struct span packet, size_t *at, struct buf *out)
{
	struct walk w = { .packet = packet, .at = *at, .start = *at };
	struct buf text = BUF_EMPTY;
	enum step got;

	do {
		got = step(&w, &text);
	} while (got == STEP_MORE);
	if (got == STEP_END) {
		*at = w.behind;
		if (!w.odd)
			buf_add_span(out, buf_span(&text));
	}
	buf_free(&text);
	if (got == STEP_BAD)
		return DNS_NAME_BAD;
	return w.odd ? DNS_NAME_ODD : DNS_NAME_OK;
}

/* Take the next label off *rest; a name that is used up gives false. */
static bool
label_next(struct span *rest, struct span *label)
{
	return rest->p != NULL && span_cut(rest, '.', label);
}

bool
dns_name_askable(struct span name)
{
	struct span label;

	if (name.n > 1 && span_ends(name, "."))
		name.n--;
	if (name.n == 0 || name.n > DNS_NAME_MAX)
		return false;
	while (label_next(&name, &label)) {
		if (label.n == 0 || label.n > DNS_LABEL_MAX)
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!label_byte(span_at(label, i)))
				return false;
	}
	return true;
}

static bool
host_label(struct span label, bool *numeric)
{
	*numeric = true;
	if (label.n == 0 || label.n > DNS_LABEL_MAX ||
	    span_at(label, 0) == '-' || span_at(label, label.n - 1) == '-')
		return false;
	for (size_t i = 0; i < label.n; i++) {
		int c = span_at(label, i);

		if (!ascii_alnum(c) && c != '-' && c != '_')
			return false;
		*numeric = *numeric && ascii_digit(c);
	}
	return true;
}

bool
dns_name_is_host(struct span name)
{
	struct span label;
	bool numeric = true;

	if (name.n == 0 || name.n > DNS_NAME_MAX)
		return false;
	while (label_next(&name, &label))
		if (!host_label(label, &numeric))
			return false;
	return !numeric;
}

bool
dns_name_reverse(const struct address *a, struct buf *out)
{
	struct span bytes = address_bytes(a);

	if (bytes.n != 4 && bytes.n != 16)
		return false;
	for (size_t i = bytes.n; i-- > 0;) {
		unsigned b = (unsigned)span_at(bytes, i);

		if (bytes.n == 4)
			buf_printf(out, "%u.", b);
		else
			buf_printf(out, "%x.%x.", b & 15, b >> 4);
	}
	buf_add_str(out, bytes.n == 4 ? "in-addr.arpa" : "ip6.arpa");
	return true;
}
