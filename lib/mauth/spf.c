/*
 * spf.c - the evaluation of SPF as a machine that DNS answers drive (RFC 7208,
 * 4 and 5)
 *
 * Records that are being read lie on a small stack: include: puts one there,
 * redirect= takes the place of the one on top. Each step either goes on or says
 * what must be asked first. The limits of 4.6.4 bound all of it.
 */

#include "mauth/spf.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/must.h"
#include "dns/name.h"
#include "mauth/spf_record.h"

enum {
	LOOKUPS_MAX = 10, /* terms that ask */
	VOID_MAX = 2, /* answers that hold nothing */
	NAMES_MAX = 10, /* of MX and PTR records looked at */
	DEPTH_MAX = LOOKUPS_MAX + 1,
	EXPLANATION_MAX = 400
};

enum step {
	TERMS, /* nothing is asked: go on */
	RECORD,
	ADDRESS, /* of a: */
	EXCHANGES, /* of mx: */
	EXCHANGE_ADDRESS,
	EXISTENCE,
	POINTERS, /* the client's names */
	POINTER_ADDRESS,
	EXPLANATION,
	OVER
};

struct record_frame {
	struct span domain;
	struct spf_record record;
	size_t at; /* term being looked at */
};

struct spf {
	struct arena *arena;
	struct spf_facts facts;
	bool is_helo;
	enum step step;
	struct record_frame frames[DEPTH_MAX];
	unsigned depth;
	unsigned lookups, voids;
	/* the question */
	enum dns_type type;
	struct span name;
	/* names of MX or PTR records, looked up one after the other */
	struct span names[NAMES_MAX];
	size_t name_count, name_at;
	bool client_known; /* the client's names were asked for */
	struct span client_names[NAMES_MAX]; /* proved */
	size_t client_count;
	enum spf_result result;
	const char *reason;
	struct span explanation;
};

const char *
spf_result_name(enum spf_result result)
{
	static const char *const names[] = {
		[SPF_NONE] = "none",
		[SPF_NEUTRAL] = "neutral",
		[SPF_PASS] = "pass",
		[SPF_FAIL] = "fail",
		[SPF_SOFTFAIL] = "softfail",
		[SPF_TEMPERROR] = "temperror",
		[SPF_PERMERROR] = "permerror",
	};

	return names[result];
}

static void
over(struct spf *s, enum spf_result result, const char *reason)
{
	s->step = OVER;
	s->result = result;
	s->reason = reason;
}

static struct record_frame *
top(struct spf *s)
{
	return &s->frames[s->depth - 1];
}

static void
ask(struct spf *s, enum step step, enum dns_type type, struct span name)
{
	s->step = step;
	s->type = type;
	s->name = name;
}

static enum dns_type
address_type(const struct spf *s)
{
	return address_bytes(&s->facts.ip).n == 16 ? DNS_AAAA : DNS_A;
}

static bool
bits_equal(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return bits % 8 == 0 ||
	    ((a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8)) == 0;
}

static bool
client_in(const struct spf *s, struct span bytes, const struct spf_term *t)
{
	struct span ip = address_bytes(&s->facts.ip);

	must(t != NULL);
	return ip.n == bytes.n &&
	    bits_equal((const unsigned char *)ip.p,
		(const unsigned char *)bytes.p,
		ip.n == 4 ? t->prefix4 : t->prefix6);
}

static bool
is_among(const struct spf *s, const struct dns_answer *answer,
    const struct spf_term *t)
{
	for (size_t i = 0; i < answer->count; i++)
		if (client_in(s, answer->records[i].data, t))
			return true;
	return false;
}

static enum spf_result
qualified(char qualifier)
{
	switch (qualifier) {
	case '-':
		return SPF_FAIL;
	case '~':
		return SPF_SOFTFAIL;
	case '?':
		return SPF_NEUTRAL;
	default:
		return SPF_PASS;
	}
}

