/*
 * delivery.c - one message to the recipients that share a next hop
 *
 * Next hops in turn (the one that was asked for, then smtp_fallback_relay),
 * their hosts in turn, until each recipient is decided: taken, refused for
 * good, or refused for now by the last host there was. See RFC 5321, 5.1.
 */

#include "smtp/delivery.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "calls/queue_call.h"
#include "calls/status_filter.h"
#include "os/clock.h"
#include "os/loop.h"
#include "queue/edits.h"
#include "queue/qread.h"
#include "smtp/body.h"
#include "smtp/cache.h"
#include "smtp/checks.h"
#include "smtp/dane.h"
#include "smtp/destination.h"
#include "smtp/env.h"
#include "smtp/fingerprint.h"
#include "smtp/generic.h"
#include "smtp/letter.h"
#include "smtp/level.h"
#include "smtp/policy.h"
#include "smtp/session.h"
#include "smtp/sts.h"
#include "smtp/tlsrpt.h"
#include "smtp/way.h"

enum { SITES_MAX = 10, SPARED_MAX = 20 };

struct delivery {
	const struct smtp_env *env;
	struct arena *arena;
	struct delivery_request request; /* spans in the arena */
	struct edited *message;
	struct letter letter;
	bool lmtp;

	struct span sites[SITES_MAX]; /* next hops */
	size_t site_count, site_at, target_at;
	struct checks_query *checks_query;
	struct body_query *body_query;
	struct generic_query *generic_query;
	struct policy_query *policy_query;
	struct policy policy;
	struct dane_query *dane_query;
	struct sts_query *sts_query;
	struct status_query *filter;
	struct sts_answer sts; /* of the present site */
	struct session_setup setup; /* of the present session */
	struct destination *destinations[SITES_MAX]; /* of the sites so far */
	int sessions; /* with hosts of this site */
	size_t addresses; /* tried of this site */
	unsigned spared; /* not counted in either: they lacked something */
	bool counted; /* the present one is among them */
	bool waited; /* it waited in the cache, and has not taken a letter */
	bool tried, reached; /* any site; some host, up to its readiness */
	struct span host; /* the first that was reached */
	struct session *session;
	struct loop_timer *now; /* begins, from the loop */
	int64_t setup_us;
	delivery_fn *fn;
	void *arg;
};

static void
delivery_free(struct delivery *d)
{
	session_close(&d->session);
	checks_cancel(&d->checks_query);
	body_cancel(&d->body_query);
	generic_cancel(&d->generic_query);
	policy_cancel(&d->policy_query);
	dane_cancel(&d->dane_query);
	sts_cancel(&d->sts_query);
	status_filter_cancel(&d->filter);
	for (size_t i = 0; i < d->site_count; i++)
		destination_free(&d->destinations[i]);
	loop_timer_free(&d->now);
	for (size_t i = 0; i < d->letter.count; i++)
		why_free(&d->letter.rcpts[i].why);
	edited_free(&d->message);
	close(d->request.fd);
	arena_free(&d->arena);
	free(d);
}

void
delivery_cancel(struct delivery **d)
{
	if (*d == NULL)
		return;
	delivery_free(*d);
	*d = NULL;
}

/* Done with this host: somebody else may have a use for the connection. */
static void
session_part(struct delivery *d)
{
	if (d->session != NULL && d->env->cache != NULL &&
	    cache_wanted(d->env->cache, d->sites[d->site_at]))
		cache_put(d->env->cache, &d->session);
	session_close(&d->session);
}

/* LMTP is how mailboxes are reached: what is taken there is delivered (RFC
 * 2033). */
static void
result_make(const struct delivery *d, const struct letter_rcpt *from,
    struct delivery_result *out)
{
	*out = (struct delivery_result){ .why = from->why,
		.told = from->told                               ? TOLD_BY_NEXT
		    : d->lmtp && d->env->conf->lmtp_assume_final ? TOLD_BY_US
								 : TOLD_RELAYED,
		.unreachable =
		    d->tried && !d->reached && from->why.outcome == DEFER };
}

