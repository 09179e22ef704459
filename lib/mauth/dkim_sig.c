/*
 * dkim_sig.c - what stands in DKIM-Signature and in key records (RFC 6376, 3.5
 * and 3.6.1; RFC 8301, RFC 8463)
 */

#include "mauth/dkim_sig.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "dns/name.h"
#include "mauth/tags.h"

enum { IDENTITY_MAX = 512 };

/* Which tags a field must have. */
static const char *const required[][8] = {
	[DKIM_SIGNATURE] = { "v", "a", "b", "bh", "d", "h", "s", NULL },
	[ARC_MESSAGE_SIGNATURE] = { "i", "a", "b", "bh", "d", "h", "s", NULL },
	[ARC_SEAL] = { "i", "a", "b", "cv", "d", "s", NULL },
};

static const char *
algorithm_read(struct span text, enum mauth_algorithm *out)
{
	if (span_iis(text, "rsa-sha256"))
		*out = MAUTH_RSA_SHA256;
	else if (span_iis(text, "ed25519-sha256"))
		*out = MAUTH_ED25519_SHA256;
	else if (span_iis(text, "rsa-sha1"))
		return "rsa-sha1 is too weak";
	else
		return "unknown algorithm";
	return NULL;
}

const char *
dkim_algorithm_name(enum mauth_algorithm algorithm)
{
	return algorithm == MAUTH_RSA_SHA256 ? "rsa-sha256" : "ed25519-sha256";
}

static bool
canon_read(struct span text, enum canon *out)
{
	*out = span_iis(text, "relaxed") ? CANON_RELAXED : CANON_SIMPLE;
	return *out == CANON_RELAXED || span_iis(text, "simple");
}

static bool
canons_read(const struct tags *t, struct dkim_sig *out)
{
	struct span text;
	size_t slash;

	out->header = out->body = CANON_SIMPLE;
	if (!tags_get(t, "c", &text))
		return true;
	slash = span_find(text, '/');
	return canon_read(span_head(text, slash), &out->header) &&
	    (slash == text.n ||
		canon_read(span_skip(text, slash + 1), &out->body));
}

static bool
time_read(const struct tags *t, const char *name, int64_t *out)
{
	struct span text;
	uint64_t value;

	*out = -1;
	if (!tags_get(t, name, &text))
		return true;
	if (!number_parse(text, 0, INT64_MAX, &value))
		return false;
	*out = (int64_t)value;
	return true;
}

static bool
bytes_read(
    const struct tags *t, const char *name, struct arena *a, struct span *out)
{
	struct buf bytes = BUF_EMPTY;
	struct span text = { NULL, 0 };
	bool good = tags_get(t, name, &text) && tags_base64(text, &bytes) &&
	    bytes.n > 0;

	if (good)
		*out = arena_span(a, buf_span(&bytes));
	buf_free(&bytes);
	return good;
}

static bool
names_valid(struct span names)
{
	struct span name;
	size_t n = 0;

	while (span_cut(&names, ':', &name)) {
		name = span_trim(name);
		if (++n > DKIM_NAMES_MAX || name.n == 0 ||
		    span_find_any(name, " \t\r\n") < name.n)
			return false;
	}
	return true;
}

/* The domain of i= is d= or below it. */
static bool
identity_fits(struct span identity, struct span domain)
{
	struct span of = span_skip(identity, span_rfind(identity, '@') + 1);

	if (span_find(identity, '@') == identity.n || identity.n > IDENTITY_MAX)
		return false;
	if (of.n > domain.n) {
		size_t more = of.n - domain.n;

		if (of.p[more - 1] != '.')
			return false;
		of = span_skip(of, more);
	}
	return span_ieq(of, domain);
}

static const char *
dkim_read(const struct tags *t, struct dkim_sig *out)
{
	struct span text = { NULL, 0 };

	if (!tags_get(t, "v", &text) || !span_is(text, "1"))
		return "unknown version";
	if (tags_get(t, "q", &text) && !tags_listed(text, "dns/txt"))
		return "unknown way to the key";
	out->identity = span_of("", 0);
	if (tags_get(t, "i", &text)) {
		if (!identity_fits(text, out->domain))
			return "identity outside of the domain";
		out->identity = text;
	}
	return NULL;
}

static const char *
instance_read(const struct tags *t, struct dkim_sig *out)
{
	struct span text = { NULL, 0 };
	int number = 0;

	if (!tags_get(t, "i", &text) || !number_parse_int(text, 1, 50, &number))
		return "bad instance";
	out->instance = (unsigned)number;
	return NULL;
}

