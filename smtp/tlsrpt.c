/*
 * tlsrpt.c - how TLS to a host went, told to sts
 *
 * RFC 8460: a session counts for the policy under which it was made; the text
 * of TLSA records goes along, an MTA-STS policy is known to sts.
 */

#include "smtp/tlsrpt.h"

#include <string.h>

#include "base/buf.h"
#include "calls/tlsrpt_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "os/sock.h"
#include "smtp/destination.h"
#include "smtp/env.h"
#include "smtp/inside.h"
#include "tls/conn.h"

/* "3 1 1 ab12..." */
static void
records_print(const struct session_setup *setup, struct buf *out)
{
	for (size_t i = 0; i < setup->tlsa_count; i++) {
		const struct tls_tlsa *r = &setup->tlsa[i];
		struct span data = r->data;

		if (out->n + 2 * data.n + 16 > TLSRPT_POLICY_MAX)
			return;
		buf_printf(out, "%s%u %u %u ", i > 0 ? "\n" : "", r->usage,
		    r->selector, r->matching);
		for (size_t k = 0; k < data.n; k++)
			buf_printf(out, "%02x", (unsigned)span_at(data, k));
	}
}

static void
tell(const struct smtp_env *env, const struct session_setup *setup,
    struct tlsrpt_event *e)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf policy = BUF_EMPTY, address = BUF_EMPTY;

	address_print(&address, &setup->target->address);
	e->domain = setup->domain;
	e->type = setup->policy;
	e->host = span_str(setup->target->host);
	e->address = buf_span(&address);
	if (setup->policy == TLSRPT_TLSA)
		records_print(setup, &policy);
	e->policy = buf_span(&policy);
	tlsrpt_event_put(&o, e);
	channel_tell(env->tlsrpt, &o);
	packet_done(&o);
	buf_free(&policy);
	buf_free(&address);
}

void
tlsrpt_tell_host(const struct smtp_env *env, const struct session_setup *setup,
    enum tlsrpt_result result, const char *text)
{
	struct tlsrpt_event e = { .result = result, .text = span_str(text) };

	if (env->tlsrpt != NULL && setup->reported)
		tell(env, setup, &e);
}

void
tlsrpt_tell(
    const struct session *s, enum tlsrpt_result result, const char *text)
{
	struct tlsrpt_event e = { .result = result, .text = span_str(text) };
	struct buf local = BUF_EMPTY;
	struct address a;

	if (s->env->tlsrpt == NULL || !s->setup.reported)
		return;
	if (s->conn != NULL &&
	    sock_local(tls_stream_fd(conn_stream(s->conn)), &a))
		address_print(&local, &a);
	e.local = buf_span(&local);
	tell(s->env, &s->setup, &e);
	buf_free(&local);
}

enum tlsrpt_result
tlsrpt_doubt(enum tlsrpt_type type, const char *doubt)
{
	if (strstr(doubt, "expired") != NULL)
		return TLSRPT_CERTIFICATE_EXPIRED;
	if (strstr(doubt, "ostname mismatch") != NULL)
		return TLSRPT_CERTIFICATE_HOST_MISMATCH;
	return type == TLSRPT_TLSA ? TLSRPT_VALIDATION_FAILURE
				   : TLSRPT_CERTIFICATE_NOT_TRUSTED;
}
