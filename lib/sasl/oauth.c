/* oauth.c - what clients of OAuth 2 show */

#include "sasl/oauth.h"

#include "base/json.h"

enum { SEPARATOR = '\1' };

/* b64token of RFC 6750, 2.1 */
static bool
token_good(struct span t)
{
	size_t n = t.n;

	if (n > OAUTH_TOKEN_MAX)
		return false;
	while (n > 0 && t.p[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++)
		if (!ascii_alnum(span_at(t, i)) &&
		    span_find(SPAN("-._~+/"), t.p[i]) == 6)
			return false;
	return n > 0;
}

/* "Bearer" and a token, or nothing. */
static bool
auth_take(struct span value, struct oauth_first *out)
{
	value = span_trim(value);
	if (value.n == 0)
		return true;
	if (!span_istarts(value, "Bearer "))
		return false;
	out->token = span_trim(span_skip(value, 7));
	return token_good(out->token);
}

/* VCHAR, SP, HTAB, CR, LF */
static bool
value_good(struct span v)
{
	for (size_t i = 0; i < v.n; i++) {
		int c = span_at(v, i);

		if (c > 126 || (c < 32 && c != '\t' && c != '\r' && c != '\n'))
			return false;
	}
	return true;
}

static bool
key_good(struct span k)
{
	for (size_t i = 0; i < k.n; i++)
		if (!ascii_alpha(span_at(k, i)))
			return false;
	return k.n > 0;
}

/* *kvpair kvsep, to the end; "auth" once. */
static bool
pairs_take(struct span rest, struct oauth_first *out)
{
	bool has_auth = false;
	struct span pair, key;

	while (rest.n > 1) {
		size_t end = span_find(rest, SEPARATOR);

		if (end == rest.n)
			return false;
		pair = span_head(rest, end);
		rest = span_skip(rest, end + 1);
		if (span_find(pair, '=') == pair.n ||
		    !span_cut(&pair, '=', &key) || !key_good(key) ||
		    !value_good(pair))
			return false;
		if (!span_is(key, "auth"))
			continue;
		if (has_auth || !auth_take(pair, out))
			return false;
		has_auth = true;
	}
	return has_auth && span_at(rest, 0) == SEPARATOR;
}

/* saslname of RFC 5801, 4: "=2C" is a comma, "=3D" a sign of equality. */
static bool
name_decode(struct span s, struct buf *out)
{
	while (s.n > 0) {
		if (s.p[0] != '=') {
			buf_add_byte(out, s.p[0]);
			s = span_skip(s, 1);
			continue;
		}
		if (span_starts(s, "=2C"))
			buf_add_byte(out, ',');
		else if (span_starts(s, "=3D"))
			buf_add_byte(out, '=');
		else
			return false;
		s = span_skip(s, 3);
	}
	return true;
}

/* gs2-header: there is no channel to bind to in these, so "p=" is not it. */
static bool
header_take(struct span header, struct oauth_first *out)
{
	struct span flag, authzid;

	if (!span_cut(&header, ',', &flag) ||
	    (!span_is(flag, "n") && !span_is(flag, "y")) ||
	    !span_cut(&header, ',', &authzid) || header.p == NULL ||
	    header.n > 0)
		return false;
	if (authzid.n == 0)
		return true;
	return span_starts(authzid, "a=") && authzid.n > 2 &&
	    name_decode(span_skip(authzid, 2), &out->user);
}

bool
oauth_bearer_parse(struct span message, struct oauth_first *out)
{
	size_t end = span_find(message, SEPARATOR);

	*out = (struct oauth_first){ .user = BUF_EMPTY };
	return end < message.n && header_take(span_head(message, end), out) &&
	    pairs_take(span_skip(message, end + 1), out);
}

bool
oauth_xoauth2_parse(struct span message, struct oauth_first *out)
{
	size_t end = span_find(message, SEPARATOR);

	*out = (struct oauth_first){ .user = BUF_EMPTY };
	if (end == message.n || !span_starts(message, "user=") || end == 5)
		return false;
	buf_add_span(&out->user, span_skip(span_head(message, end), 5));
	return pairs_take(span_skip(message, end + 1), out);
}

void
oauth_first_done(struct oauth_first *f)
{
	buf_free(&f->user);
}

void
oauth_error_put(struct buf *out, const struct oauth_error *e, bool xoauth2)
{
	bool scope = span_is(span_str(e->status), "insufficient_scope");

	buf_add_str(out, "{\"status\":");
	if (xoauth2)
		buf_add_str(out,
		    scope ? "\"403\",\"schemes\":\"bearer\""
			  : "\"401\",\"schemes\":\"bearer\"");
	else
		json_string(out, span_str(e->status));
	if (e->scope.n > 0) {
		buf_add_str(out, ",\"scope\":");
		json_string(out, e->scope);
	}
	if (e->configuration.n > 0 && !xoauth2) {
		buf_add_str(out, ",\"openid-configuration\":");
		json_string(out, e->configuration);
	}
	buf_add_byte(out, '}');
}