/* The first record has come to a result. */
static void
all_over(struct spf *s, enum spf_result result)
{
	struct span exp = top(s)->record.exp;
	struct buf name = BUF_EMPTY;

	over(s, result, NULL);
	if (result != SPF_FAIL || exp.n == 0)
		return;
	spf_macro_domain(exp, &s->facts, &name);
	if (dns_name_askable(buf_span(&name)))
		ask(s, EXPLANATION, DNS_TXT,
		    arena_span(s->arena, buf_span(&name)));
	buf_free(&name);
}

/* The record on top has come to a result. An include: matches when that is
 * PASS, and then its own record has come to one, and so on. */
static void
record_over(struct spf *s, enum spf_result result)
{
	s->step = TERMS;
	while (s->depth > 1) {
		struct record_frame *f;

		s->depth--;
		f = top(s);
		if (result != SPF_PASS) {
			f->at++;
			return;
		}
		result = qualified(f->record.terms[f->at].qualifier);
	}
	all_over(s, result);
}

static void
term_over(struct spf *s, bool match)
{
	struct record_frame *f = top(s);

	s->step = TERMS;
	if (match)
		record_over(s, qualified(f->record.terms[f->at].qualifier));
	else
		f->at++;
}

/* Ask for the record of another domain. */
static void
record_ask(struct spf *s, struct span domain)
{
	*top(s) = (struct record_frame){ .domain = domain };
	s->facts.domain = domain;
	ask(s, RECORD, DNS_TXT, domain);
}

static bool
lookup_counts(struct spf *s)
{
	if (++s->lookups <= LOOKUPS_MAX)
		return true;
	over(s, SPF_PERMERROR, "too many DNS lookups");
	return false;
}

/* The domain a term is about, or an empty span when it cannot be asked. */
static struct span
target_of(struct spf *s, struct span domain)
{
	struct buf name = BUF_EMPTY;
	struct span got = { NULL, 0 };

	if (domain.n == 0)
		return top(s)->domain;
	spf_macro_domain(domain, &s->facts, &name);
	if (dns_name_askable(buf_span(&name)))
		got = arena_span(s->arena, buf_span(&name));
	buf_free(&name);
	return got;
}

/* The names of the client come first when somebody wants them. */
static bool
client_wanted(struct spf *s, struct span domain, bool always)
{
	struct buf name = BUF_EMPTY;

	if (s->client_known || (!always && !spf_macro_needs_client(domain)))
		return false;
	s->client_known = true;
	if (!dns_name_reverse(&s->facts.ip, &name))
		return false;
	ask(s, POINTERS, DNS_PTR, arena_span(s->arena, buf_span(&name)));
	buf_free(&name);
	return true;
}

static bool
below(struct span name, struct span domain)
{
	if (name.n == domain.n)
		return span_ieq(name, domain);
	return name.n > domain.n && name.p[name.n - domain.n - 1] == '.' &&
	    span_ieq(span_skip(name, name.n - domain.n), domain);
}

static bool
client_below(const struct spf *s, struct span domain)
{
	for (size_t i = 0; i < s->client_count; i++)
		if (below(s->client_names[i], domain))
			return true;
	return false;
}

/* A term that asks the DNS for target. */
static void
term_ask(struct spf *s, const struct spf_term *t, struct span target)
{
	switch (t->kind) {
	case SPF_INCLUDE:
		s->depth++;
		record_ask(s, target);
		break;
	case SPF_A:
		ask(s, ADDRESS, address_type(s), target);
		break;
	case SPF_MX:
		ask(s, EXCHANGES, DNS_MX, target);
		break;
	case SPF_EXISTS:
		ask(s, EXISTENCE, DNS_A, target);
		break;
	case SPF_PTR:
		term_over(s, client_below(s, target));
		break;
	case SPF_ALL:
	case SPF_IP4:
	case SPF_IP6:
		break;
	}
}

