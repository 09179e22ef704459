/*
 * arc.c - the Authenticated Received Chain (RFC 8617, 5)
 *
 * The newest signature of the message is verified first, then the seals from
 * the newest down. Whatever goes wrong, an answer of the DNS that does not come
 * too, breaks the chain (5.2.1).
 */

#include "mauth/arc.h"

#include "base/buf.h"
#include "base/number.h"
#include "mauth/passage.h"
#include "mauth/tags.h"

const char *
arc_result_name(enum arc_result result)
{
	static const char *const names[] = {
		[ARC_NONE] = "none",
		[ARC_FAIL] = "fail",
		[ARC_PASS] = "pass",
	};

	return names[result];
}

static void
broken(struct arc *c, const char *reason)
{
	c->result = ARC_FAIL;
	c->reason = reason;
	c->check.waits = false;
}

/* The i= of a field, or 0. In results it is what stands first. */
static unsigned
instance_of(const struct field *f, bool results)
{
	struct span value =
	    results ? span_head(f->value, span_find(f->value, ';')) : f->value;
	struct tags t;
	int number = 0;

	if (!tags_parse(value, &t) || !tags_get(&t, "i", &value) ||
	    !number_parse_int(value, 1, INT32_MAX, &number))
		return 0;
	return (unsigned)number;
}

static const struct field **
place_of(struct arc_set *set, const struct field *f)
{
	if (span_iis(f->name, "ARC-Authentication-Results"))
		return &set->results;
	if (span_iis(f->name, "ARC-Message-Signature"))
		return &set->message;
	return span_iis(f->name, "ARC-Seal") ? &set->seal : NULL;
}

static void
set_add(struct arc *c, const struct field *f)
{
	struct arc_set none = { .results = NULL };
	const struct field **place = place_of(&none, f);
	unsigned i;

	if (place == NULL)
		return;
	i = instance_of(f, place == &none.results);
	if (i == 0 || i > ARC_SETS_MAX) {
		broken(c, "an instance out of range");
		return;
	}
	place = place_of(&c->sets[i - 1], f);
	if (*place != NULL)
		broken(c, "an instance given twice");
	*place = f;
	if (i > c->count)
		c->count = i;
}

/* The cv= of each seal says what it must. */
static void
chain_look(struct arc *c)
{
	for (unsigned i = c->count; i-- > 0;) {
		const struct arc_set *s = &c->sets[i];
		struct span cv = { NULL, 0 };
		struct tags t;

		if (s->seal != NULL && tags_parse(s->seal->value, &t))
			(void)tags_get(&t, "cv", &cv);
		if (span_iis(cv, "fail") && i + 1 == c->count)
			c->sealed_broken = true;
		if (c->result == ARC_FAIL)
			return;
		if (s->results == NULL || s->message == NULL || s->seal == NULL)
			broken(c, "a set is not complete");
		else if (!span_iis(cv, i == 0 ? "none" : "pass"))
			broken(c, "a seal says that it was broken");
	}
}

void
arc_begin(struct arc *c, const struct fields *f, struct bodies *bodies,
    struct arena *a)
{
	const char *wrong;

	*c = (struct arc){ .result = ARC_NONE };
	for (size_t i = 0; i < f->count; i++)
		set_add(c, &f->list[i]);
	chain_look(c);
	if (c->count == 0 || c->result == ARC_FAIL)
		return;
	if (f->cut) {
		broken(c, "the header is too long");
		return;
	}
	c->check =
	    (struct dkim_check){ .field = c->sets[c->count - 1].message->all,
		    .waits = true };
	wrong = dkim_sig_parse(ARC_MESSAGE_SIGNATURE,
	    c->sets[c->count - 1].message->value, a, &c->check.sig);
	if (wrong == NULL && tags_listed(c->check.sig.names, "ARC-Seal"))
		wrong = "a signature of seals";
	if (wrong == NULL)
		c->check.body =
		    bodies_want(bodies, c->check.sig.body, c->check.sig.length);
	if (wrong != NULL || c->check.body == -1)
		broken(c, wrong != NULL ? wrong : "too many forms of the body");
}