static void
told(void *arg)
{
	struct delivery *d = arg;
	struct delivery_result *results =
	    arena_array(d->arena, d->letter.count, sizeof(*results));

	d->filter = NULL;
	for (size_t i = 0; i < d->letter.count; i++) {
		letter_log(&d->letter, i, d->env->conf, d->setup_us);
		result_make(d, &d->letter.rcpts[i], &results[i]);
	}
	d->fn(d->arg, results, d->letter.count,
	    d->reached ? d->host
		       : destination_names(d->arena, d->destinations[0]));
	delivery_free(d);
}

static void
finish(struct delivery *d)
{
	session_part(d);
	d->filter = letter_filter(d->env, &d->letter, told, d);
	if (d->filter == NULL)
		told(d);
}

/* The host that is being tried, or NULL. */
static const struct target *
target(const struct delivery *d)
{
	const struct destination *at = d->destinations[d->site_at];

	return at == NULL ? NULL : destination_target(at, d->target_at);
}

static void
refuse(struct delivery *d, const struct why *why)
{
	letter_word_for_rest(&d->letter, target(d), why, true);
	finish(d);
}

static bool
is_last_site(const struct delivery *d)
{
	return d->site_at + 1 == d->site_count;
}

static void site_begin(struct delivery *d);

static void
site_next(struct delivery *d)
{
	if (letter_decided(&d->letter) || is_last_site(d)) {
		finish(d);
		return;
	}
	d->site_at++;
	site_begin(d);
}

static void target_begin(struct delivery *d);

/* smtp_mx_address_limit and smtp_mx_session_limit are for hosts that are away
 * or unwilling: where one lacks an extension, another that has it is worth the
 * look, before the letter goes back. */
static void
target_count(struct delivery *d)
{
	if (letter_is_lacking(&d->letter, target(d)) &&
	    d->spared < SPARED_MAX) {
		d->spared++;
		d->sessions -= d->counted;
	} else {
		d->addresses++;
	}
	d->counted = false;
}

static void
target_next(struct delivery *d)
{
	const struct destination *at = d->destinations[d->site_at];
	int most = d->env->conf->smtp_mx_session_limit;

	target_count(d);
	session_part(d);
	d->target_at++;
	if (letter_decided(&d->letter) ||
	    d->target_at == destination_count(at) ||
	    d->addresses >= destination_limit(at) ||
	    (most > 0 && d->sessions >= most))
		site_next(d);
	else
		target_begin(d);
}

static void
session_ready(void *arg)
{
	struct delivery *d = arg;

	d->sessions++;
	d->counted = true;
	if (!d->reached)
		d->host = destination_host_name(d->arena, target(d));
	d->reached = true;
	session_send(d->session, &d->letter);
}

static void
session_sent(void *arg)
{
	struct delivery *d = arg;

	d->waited = false;
	if (letter_untried(&d->letter))
		session_send(d->session, &d->letter);
	else
		target_next(d);
}

static void session_begin(struct delivery *d, bool old_will_do);

static void
session_over(void *arg, const struct why *why)
{
	struct delivery *d = arg;

	if (d->waited && session_was_stale(d->session)) {
		d->sessions--; /* it was none */
		session_close(&d->session);
		session_begin(d, false);
		return;
	}
	if (session_tls_broke(d->session)) {
		log_info("trying %s again without TLS", target(d)->text);
		session_close(&d->session);
		d->setup.tls = LEVEL_NONE;
		session_begin(d, false);
		return;
	}
	if (session_chunk_broke(d->session)) {
		log_info("trying %s again without BDAT", target(d)->text);
		session_close(&d->session);
		d->setup.no_chunks = true;
		d->sessions -= d->counted;
		session_begin(d, false);
		return;
	}
	if (session_greeted(d->session) && !d->counted) {
		d->sessions++;
		d->counted = true;
	}
	if (d->letter.required && session_tls_unfit(d->session))
		letter_lacks(&d->letter, target(d), buf_span(&why->text));
	else
		letter_word_for_rest(&d->letter, target(d), why, true);
	target_next(d);
}

/* A connection that waits will do, unless one has just failed. */
static void
session_begin(struct delivery *d, bool old_will_do)
{
	static const struct session_calls calls = { session_ready, session_sent,
		session_over };

	letter_untry(&d->letter);
	d->counted = false;
	if (old_will_do && d->env->cache != NULL)
		d->session = cache_take(d->env->cache, &d->setup);
	d->waited = d->session != NULL;
	if (d->session == NULL) {
		d->session = session_open(d->env, &d->setup, &calls, d);
		return;
	}
	session_rebind(d->session, &calls, d);
	session_ready(d);
}