static void
term_run(struct spf *s, const struct spf_term *t)
{
	struct span target;

	if (t->kind == SPF_ALL) {
		term_over(s, true);
	} else if (t->kind == SPF_IP4 || t->kind == SPF_IP6) {
		term_over(s,
		    client_in(s,
			span_of((const char *)t->bytes,
			    t->kind == SPF_IP4 ? 4 : 16),
			t));
	} else if (!client_wanted(s, t->domain, t->kind == SPF_PTR) &&
	    lookup_counts(s)) {
		target = target_of(s, t->domain);
		if (target.n > 0)
			term_ask(s, t, target);
		else if (t->kind == SPF_INCLUDE)
			over(s, SPF_PERMERROR, "include of no domain");
		else
			term_over(s, false);
	}
}

/* All terms are looked at, none matched. */
static void
terms_over(struct spf *s)
{
	struct span redirect = top(s)->record.redirect, target;

	if (redirect.n == 0) {
		record_over(s, SPF_NEUTRAL);
		return;
	}
	if (client_wanted(s, redirect, false) || !lookup_counts(s))
		return;
	target = target_of(s, redirect);
	if (target.n == 0)
		over(s, SPF_PERMERROR, "redirect to no domain");
	else
		record_ask(s, target);
}

static void
run(struct spf *s)
{
	while (s->step == TERMS) {
		struct record_frame *f = top(s);

		s->facts.domain = f->domain;
		if (f->at == f->record.count)
			terms_over(s);
		else
			term_run(s, &f->record.terms[f->at]);
	}
}

struct spf *
spf_new(struct arena *a, const struct spf_want *want)
{
	struct spf *s = arena_alloc(a, sizeof(*s));
	struct span who = want->sender;
	size_t at = span_rfind(who, '@');

	s->arena = a;
	s->is_helo = who.n == 0;
	s->facts = (struct spf_facts){ .ip = want->ip,
		.sender_local = arena_span(a, span_head(who, at)),
		.sender_domain = arena_span(a, span_skip(who, at + 1)),
		.helo = arena_span(a, want->helo),
		.receiver = arena_span(a, want->receiver),
		.client = SPAN("unknown"),
		.now = want->now };
	if (s->facts.sender_local.n == 0)
		s->facts.sender_local = SPAN("postmaster");
	if (s->is_helo)
		s->facts.sender_domain = s->facts.helo;
	s->depth = 1;
	if (!dns_name_is_host(s->facts.sender_domain) ||
	    span_find(s->facts.sender_domain, '.') ==
		s->facts.sender_domain.n ||
	    address_bytes(&want->ip).n == 0)
		over(s, SPF_NONE, "no domain to judge");
	else
		record_ask(s, s->facts.sender_domain);
	return s;
}

bool
spf_question(const struct spf *s, enum dns_type *type, struct span *name)
{
	*type = s->type;
	*name = s->name;
	return s->step != OVER;
}

static void
record_came(struct spf *s, const struct dns_answer *answer)
{
	struct record_frame *f = top(s);
	struct span text = { NULL, 0 };
	const char *wrong;
	size_t n = 0;

	if (answer->result == DNS_TROUBLE) {
		over(s, SPF_TEMPERROR, "the DNS does not answer");
		return;
	}
	for (size_t i = 0; i < answer->count; i++)
		if (spf_record_is(answer->records[i].data)) {
			text = answer->records[i].data;
			n++;
		}
	if (n == 0) {
		/* only the first domain may have none */
		if (s->lookups == 0)
			over(s, SPF_NONE, NULL);
		else
			over(s, SPF_PERMERROR, "no record where one is named");
		return;
	}
	wrong = n > 1 ? "several records"
		      : spf_record_parse(
			    arena_span(s->arena, text), s->arena, &f->record);
	f->at = 0;
	s->step = TERMS;
	if (wrong != NULL)
		over(s, SPF_PERMERROR, wrong);
}

/* True when the term cannot go on with that answer. */
static bool
useless(struct spf *s, const struct dns_answer *answer)
{
	if (answer->result == DNS_TROUBLE)
		over(s, SPF_TEMPERROR, "the DNS does not answer");
	else if (answer->count == 0 && ++s->voids > VOID_MAX)
		over(s, SPF_PERMERROR, "too many DNS lookups without result");
	return s->step == OVER;
}

