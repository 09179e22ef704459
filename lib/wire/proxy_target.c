/*
 * proxy_target.c - where else a user's mail is
 *
 * HOST[:PORT] and then words: tls=LEVEL wrapper name=HOST user=NAME
 * master=NAME password=TEXT separator=C id proxy=1. A value with blanks stands
 * in double quotes, in which a backslash keeps the octet behind it.
 */

#include "wire/proxy_target.h"

#include "base/buf.h"
#include "base/number.h"
#include "base/secret.h"
#include "wire/nexthop.h"

bool
proxy_tls_parse(struct span word, enum proxy_tls *out)
{
	static const char *const names[] = { [PROXY_TLS_NONE] = "none",
		[PROXY_TLS_MAY] = "may",
		[PROXY_TLS_ENCRYPT] = "encrypt",
		[PROXY_TLS_VERIFY] = "verify" };

	for (unsigned i = PROXY_TLS_NONE; i <= PROXY_TLS_VERIFY; i++) {
		if (!span_iis(word, names[i]))
			continue;
		*out = (enum proxy_tls)i;
		return true;
	}
	return false;
}

static bool
is_host(struct span host)
{
	for (size_t i = 0; i < host.n; i++) {
		int c = span_at(host, i);

		if (c <= ' ' || c > 126 || c == '"' || c == '=')
			return false;
	}
	return host.n > 0 && host.n <= PROXY_HOST_MAX;
}

static const char *
take_host(struct span word, struct proxy_target *t)
{
	struct span port;
	bool bracketed;
	int n;

	if (!nexthop_split(word, &t->host, &port, &bracketed) ||
	    !is_host(t->host))
		return "want HOST or HOST:PORT first";
	if (port.n == 0)
		return NULL;
	if (!number_parse_int(port, 1, UINT16_MAX, &n))
		return "the port is no number";
	t->port = (uint16_t)n;
	return NULL;
}

/* The value at the front of *rest, which lies in text. False: its quote has no
 * end. */
static bool
take_value(const struct buf *text, struct span *rest, struct span *value)
{
	size_t at = (size_t)(rest->p - text->p), end = at + 1, n = 0;

	if (span_at(*rest, 0) != '"') {
		*value = span_head(*rest, span_find_any(*rest, " \t\r\n"));
		*rest = span_skip(*rest, value->n);
		return true;
	}
	for (; end < text->n && text->p[end] != '"'; end++) {
		if (text->p[end] == '\\' && end + 1 < text->n)
			end++;
		text->p[at + n++] = text->p[end];
	}
	*value = span_of(text->p + at, n);
	*rest = span_skip(buf_span(text), end + 1);
	return end < text->n &&
	    (rest->n == 0 || ascii_space(span_at(*rest, 0)));
}

static const char *
take_name(struct span value, struct span *out)
{
	*out = value;
	return value.n == 0 || value.n > PROXY_NAME_MAX || span_has_break(value)
	    ? "a name is empty or too long"
	    : NULL;
}

static const char *
take_option(struct span name, struct span value, struct proxy_target *t)
{
	if (span_is(name, "user"))
		return take_name(value, &t->user);
	if (span_is(name, "master"))
		return take_name(value, &t->master);
	if (span_is(name, "name")) {
		t->name = value;
		return is_host(value) ? NULL : "name is no host name";
	}
	if (span_is(name, "password")) {
		t->password = value;
		return value.n == 0 || value.n > SECRET_MAX ||
			span_has_break(value)
		    ? "password is empty or too long"
		    : NULL;
	}
	if (span_is(name, "tls"))
		return proxy_tls_parse(value, &t->tls)
		    ? NULL
		    : "tls wants none, may, encrypt or verify";
	if (span_is(name, "separator")) {
		t->separator = (char)span_at(value, 0);
		return value.n == 1 ? NULL : "separator wants one character";
	}
	if (span_is(name, "proxy")) {
		t->header = span_is(value, "1") ? 1 : 2;
		return t->header == 1 || span_is(value, "2")
		    ? NULL
		    : "proxy wants 1 or 2";
	}
	return "unknown word";
}

static const char *
take_word(const struct buf *text, struct span *rest, struct proxy_target *t)
{
	struct span name = span_head(*rest, span_find_any(*rest, "= \t\r\n"));
	struct span value;

	*rest = span_skip(*rest, name.n);
	if (span_at(*rest, 0) == '=') {
		*rest = span_skip(*rest, 1);
		return take_value(text, rest, &value)
		    ? take_option(name, value, t)
		    : "a quote has no end";
	}
	if (span_is(name, "wrapper"))
		t->wrapper = true;
	else if (span_is(name, "id"))
		t->facts = true;
	else
		return "unknown word";
	return NULL;
}

/* What stands together, and what does not. */
static const char *
judge(const struct proxy_target *t)
{
	if (t->wrapper && (t->tls == PROXY_TLS_NONE || t->tls == PROXY_TLS_MAY))
		return "wrapper is TLS: tls wants encrypt or verify";
	if (t->master.n > 0 && t->password.n == 0)
		return "master wants a password";
	return NULL;
}

bool
proxy_target_parse(
    struct buf *text, struct proxy_target *out, const char **error)
{
	struct span rest = span_trim(buf_span(text));
	struct span first = span_head(rest, span_find_any(rest, " \t\r\n"));

	*out = (struct proxy_target){ .local = span_is(first, "local") };
	*error = NULL;
	rest = span_trim(span_skip(rest, first.n));
	if (out->local) {
		*error = rest.n > 0 ? "local stands alone" : NULL;
		return *error == NULL;
	}
	*error = take_host(first, out);
	while (*error == NULL && rest.n > 0) {
		*error = take_word(text, &rest, out);
		rest = span_trim_left(rest);
	}
	if (*error == NULL)
		*error = judge(out);
	return *error == NULL;
}
