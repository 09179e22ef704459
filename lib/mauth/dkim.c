/*
 * dkim.c - verifying and making DKIM signatures (RFC 6376, 3.7, 5 and 6)
 */

#include "mauth/dkim.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "mauth/passage.h"
#include "mauth/tags.h"

enum {
	SKEW = 300, /* seconds that a signer's clock may be ahead */
	KEY_RECORDS_MAX = 3, /* tried, should a name have several */
	LINE = 72
};

const char *
dkim_result_name(enum dkim_result result)
{
	static const char *const names[] = {
		[DKIM_NONE] = "none",
		[DKIM_PASS] = "pass",
		[DKIM_FAIL] = "fail",
		[DKIM_POLICY] = "policy",
		[DKIM_NEUTRAL] = "neutral",
		[DKIM_TEMPERROR] = "temperror",
		[DKIM_PERMERROR] = "permerror",
	};

	return names[result];
}

/* The lowest field of that name not taken so far. */
static const struct field *
take_lowest(const struct fields *f, struct span name, bool *taken)
{
	for (size_t i = f->count; i-- > 0;)
		if (!taken[i] && span_ieq(f->list[i].name, name)) {
			taken[i] = true;
			return &f->list[i];
		}
	return NULL;
}

static void
hash_field(struct hash *h, enum canon canon, struct span all)
{
	struct buf text = BUF_EMPTY;

	canon_field(canon, all, &text);
	hash_add(h, buf_span(&text));
	buf_free(&text);
}

/* Its own field comes last, without its signature and its line end. */
static void
hash_self(struct hash *h, enum canon canon, struct span all)
{
	struct buf stripped = BUF_EMPTY, text = BUF_EMPTY;

	dkim_sig_strip(all, &stripped);
	canon_field(canon, buf_span(&stripped), &text);
	buf_cut(&text, text.n - 2);
	hash_add(h, buf_span(&text));
	buf_free(&stripped);
	buf_free(&text);
}

void
dkim_header_digest(const struct fields *f, const struct dkim_sig *sig,
    struct span self, unsigned char out[SHA256_BYTES])
{
	struct hash *h = hash_new();
	bool *taken = mem_array(f->count + 1, sizeof(*taken));
	struct span names = sig->names, name;
	const struct field *found;

	for (size_t i = 0; i < f->count; i++)
		taken[i] = f->list[i].all.p == self.p;
	while (span_cut(&names, ':', &name)) {
		found = take_lowest(f, span_trim(name), taken);
		if (found != NULL)
			hash_field(h, sig->header, found->all);
	}
	hash_self(h, sig->header, self);
	hash_end(h, out);
	hash_free(&h);
	free(taken);
}

static void
judge(struct dkim_check *c, enum dkim_result result, const char *reason)
{
	c->waits = false;
	c->result = result;
	c->reason = reason;
}

void
dkim_check_body(struct dkim_check *c, const struct bodies *bodies, int64_t now)
{
	const struct dkim_sig *s = &c->sig;

	if (!c->waits)
		return;
	if (s->time > now + SKEW)
		judge(c, DKIM_PERMERROR, "signed in the future");
	else if (s->expires >= 0 && s->expires < now)
		judge(c, DKIM_PERMERROR, "the signature has expired");
	else if (s->length != BODIES_WHOLE &&
	    bodies_length(bodies, c->body) < s->length)
		judge(c, DKIM_PERMERROR, "the body is shorter than signed");
	else if (memcmp(bodies_digest(bodies, c->body), s->body_digest.p,
		     SHA256_BYTES) != 0)
		judge(c, DKIM_FAIL, "body has been altered");
	else if (s->length != BODIES_WHOLE &&
	    bodies_length(bodies, c->body) > s->length)
		/* RFC 6376, 8.2: anybody may have written the rest */
		judge(c, DKIM_POLICY, "only the front of the body is signed");
}

