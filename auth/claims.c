/*
 * claims.c - what a service says of a token
 *
 * One object; a claim that is given twice, or in another type than RFC 7662
 * and RFC 7519 say, makes all of it ill-formed: two readers must not take it in
 * two ways.
 */

#include "auth/claims.h"

#include "base/json_read.h"
#include "base/number.h"
#include "base/utf8.h"

/* Bits of what was seen. */
enum claim {
	CLAIM_ACTIVE = 1,
	CLAIM_EXP = 2,
	CLAIM_NBF = 4,
	CLAIM_SCOPE = 8,
	CLAIM_AUD = 16,
	CLAIM_USER = 32
};

struct reading {
	const struct claims_rules *rules;
	struct claims *out;
	struct json_reader json;
	struct buf text, scope;
	unsigned seen;
	bool active, meant;
	int64_t not_before;
};

/* NumericDate of RFC 7519, 2: a fraction is cut off. */
static bool
date_take(struct reading *r, int64_t *out)
{
	struct span n;

	if (json_next(&r->json, &r->text) != JSON_NUMBER)
		return false;
	n = buf_span(&r->text);
	return number_parse_signed(
	    span_head(n, span_find(n, '.')), 0, INT64_MAX / 1000, out);
}

static bool
is_meant(const struct reading *r)
{
	struct span rest = span_str(r->rules->audience), word;

	while (span_word(&rest, ", \t\r\n", &word))
		if (span_eq(word, buf_span(&r->text)))
			return true;
	return false;
}

/* A string, or an array of them. */
static bool
audience_take(struct reading *r)
{
	enum json_piece got = json_next(&r->json, &r->text);

	if (got == JSON_STRING) {
		r->meant = is_meant(r);
		return true;
	}
	if (got != JSON_ARRAY)
		return false;
	while ((got = json_next(&r->json, &r->text)) == JSON_STRING)
		r->meant = r->meant || is_meant(r);
	return got == JSON_ARRAY_END;
}

/* A string of words; some services give an array. */
static bool
scope_take(struct reading *r)
{
	enum json_piece got = json_next(&r->json, &r->text);
	bool array = got == JSON_ARRAY;

	if (array)
		got = json_next(&r->json, &r->text);
	while (got == JSON_STRING) {
		buf_add_byte(&r->scope, ' ');
		buf_add_span(&r->scope, buf_span(&r->text));
		if (!array)
			return true;
		got = json_next(&r->json, &r->text);
	}
	return array && got == JSON_ARRAY_END;
}

static bool
user_take(struct reading *r)
{
	if (json_next(&r->json, &r->text) != JSON_STRING)
		return false;
	buf_add_span(&r->out->user, buf_span(&r->text));
	return true;
}

static bool
active_take(struct reading *r)
{
	enum json_piece got = json_next(&r->json, &r->text);

	r->active = got == JSON_TRUE;
	return got == JSON_TRUE || got == JSON_FALSE;
}

static bool
claim_take(struct reading *r, unsigned claim)
{
	if ((r->seen & claim) != 0)
		return false;
	r->seen |= claim;
	switch (claim) {
	case CLAIM_ACTIVE:
		return active_take(r);
	case CLAIM_EXP:
		return date_take(r, &r->out->until);
	case CLAIM_NBF:
		return date_take(r, &r->not_before);
	case CLAIM_SCOPE:
		return scope_take(r);
	case CLAIM_AUD:
		return audience_take(r);
	case CLAIM_USER:
		return user_take(r);
	default:
		return json_skip(&r->json, &r->text);
	}
}

static unsigned
claim_of(const struct reading *r)
{
	static const struct {
		const char *name;
		unsigned claim;
	} names[] = { { "active", CLAIM_ACTIVE }, { "exp", CLAIM_EXP },
		{ "nbf", CLAIM_NBF }, { "scope", CLAIM_SCOPE },
		{ "aud", CLAIM_AUD } };
	struct span name = buf_span(&r->text);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_is(name, names[i].name))
			return names[i].claim;
	return span_is(name, r->rules->user_claim) ? CLAIM_USER : 0;
}

static bool
read_all(struct reading *r)
{
	enum json_piece got = json_next(&r->json, &r->text);

	if (got != JSON_OBJECT)
		return false;
	while ((got = json_next(&r->json, &r->text)) == JSON_NAME) {
		unsigned claim = claim_of(r);
		bool good = claim != 0 ? claim_take(r, claim)
				       : json_skip(&r->json, &r->text);

		if (!good)
			return false;
	}
	return got == JSON_OBJECT_END &&
	    json_next(&r->json, &r->text) == JSON_END &&
	    (r->seen & CLAIM_ACTIVE) != 0;
}

static bool
has_word(struct span rest, struct span want)
{
	struct span word;

	while (span_word(&rest, " ", &word))
		if (span_eq(word, want))
			return true;
	return false;
}

static bool
scope_fits(const struct reading *r)
{
	struct span rest = span_str(r->rules->scope), word;

	while (span_word(&rest, ", \t\r\n", &word))
		if (!has_word(buf_span(&r->scope), word))
			return false;
	return true;
}

/* A name that can stand in packets and logs. */
static bool
user_good(struct span user)
{
	for (size_t i = 0; i < user.n; i++)
		if (ascii_control(span_at(user, i)))
			return false;
	return user.n > 0 && user.n <= CLAIM_USER_MAX && utf8_valid(user);
}

static enum claims_verdict
judge(const struct reading *r)
{
	const struct claims_rules *rules = r->rules;

	if (!r->active || r->not_before > rules->now ||
	    ((r->seen & CLAIM_EXP) != 0 && r->out->until <= rules->now) ||
	    (rules->audience[0] != '\0' && !r->meant))
		return CLAIMS_INACTIVE;
	if (!scope_fits(r))
		return CLAIMS_SCOPE;
	return user_good(buf_span(&r->out->user)) ? CLAIMS_GOOD : CLAIMS_NOBODY;
}

enum claims_verdict
claims_read(
    struct span body, const struct claims_rules *rules, struct claims *out)
{
	struct reading r = {
		.rules = rules, .out = out, .json = { .rest = body }
	};
	enum claims_verdict got = CLAIMS_BAD;

	*out = (struct claims){ .until = 0 };
	if (body.n <= CLAIMS_BODY_MAX && read_all(&r))
		got = judge(&r);
	buf_free(&r.text);
	buf_free(&r.scope);
	return got;
}

void
claims_done(struct claims *c)
{
	buf_free(&c->user);
}