static void
host_unfit(struct delivery *d, const char *what)
{
	struct why why;

	why_init(&why);
	why_set(&why, "4.7.5", "%s for %s", what, target(d)->text);
	letter_untry(&d->letter);
	letter_word_for_rest(&d->letter, target(d), &why, false);
	why_free(&why);
	target_next(d);
}

/* TLS as the domain's MTA-STS policy wants it. DANE goes before (RFC 8461, 2),
 * and so does what main.cf says of certificates. */
static void
sts_apply(struct delivery *d)
{
	bool enforce = d->sts.policy.mode == STS_ENFORCE;
	struct span domain = d->setup.domain;

	if (!sts_binds(&d->sts) || d->setup.tls >= LEVEL_VERIFY) {
		session_begin(d, true);
		return;
	}
	d->setup.policy = TLSRPT_STS;
	if (!sts_names(&d->sts, span_str(target(d)->host))) {
		log_warning("MTA-STS policy of %.*s, %s: no word of host %s",
		    (int)domain.n, domain.p, sts_mode_name(d->sts.policy.mode),
		    target(d)->text);
		tlsrpt_tell_host(d->env, &d->setup, TLSRPT_VALIDATION_FAILURE,
		    "host is not in the policy");
		if (enforce) {
			host_unfit(d, "MTA-STS policy has no word");
			return;
		}
	}
	if (enforce)
		d->setup.tls = LEVEL_VERIFY;
	d->setup.sts = d->setup.tls != LEVEL_NONE;
	session_begin(d, true);
}

static bool
sts_enforced(const struct delivery *d)
{
	return sts_binds(&d->sts) && d->sts.policy.mode == STS_ENFORCE;
}

/* REQUIRETLS without DANE: a certificate for the name, which an MTA-STS policy
 * or DNSSEC vouches for. */
static void
required_begin(struct delivery *d)
{
	if (sts_enforced(d)) {
		d->setup.tls = LEVEL_MAY; /* becomes more */
		sts_apply(d);
		return;
	}
	d->setup.tls = LEVEL_VERIFY;
	d->setup.match = SPAN("hostname");
	session_begin(d, true);
}

static void
dane_came(void *arg, const struct dane *found)
{
	struct delivery *d = arg;
	bool only = d->policy.level == LEVEL_DANE_ONLY;

	d->dane_query = NULL;
	if (found->result != DANE_NONE)
		d->setup.policy = TLSRPT_TLSA;
	if (found->result == DANE_TROUBLE) {
		tlsrpt_tell_host(d->env, &d->setup, TLSRPT_DNSSEC_INVALID,
		    "TLSA lookup error");
		host_unfit(d, "TLSA lookup error");
		return;
	}
	/* an MX record that is not validated may be anybody's */
	if (only && (found->result != DANE_FOUND || !target(d)->mx_secure)) {
		tlsrpt_tell_host(d->env, &d->setup, TLSRPT_DANE_REQUIRED, NULL);
		host_unfit(d, "no usable TLSA records");
		return;
	}
	if (d->letter.required && found->result != DANE_FOUND) {
		required_begin(d);
		return;
	}
	d->setup.tls = found->result == DANE_FOUND ? LEVEL_TLSA
	    : found->result == DANE_UNUSABLE       ? LEVEL_ENCRYPT
						   : LEVEL_MAY;
	d->setup.tlsa = found->list;
	d->setup.tlsa_count = found->count;
	d->setup.tlsa_base = found->base;
	sts_apply(d);
}

/* False: there are none, and this host will not do. */
static bool
fingerprints_take(struct delivery *d)
{
	struct span match = d->policy.match;

	if (match.n == 0)
		match = span_str(d->env->conf->smtp_tls_fingerprint_cert_match);
	d->setup.tlsa_count =
	    fingerprint_parse(d->arena, match, &d->setup.tlsa);
	if (d->setup.tlsa_count == 0) {
		host_unfit(d, "no usable fingerprints");
		return false;
	}
	d->setup.tls = LEVEL_TLSA;
	d->setup.tlsa_base = span_str(target(d)->host);
	return true;
}

