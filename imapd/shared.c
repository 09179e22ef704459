/* shared.c - names of other users' folders: "#shared.OWNER.FOLDER" */

#include "imapd/shared.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "imapd/session.h"

static const char *
space(const struct imap_conf *c)
{
	return c->shared == NULL ? "" : c->shared;
}

/* The name behind the namespace's own, or p NULL. */
static struct span
behind(const struct imap_conf *c, struct span name)
{
	size_t n = strlen(space(c));

	if (n == 0 || !span_starts(name, space(c)) ||
	    span_at(name, n) != c->folders.separator)
		return span_of(NULL, 0);
	return span_skip(name, n + 1);
}

bool
shared_has(const struct imap_conf *c, struct span name)
{
	return space(c)[0] != '\0' &&
	    (span_is(name, space(c)) || behind(c, name).p != NULL);
}

bool
shared_base(const struct imap_conf *c, struct span owner, struct buf *out)
{
	if (space(c)[0] == '\0' || owner.n == 0 || !utf8_valid(owner))
		return false;
	for (size_t i = 0; i < owner.n; i++) {
		int byte = span_at(owner, i);

		if (byte == '^' || byte == '/' || byte == '%' || byte == '*' ||
		    ascii_control(byte))
			return false;
	}
	buf_printf(out, "%s%c", space(c), c->folders.separator);
	for (size_t i = 0; i < owner.n; i++)
		buf_add_byte(
		    out, owner.p[i] == c->folders.separator ? '^' : owner.p[i]);
	return true;
}

bool
shared_owner(const struct imap_conf *c, struct span name, struct buf *owner)
{
	struct span rest = behind(c, name);

	rest = span_head(rest, span_find(rest, c->folders.separator));
	for (size_t i = 0; i < rest.n; i++)
		buf_add_byte(
		    owner, rest.p[i] == '^' ? c->folders.separator : rest.p[i]);
	return rest.n > 0;
}

/* name has front, whole or before a separator, and gets another instead. */
static bool
replace(const struct session *s, struct span name, struct span front,
    struct span instead, struct buf *out)
{
	if (!span_eq(span_head(name, front.n), front) ||
	    (name.n > front.n && name.p[front.n] != s->conf->folders.separator))
		return false;
	buf_add_span(out, instead);
	buf_add_span(out, span_skip(name, front.n));
	return true;
}

bool
shared_inward(const struct session *s, struct span name, struct buf *out)
{
	return replace(s, name, buf_span(&s->base), SPAN("INBOX"), out);
}

void
shared_outward(const struct session *s, struct span name, struct buf *out)
{
	if (!replace(s, name, SPAN("INBOX"), buf_span(&s->base), out))
		buf_add_span(out, name);
}