/* May the key sign for that identity? */
static const char *
key_suits(const struct dkim_key *k, const struct dkim_sig *s)
{
	struct span of =
	    span_skip(s->identity, span_rfind(s->identity, '@') + 1);

	if (k->revoked)
		return "the key has been revoked";
	if (k->algorithm != s->algorithm)
		return "the key is for another algorithm";
	if (k->exact && s->identity.n > 0 && !span_ieq(of, s->domain))
		return "the key is not for subdomains";
	return NULL;
}

static void
check_with(struct dkim_check *c, const unsigned char *digest, struct span text,
    struct arena *a)
{
	struct dkim_key key;
	const char *wrong = dkim_key_parse(text, a, &key);

	if (wrong == NULL)
		wrong = key_suits(&key, &c->sig);
	if (wrong != NULL) {
		judge(c, DKIM_PERMERROR, wrong);
		return;
	}
	c->testing = key.testing;
	switch (signature_check(
	    c->sig.algorithm, key.bytes, digest, c->sig.signature, &c->bits)) {
	case SIGNATURE_GOOD:
		judge(c, DKIM_PASS, NULL);
		break;
	case SIGNATURE_BAD:
		judge(c, DKIM_FAIL, "signature verification failed");
		break;
	case SIGNATURE_KEY_BAD:
		judge(c, DKIM_PERMERROR, "ill-formed key");
		break;
	case SIGNATURE_KEY_WEAK:
		judge(c, DKIM_PERMERROR, "unfit size of key");
		break;
	}
}

void
dkim_check_digest(struct dkim_check *c,
    const unsigned char digest[SHA256_BYTES], const struct dns_answer *answer,
    struct arena *a)
{
	if (answer->result == DNS_TROUBLE) {
		judge(c, DKIM_TEMPERROR, "key not to be had now");
		return;
	}
	judge(c, DKIM_PERMERROR, "no key");
	for (size_t i = 0;
	     i < answer->count && i < KEY_RECORDS_MAX && c->result != DKIM_PASS;
	     i++)
		check_with(c, digest, answer->records[i].data, a);
}

void
dkim_check_key(struct dkim_check *c, const struct fields *f,
    const struct dns_answer *answer, struct arena *a)
{
	unsigned char digest[SHA256_BYTES];

	dkim_header_digest(f, &c->sig, c->field, digest);
	dkim_check_digest(c, digest, answer, a);
}

static void
check_begin(struct dkim_check *c, const struct field *field,
    struct bodies *bodies, struct arena *a)
{
	const char *wrong;

	*c = (struct dkim_check){ .field = field->all, .waits = true };
	wrong = dkim_sig_parse(DKIM_SIGNATURE, field->value, a, &c->sig);
	c->parsed = dns_name_is_host(c->sig.domain);
	if (wrong != NULL) {
		judge(c, DKIM_NEUTRAL, wrong);
		return;
	}
	c->body = bodies_want(bodies, c->sig.body, c->sig.length);
	if (c->body == -1)
		judge(c, DKIM_POLICY, "too many forms of the body");
}

void
dkim_begin(struct dkim *d, const struct fields *f, struct bodies *bodies,
    struct arena *a)
{
	const struct field *field;
	size_t at = 0;

	d->count = 0;
	while (d->count < DKIM_CHECKS_MAX &&
	    (field = fields_find(f, "DKIM-Signature", &at)) != NULL) {
		check_begin(&d->checks[d->count], field, bodies, a);
		if (f->cut)
			judge(&d->checks[d->count], DKIM_POLICY,
			    "the header is too long");
		d->count++;
	}
}

void
dkim_body(struct dkim *d, const struct bodies *bodies, int64_t now)
{
	for (size_t i = 0; i < d->count; i++)
		dkim_check_body(&d->checks[i], bodies, now);
}

static const struct dkim_check *
waiting(const struct dkim *d)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->checks[i].waits)
			return &d->checks[i];
	return NULL;
}

bool
dkim_question(const struct dkim *d, struct buf *name)
{
	const struct dkim_check *c = waiting(d);

	if (c != NULL)
		dkim_sig_question(&c->sig, name);
	return c != NULL;
}