/* False: this host will not do, and the letter has its word. */
static bool
level_set(struct delivery *d, enum tls_level *level)
{
	const struct target *t = target(d);
	struct level_facts facts = { .policy = d->policy.level,
		.target = t,
		.lmtp = d->lmtp,
		.letter = &d->letter,
		.off = d->env->conf->tls_must == NULL,
		.sts_vouches =
		    sts_enforced(d) && sts_names(&d->sts, span_str(t->host)) };
	const char *lack = level_choose(&facts, level, &d->letter.required);

	if (lack != NULL)
		letter_lacks(&d->letter, target(d), span_str(lack));
	return lack == NULL;
}

static void
target_begin(struct delivery *d)
{
	const struct smtp_conf *c = d->env->conf;
	enum tls_level level;
	struct span domain;

	letter_untry(&d->letter);
	d->counted = false;
	if (!level_set(d, &level)) {
		target_next(d);
		return;
	}
	d->letter.target = target(d);
	d->setup = (struct session_setup){
		.target = target(d),
		.lmtp = d->lmtp,
		.tls = level,
		.domain = destination_domain(d->destinations[d->site_at]),
		.nexthop = d->sites[d->site_at],
		.match = d->policy.match,
		.anchors = d->policy.anchors,
		.qid = d->request.qid,
		.queued_s = (clock_wall_us() - d->request.arrival_us) / 1000000,
		.protocols = d->policy.protocols,
		.ciphers = d->policy.ciphers,
		.exclude = d->policy.exclude,
		.servername = d->policy.servername,
		.reuse = d->policy.reuse,
		.reported = d->env->tlsrpt != NULL && target(d)->path == NULL &&
		    !d->lmtp &&
		    destination_is_domain(
			d->env, d->sites[d->site_at], &domain),
		.sender = c->smtp_sender_dependent_authentication
		    ? d->letter.sender
		    : SPAN(""),
	};
	if (level == LEVEL_FINGERPRINT && !fingerprints_take(d))
		return;
	if (smtp_is_dane(level))
		d->dane_query =
		    dane_find(d->env, target(d), d->arena, dane_came, d);
	else
		sts_apply(d);
}

static void
found(void *arg, struct destination *destination, const struct why *why)
{
	struct delivery *d = arg;

	d->destinations[d->site_at] = destination;
	if (why != NULL) {
		letter_word_for_rest(
		    &d->letter, target(d), why, is_last_site(d));
		site_next(d);
		return;
	}
	if (d->setup_us == 0)
		d->setup_us = clock_wall_us();
	target_begin(d);
}

static void
hosts_begin(struct delivery *d)
{
	d->destinations[d->site_at] =
	    destination_find(d->env, d->sites[d->site_at], d->lmtp, found, d);
}

static void
sts_came(void *arg, const struct sts_answer *answer)
{
	struct delivery *d = arg;
	struct why why;

	d->sts_query = NULL;
	if (!answer->trouble) {
		d->sts = *answer;
		hosts_begin(d);
		return;
	}
	why_init(&why);
	why_set(&why, "4.7.5", "MTA-STS policy cannot be had from service sts");
	letter_word_for_rest(&d->letter, target(d), &why, false);
	why_free(&why);
	site_next(d);
}

/* Does MTA-STS have a say in this site? Not where a table has, or main.cf
 * wants more. */
static bool
sts_wanted(const struct delivery *d, struct span *domain)
{
	enum tls_level level = d->policy.level;

	return d->env->sts != NULL && !d->lmtp && !d->policy.listed &&
	    (d->letter.flags & QUEUE_TLS_OPTIONAL) == 0 &&
	    (level < LEVEL_VERIFY || level == LEVEL_DANE) &&
	    destination_is_domain(d->env, d->sites[d->site_at], domain);
}

static void
policy_came(void *arg, const struct policy *policy, const struct why *why)
{
	struct delivery *d = arg;
	struct span domain;

	d->policy_query = NULL;
	if (policy == NULL) {
		letter_word_for_rest(
		    &d->letter, target(d), why, is_last_site(d));
		site_next(d);
		return;
	}
	d->policy = *policy;
	if (sts_wanted(d, &domain))
		d->sts_query = sts_find(d->env, domain, d->arena, sts_came, d);
	else
		hosts_begin(d);
}