void
arc_body(struct arc *c, const struct bodies *bodies, int64_t now)
{
	if (!c->check.waits)
		return;
	dkim_check_body(&c->check, bodies, now);
	if (!c->check.waits)
		broken(c, c->check.reason);
}

bool
arc_question(const struct arc *c, struct buf *name)
{
	if (c->check.waits)
		dkim_sig_question(&c->check.sig, name);
	return c->check.waits;
}

static void
hash_whole(struct hash *h, struct span all)
{
	struct buf text = BUF_EMPTY;

	canon_field(CANON_RELAXED, all, &text);
	hash_add(h, buf_span(&text));
	buf_free(&text);
}

static void
hash_last(struct hash *h, struct span all)
{
	struct buf stripped = BUF_EMPTY, text = BUF_EMPTY;

	dkim_sig_strip(all, &stripped);
	canon_field(CANON_RELAXED, buf_span(&stripped), &text);
	buf_cut(&text, text.n - 2);
	hash_add(h, buf_span(&text));
	buf_free(&stripped);
	buf_free(&text);
}

/* 5.1.1: all sets below, and of this one the seal without its signature. */
static void
sets_hash(const struct arc *c, unsigned below, struct hash *h)
{
	for (unsigned i = 0; i < below; i++) {
		hash_whole(h, c->sets[i].results->all);
		hash_whole(h, c->sets[i].message->all);
		hash_whole(h, c->sets[i].seal->all);
	}
}

static void
seal_digest(const struct arc *c, unsigned instance, unsigned char *digest)
{
	const struct arc_set *s = &c->sets[instance - 1];
	struct hash *h = hash_new();

	sets_hash(c, instance - 1, h);
	hash_whole(h, s->results->all);
	hash_whole(h, s->message->all);
	hash_last(h, s->seal->all);
	hash_end(h, digest);
	hash_free(&h);
}

/* The seal of instance is the next to be verified; 0: all are. */
static void
seal_next(struct arc *c, unsigned instance, struct arena *a)
{
	const struct field *f;
	const char *wrong;

	if (instance == 0) {
		c->result = ARC_PASS;
		return;
	}
	f = c->sets[instance - 1].seal;
	c->seal_at = instance;
	c->check = (struct dkim_check){ .field = f->all, .waits = true };
	wrong = dkim_sig_parse(ARC_SEAL, f->value, a, &c->check.sig);
	if (wrong != NULL)
		broken(c, wrong);
}

void
arc_answer(struct arc *c, const struct fields *f,
    const struct dns_answer *answer, struct arena *a)
{
	unsigned char digest[SHA256_BYTES];

	if (!c->check.waits)
		return;
	if (c->seal_at == 0) {
		dkim_check_key(&c->check, f, answer, a);
	} else {
		seal_digest(c, c->seal_at, digest);
		dkim_check_digest(&c->check, digest, answer, a);
	}
	if (c->check.result != DKIM_PASS)
		broken(c, c->check.reason);
	else
		seal_next(c, c->seal_at == 0 ? c->count : c->seal_at - 1, a);
}

unsigned
arc_next(const struct arc *c)
{
	return c->sealed_broken || c->count >= ARC_SETS_MAX ? 0 : c->count + 1;
}

void
arc_seal_begin(const struct arc *c, const struct arc_seal *s, struct buf *out,
    unsigned char digest[SHA256_BYTES])
{
	const struct dkim_want *w = s->want;
	struct hash *h = hash_new();
	size_t from = out->n;

	buf_printf(out,
	    "ARC-Seal: i=%u; a=%s; t=%lld; cv=%s;\n\td=%.*s; s=", w->instance,
	    dkim_algorithm_name(w->algorithm), (long long)w->now,
	    arc_result_name(c->result), (int)w->domain.n, w->domain.p);
	buf_add_span(out, w->selector);
	buf_add_str(out, ";\n\tb=");
	/* 5.1.2: nobody can say what a broken chain consists of */
	if (c->result != ARC_FAIL)
		sets_hash(c, c->count, h);
	hash_whole(h, s->results);
	hash_whole(h, s->message);
	hash_last(h, span_skip(buf_span(out), from));
	hash_end(h, digest);
	hash_free(&h);
}