void
dkim_answer(struct dkim *d, const struct fields *f,
    const struct dns_answer *answer, struct arena *a)
{
	const struct dkim_check *c = waiting(d);

	if (c != NULL)
		dkim_check_key(&d->checks[c - d->checks], f, answer, a);
}

/* RFC 6376, 5.4.1, and what mailing lists and readers act on. */
static const char *const signed_names[] = { "From", "Sender", "Reply-To",
	"Subject", "Date", "Message-ID", "To", "Cc", "MIME-Version",
	"Content-Type", "Content-Transfer-Encoding", "Content-ID",
	"Content-Description", "Resent-Date", "Resent-From", "Resent-Sender",
	"Resent-To", "Resent-Cc", "Resent-Message-ID", "In-Reply-To",
	"References", "List-Id", "List-Help", "List-Unsubscribe",
	"List-Unsubscribe-Post", "List-Subscribe", "List-Post", "List-Owner",
	"List-Archive" };

static void
name_put(struct buf *out, const char *name, size_t *column)
{
	size_t n = strlen(name);

	if (*column > 0)
		buf_add_byte(out, ':');
	if (*column + n + 1 > LINE) {
		buf_add_str(out, "\n\t ");
		*column = 9;
	}
	buf_add_str(out, name);
	*column += n + 1;
}

/* Each name as often as its field is there; From once more. */
static void
names_put(struct buf *out, const struct fields *f, enum dkim_kind kind)
{
	size_t column = 0, left = DKIM_NAMES_MAX;

	for (size_t i = 0; i < sizeof(signed_names) / sizeof(char *); i++) {
		size_t at = 0;

		while (
		    left > 2 && fields_find(f, signed_names[i], &at) != NULL) {
			name_put(out, signed_names[i], &column);
			left--;
		}
	}
	name_put(out, "From", &column);
	if (kind == ARC_MESSAGE_SIGNATURE)
		for (size_t at = 0;
		     left > 2 && fields_find(f, "DKIM-Signature", &at) != NULL;
		     left--)
			name_put(out, "DKIM-Signature", &column);
}

void
dkim_base64_folded(struct buf *out, struct span bytes)
{
	struct buf text = BUF_EMPTY;
	struct span rest;

	base64_encode(&text, bytes);
	rest = buf_span(&text);
	while (rest.n > 0) {
		buf_add_str(out, "\n\t");
		buf_add_span(out, span_head(rest, LINE - 8));
		rest = span_skip(rest, LINE - 8);
	}
	buf_free(&text);
}

void
dkim_sign_begin(const struct dkim_want *w, const struct fields *f,
    const unsigned char *body, struct buf *out,
    unsigned char digest[SHA256_BYTES])
{
	struct dkim_sig sig = { .header = CANON_RELAXED };
	size_t from = out->n, h;
	struct span all;

	if (w->kind == DKIM_SIGNATURE)
		buf_add_str(out, "DKIM-Signature: v=1; ");
	else
		buf_printf(out, "ARC-Message-Signature: i=%u; ", w->instance);
	buf_printf(out, "a=%s; c=relaxed/relaxed;\n\td=%.*s; s=%.*s; t=%lld;",
	    dkim_algorithm_name(w->algorithm), (int)w->domain.n, w->domain.p,
	    (int)w->selector.n, w->selector.p, (long long)w->now);
	buf_add_str(out, "\n\th=");
	h = out->n;
	names_put(out, f, w->kind);
	sig.names = span_skip(buf_span(out), h);
	buf_add_str(out, ";\n\tbh=");
	base64_encode(out, span_of((const char *)body, SHA256_BYTES));
	buf_add_str(out, ";\n\tb=");
	/* the text may have moved */
	all = span_skip(buf_span(out), from);
	sig.names = span_head(span_skip(buf_span(out), h), sig.names.n);
	dkim_header_digest(f, &sig, all, digest);
}

void
dkim_sign_end(struct buf *out, struct span signature)
{
	dkim_base64_folded(out, signature);
	buf_add_byte(out, '\n');
}