static void
site_begin(struct delivery *d)
{
	letter_untry(&d->letter);
	d->sts = (struct sts_answer){ .found = false };
	d->tried = true;
	d->target_at = 0;
	d->sessions = 0;
	d->addresses = d->spared = 0;
	d->policy_query =
	    policy_find(d->env, d->sites[d->site_at], d->arena, policy_came, d);
}

/* The message can be read, and there is a next hop; else why. */
static bool
message_open(struct delivery *d, struct why *why)
{
	const struct delivery_request *r = &d->request;
	size_t told = 0;

	if ((r->flags & QUEUE_CHECK) == 0 ||
	    qread_check(r->fd, r->content_size, r->crc) == 0)
		d->message = way_open(r, d->arena, &told);
	d->letter.message = d->message;
	if (d->message == NULL)
		why_set(why, "4.3.0", "queue file: %s",
		    errno == EBADMSG ? "it is damaged" : strerror(errno));
	else if (d->site_count == 0)
		why_set(why, "5.4.4",
		    "no next hop, and no domain in the "
		    "address");
	else
		return r->via.n == 0 ||
		    way_is_new(&d->letter, r->via, told, why);
	return false;
}

static bool
wants_generic(const struct delivery *d)
{
	const struct smtp_conf *c = d->env->conf;

	if (d->env->lookup == NULL)
		return false;
	return *c->smtp_generic_maps != '\0' ||
	    (*c->srs_domain != '\0' && !d->lmtp && d->letter.sender.n > 0 &&
		generic_is_forwarded(&d->letter));
}

static void
generic_came(void *arg, const struct why *why)
{
	struct delivery *d = arg;

	d->generic_query = NULL;
	if (why == NULL)
		site_begin(d);
	else
		refuse(d, why);
}

static void
addresses_begin(struct delivery *d)
{
	if (wants_generic(d))
		d->generic_query = generic_start(
		    d->env, &d->letter, d->arena, generic_came, d);
	else
		site_begin(d);
}

static void
body_came(void *arg, const struct why *why)
{
	struct delivery *d = arg;

	d->body_query = NULL;
	if (why == NULL)
		addresses_begin(d);
	else
		refuse(d, why);
}

static void
body_begin(struct delivery *d)
{
	if (d->env->lookup != NULL && body_wanted(d->env->conf))
		d->body_query = body_start(
		    d->env, &d->letter, d->request.qid, body_came, d);
	else
		addresses_begin(d);
}

static void
checks_came(void *arg, const struct why *why)
{
	struct delivery *d = arg;

	d->checks_query = NULL;
	if (why == NULL)
		body_begin(d);
	else
		refuse(d, why);
}

static void
begin(void *arg)
{
	struct delivery *d = arg;
	struct why why;
	bool good;

	why_init(&why);
	good = message_open(d, &why);
	if (!good)
		refuse(d, &why);
	why_free(&why);
	if (!good)
		return;
	if (d->env->lookup != NULL && *d->env->conf->smtp_header_checks != '\0')
		d->checks_query = checks_start(
		    d->env, &d->letter, d->request.qid, checks_came, d);
	else
		body_begin(d);
}

static void
sites_add(struct delivery *d, struct span list)
{
	struct span word;

	while (d->site_count < SITES_MAX && span_word(&list, ", \t\r\n", &word))
		d->sites[d->site_count++] = destination_ascii(d->arena, word);
}

static void
sites_make(struct delivery *d)
{
	const struct delivery_request *r = &d->request;
	struct span first = r->rcpt_count > 0 ? r->rcpts[0].address : SPAN("");

	if (r->nexthop.n > 0)
		sites_add(d, r->nexthop);
	else
		sites_add(d, span_skip(first, span_rfind(first, '@') + 1));
	sites_add(d, span_str(d->env->conf->smtp_fallback_relay));
}

struct delivery *
delivery_start(const struct smtp_env *env,
    const struct delivery_request *request, bool lmtp, delivery_fn *fn,
    void *arg)
{
	struct delivery *d = mem_new(sizeof(*d));

	d->env = env;
	d->arena = arena_new();
	d->lmtp = lmtp;
	d->fn = fn;
	d->arg = arg;
	letter_request_copy(d->arena, request, &d->request);
	letter_make(d->arena, &d->request, &d->letter);
	sites_make(d);
	d->now = loop_timer_new(env->loop, begin, d);
	loop_timer_set(d->now, 0);
	return d;
}