static void
exchange_next(struct spf *s)
{
	if (s->name_at == s->name_count)
		term_over(s, false);
	else
		ask(s, EXCHANGE_ADDRESS, address_type(s),
		    s->names[s->name_at++]);
}

static void
names_keep(struct spf *s, const struct dns_answer *answer)
{
	s->name_count = s->name_at = 0;
	for (size_t i = 0; i < answer->count && s->name_count < NAMES_MAX; i++)
		if (dns_name_askable(answer->records[i].data))
			s->names[s->name_count++] =
			    arena_span(s->arena, answer->records[i].data);
}

static void
exchanges_came(struct spf *s, const struct dns_answer *answer)
{
	if (useless(s, answer))
		return;
	if (answer->count > NAMES_MAX) {
		over(s, SPF_PERMERROR, "too many mail exchangers");
		return;
	}
	names_keep(s, answer);
	exchange_next(s);
}

static void
pointer_next(struct spf *s)
{
	if (s->name_at < s->name_count)
		ask(s, POINTER_ADDRESS, address_type(s),
		    s->names[s->name_at++]);
	else
		s->step = TERMS; /* the term that wanted it runs again */
}

/* %{p}: best the domain itself, then one below it, then any (7.3). */
static void
client_choose(struct spf *s, struct span name)
{
	struct span domain = top(s)->domain;

	if (s->client_count == 1 || span_ieq(name, domain) ||
	    (below(name, domain) && !below(s->facts.client, domain)))
		s->facts.client = name;
}

static void
pointer_came(struct spf *s, const struct dns_answer *answer)
{
	static const struct spf_term whole = { .prefix4 = 32, .prefix6 = 128 };
	struct span name = s->names[s->name_at - 1];

	if (is_among(s, answer, &whole)) {
		s->client_names[s->client_count++] = name;
		client_choose(s, name);
	}
	pointer_next(s);
}

/* Whatever is wrong with it, it is as if there were none (6.2). */
static void
explanation_came(struct spf *s, const struct dns_answer *answer)
{
	struct buf text = BUF_EMPTY;

	s->step = OVER;
	if (answer->count != 1 ||
	    !spf_macro_valid(answer->records[0].data, true))
		return;
	spf_macro_expand(answer->records[0].data, &s->facts, &text);
	buf_cut(&text, EXPLANATION_MAX);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || text.p[i] > '~')
			text.p[i] = '?';
	s->explanation = arena_span(s->arena, buf_span(&text));
	buf_free(&text);
}

void
spf_answer(struct spf *s, const struct dns_answer *answer)
{
	const struct spf_term *t = NULL;

	if (top(s)->at < top(s)->record.count)
		t = &top(s)->record.terms[top(s)->at];
	switch (s->step) {
	case RECORD:
		record_came(s, answer);
		break;
	case ADDRESS:
		if (!useless(s, answer))
			term_over(s, is_among(s, answer, t));
		break;
	case EXCHANGES:
		exchanges_came(s, answer);
		break;
	case EXCHANGE_ADDRESS:
		if (useless(s, answer))
			break;
		if (is_among(s, answer, t))
			term_over(s, true);
		else
			exchange_next(s);
		break;
	case EXISTENCE:
		if (!useless(s, answer))
			term_over(s, answer->count > 0);
		break;
	case POINTERS:
		names_keep(s, answer);
		pointer_next(s);
		break;
	case POINTER_ADDRESS:
		pointer_came(s, answer);
		break;
	case EXPLANATION:
		explanation_came(s, answer);
		break;
	case TERMS:
	case OVER:
		break;
	}
	run(s);
}

enum spf_result
spf_result(const struct spf *s)
{
	return s->result;
}

struct span
spf_domain(const struct spf *s)
{
	return s->facts.sender_domain;
}

bool
spf_is_helo(const struct spf *s)
{
	return s->is_helo;
}

const char *
spf_reason(const struct spf *s)
{
	return s->reason;
}

struct span
spf_explanation(const struct spf *s)
{
	return s->explanation;
}
