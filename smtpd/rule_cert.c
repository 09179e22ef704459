/*
 * rule_cert.c - restrictions on the client's certificate
 *
 * A fingerprint in a table vouches for itself; a name needs an authority.
 */

#include "smtpd/access.h"
#include "smtpd/facts.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "tls/tls_peer.h"

static void
keys_of(const struct tls_peer *peer, struct access_keys *out)
{
	const struct span both[] = { buf_span(&peer->fingerprint),
		buf_span(&peer->key_fingerprint) };

	out->count = 0;
	for (size_t i = 0; i < 2; i++)
		if (both[i].n > 0)
			out->keys[out->count++] = both[i];
}

enum verdict
rule_certs_listed(struct policy *p, const struct rule *r)
{
	struct session *s = policy_session(p);
	struct access_keys keys;

	(void)r;
	if (s->peer == NULL)
		return NEXT;
	keys_of(s->peer, &keys);
	for (size_t i = 0; i < keys.count; i++) {
		const struct fact_value *f =
		    fact_value(s, "relay_clientcerts", keys.keys[i]);

		if (f == NULL)
			return WAIT;
		if (f->trouble)
			return policy_trouble(p,
			    (struct policy_about){ span_str(s->client.label),
				policy_class_client });
		if (f->found)
			return PERMIT;
	}
	return NEXT;
}

enum verdict
rule_certs_all(struct policy *p, const struct rule *r)
{
	const struct session *s = policy_session(p);

	(void)r;
	return s->peer != NULL && s->peer->trusted ? PERMIT : NEXT;
}

enum verdict
rule_check_cert(struct policy *p, const struct rule *r)
{
	const struct session *s = policy_session(p);
	struct access_keys keys;

	if (s->peer == NULL)
		return NEXT;
	keys_of(s->peer, &keys);
	return rule_access_check(p, r, &keys,
	    (struct policy_about){
		span_str(s->client.label), "Client certificate" });
}
