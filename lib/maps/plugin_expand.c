/* plugin_expand.c - %s and its kin, in queries and in results */

#include "maps/plugin_expand.h"

#include "base/buf.h"

/* The domain behind the last '@'; false: there is none. */
static bool
address_split(struct span s, struct span *local, struct span *domain)
{
	size_t at = span_rfind(s, '@');

	*local = span_head(s, at);
	*domain = span_skip(s, at + 1);
	return at < s.n && domain->n > 0;
}

/* Label n from the right of the key's domain. */
static bool
label(struct span key, unsigned n, struct span *out)
{
	struct span local, domain;

	if (!address_split(key, &local, &domain))
		return false;
	for (;; n--) {
		size_t dot = span_rfind(domain, '.');

		*out = dot == domain.n ? domain : span_skip(domain, dot + 1);
		if (n == 1)
			return out->n > 0;
		if (dot == domain.n)
			return false;
		domain = span_head(domain, dot);
	}
}

/* What letter stands for. */
static bool
part(const struct plugin_expand *e, int letter, struct span *out)
{
	bool of_key = e->value.p == NULL || letter != ascii_lower(letter);
	struct span whole = of_key ? e->key : e->value, local, domain;
	bool address = address_split(whole, &local, &domain);

	switch (letter) {
	case 's':
	case 'S':
		*out = whole;
		return whole.n > 0;
	case 'u':
	case 'U':
		*out = address ? local : whole;
		return out->n > 0;
	case 'd':
	case 'D':
		*out = domain;
		return address;
	default:
		return label(e->key, (unsigned)(letter - '0'), out);
	}
}

static bool
part_add(const struct plugin_expand *e, struct span s, struct buf *out)
{
	size_t n;

	if (e->escape == NULL) {
		buf_add_span(out, s);
		return true;
	}
	n = e->escape(e->arg, buf_room(out, s.n * 3 + 1), s.p, s.n);
	if (n > s.n * 3)
		return false;
	out->n += n;
	return true;
}

bool
plugin_expand(const struct plugin_expand *e, struct buf *out)
{
	struct span t = e->template, s;

	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] != '%') {
			buf_add_byte(out, t.p[i]);
			continue;
		}
		i++;
		if (span_at(t, i) == '%')
			buf_add_byte(out, '%');
		else if (!part(e, span_at(t, i), &s) || !part_add(e, s, out))
			return false;
	}
	return true;
}