/* What says which part of the message was signed, and how. */
static const char *
content_read(const struct tags *t, struct arena *a, struct dkim_sig *out)
{
	struct span text;

	if (!canons_read(t, out))
		return "unknown canonical form";
	if (!bytes_read(t, "bh", a, &out->body_digest) ||
	    out->body_digest.n != SHA256_BYTES)
		return "ill-formed digest of the body";
	out->length = BODIES_WHOLE;
	if (tags_get(t, "l", &text) &&
	    !number_parse(text, 0, INT64_MAX, &out->length))
		return "ill-formed length";
	if (!tags_get(t, "h", &out->names) || !names_valid(out->names))
		return "ill-formed list of fields";
	if (!tags_listed(out->names, "From"))
		return "From is not signed";
	return NULL;
}

static const char *
common_read(const struct tags *t, struct arena *a, struct dkim_sig *out)
{
	struct span text = { NULL, 0 };
	const char *wrong;

	(void)tags_get(t, "a", &text);
	wrong = algorithm_read(text, &out->algorithm);
	if (wrong != NULL)
		return wrong;
	(void)tags_get(t, "d", &out->domain);
	(void)tags_get(t, "s", &out->selector);
	if (!dns_name_is_host(out->domain) ||
	    !dns_name_askable(out->selector) ||
	    out->domain.n + out->selector.n + 12 > DNS_NAME_MAX)
		return "ill-formed domain or selector";
	if (!bytes_read(t, "b", a, &out->signature))
		return "ill-formed signature";
	if (!time_read(t, "t", &out->time) ||
	    !time_read(t, "x", &out->expires) ||
	    (out->expires >= 0 && out->expires < out->time))
		return "ill-formed time";
	return NULL;
}

const char *
dkim_sig_parse(enum dkim_kind kind, struct span value, struct arena *a,
    struct dkim_sig *out)
{
	struct tags t;
	struct span text;
	const char *wrong;

	*out = (struct dkim_sig){ .length = BODIES_WHOLE };
	if (!tags_parse(value, &t))
		return "ill-formed signature field";
	for (size_t i = 0; required[kind][i] != NULL; i++)
		if (!tags_get(&t, required[kind][i], &text))
			return "a part of the signature is missing";
	wrong = common_read(&t, a, out);
	if (wrong == NULL)
		wrong = kind == DKIM_SIGNATURE ? dkim_read(&t, out)
					       : instance_read(&t, out);
	if (wrong == NULL && kind != ARC_SEAL)
		return content_read(&t, a, out);
	if (wrong == NULL && tags_get(&t, "h", &text))
		return "a seal with a list of fields";
	(void)tags_get(&t, "cv", &out->cv);
	return wrong;
}

void
dkim_sig_question(const struct dkim_sig *s, struct buf *out)
{
	buf_add_span(out, s->selector);
	buf_add_str(out, "._domainkey.");
	buf_add_span(out, s->domain);
}

void
dkim_sig_strip(struct span all, struct buf *out)
{
	size_t colon = span_find(all, ':') + 1;
	struct span rest = span_skip(all, colon), item;
	bool first = true;

	buf_add_span(out, span_head(all, colon));
	while (span_cut(&rest, ';', &item)) {
		size_t equal = span_find(item, '=');

		if (!first)
			buf_add_byte(out, ';');
		first = false;
		if (equal < item.n &&
		    span_is(span_trim(span_head(item, equal)), "b"))
			item = span_head(item, equal + 1);
		buf_add_span(out, item);
	}
}

static const char *
key_fits(const struct tags *t, enum mauth_algorithm *algorithm)
{
	struct span text;

	if (tags_get(t, "v", &text) &&
	    (!span_is(text, "DKIM1") || !span_is(t->list[0].name, "v")))
		return "not a DKIM key record";
	*algorithm = MAUTH_RSA_SHA256;
	if (tags_get(t, "k", &text)) {
		if (span_iis(text, "ed25519"))
			*algorithm = MAUTH_ED25519_SHA256;
		else if (!span_iis(text, "rsa"))
			return "unknown kind of key";
	}
	if (tags_get(t, "h", &text) && !tags_listed(text, "sha256"))
		return "the key is not for this digest";
	if (tags_get(t, "s", &text) && !tags_listed(text, "*") &&
	    !tags_listed(text, "email"))
		return "the key is not for mail";
	return NULL;
}

const char *
dkim_key_parse(struct span text, struct arena *a, struct dkim_key *out)
{
	struct tags t;
	struct span p, flags;
	const char *wrong;

	*out = (struct dkim_key){ .algorithm = MAUTH_RSA_SHA256 };
	if (!tags_parse(text, &t))
		return "ill-formed key record";
	wrong = key_fits(&t, &out->algorithm);
	if (wrong != NULL)
		return wrong;
	if (!tags_get(&t, "p", &p))
		return "no key in the key record";
	if (tags_get(&t, "t", &flags)) {
		out->testing = tags_listed(flags, "y");
		out->exact = tags_listed(flags, "s");
	}
	out->revoked = p.n == 0;
	if (!out->revoked && !bytes_read(&t, "p", a, &out->bytes))
		return "ill-formed key record";
	return NULL;
}
