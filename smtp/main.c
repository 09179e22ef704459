/*
 * main.c - smtp, who hands mail to other hosts by SMTP and LMTP
 *
 * One event loop for all deliveries. Mail comes as read-only descriptors from
 * qmgr; certificates of authorities are read before the jail, and after it no
 * file can be opened.
 */

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/key_call.h"
#include "service/notice.h"
#include "service/service.h"
#include "smtp/body.h"
#include "smtp/cache.h"
#include "smtp/conf.h"
#include "smtp/env.h"
#include "smtp/refusals.h"
#include "smtp/serve.h"
#include "tls/context.h"

enum { KEYS_LIMIT_MS = 5000 };

/* of SMTP and of LMTP; a service "lmtp" has the second alone */
static struct smtp_conf conf, lmtp_conf;
static struct smtp_env env, lmtp_env;
static struct arena *strings;
static struct smtp *smtp;

/* "postfix/smtp" is "postfix/lmtp" for that service, as log readers expect. */
static void
ident_for_lmtp(void)
{
	struct buf ident = BUF_EMPTY;
	struct span old = span_str(log_ident());

	buf_add_span(&ident, span_head(old, span_rfind(old, '/')));
	buf_add_str(&ident, "/lmtp");
	log_ident_set(buf_str(&ident));
	buf_free(&ident);
}

static bool
is_lmtp(void)
{
	return strcmp(service_name(), "lmtp") == 0 ||
	    strcasecmp(conf.smtp_protocol, "lmtp") == 0;
}

static void
complete(void)
{
	struct tls_signer signer = { key_client_sign, NULL };
	struct why why;

	why_init(&why);
	strings = arena_new();
	if (!smtp_conf_fill_lmtp(service_main_cf(), strings, &lmtp_conf, &why))
		log_fatal("%s", why_text(&why));
	smtp_conf_find_tables(service_main_cf(), strings, &conf);
	smtp_conf_find_tables(service_main_cf(), strings, &lmtp_conf);
	if (is_lmtp())
		ident_for_lmtp();
	if (smtp_conf_has_key(&conf) || smtp_conf_has_key(&lmtp_conf))
		signer.arg =
		    key_client_new(service_path("keys"), KEYS_LIMIT_MS);
	if ((!is_lmtp() && !smtp_conf_complete(&conf, &signer, &why)) ||
	    !smtp_conf_complete(&lmtp_conf, &signer, &why))
		log_fatal("%s", why_text(&why));
	why_free(&why);
}

static bool
wants_tables(const struct smtp_conf *c)
{
	return c->smtp_sasl_password_maps[0] != '\0' ||
	    c->smtp_tls_policy_maps[0] != '\0' ||
	    c->smtp_header_checks[0] != '\0' || body_wanted(c) ||
	    c->smtp_delivery_status_filter[0] != '\0' ||
	    c->smtp_generic_maps[0] != '\0' || c->srs_domain[0] != '\0' ||
	    c->smtp_discard_ehlo_keyword_address_maps[0] != '\0' ||
	    c->smtp_dns_reply_filter[0] != '\0' ||
	    c->smtp_pix_workaround_maps[0] != '\0' ||
	    c->smtp_reply_filter[0] != '\0';
}

static void
env_make(struct smtp_env *e, const struct smtp_conf *c)
{
	e->conf = c;
	e->loop = service_loop();
	e->resolver = service_channel("resolver");
	e->bounce = (notice_classes(c->notify_classes) & NOTICE_PROTOCOL) != 0
	    ? service_channel("bounce")
	    : NULL;
	e->connector = service_channel("connector");
	e->sts =
	    c->smtp_mta_sts_enable && !c->lmtp ? service_channel("sts") : NULL;
	e->tlsrpt =
	    c->smtp_tlsrpt_enable && !c->lmtp ? service_channel("sts") : NULL;
	e->lookup = wants_tables(c) ? service_channel("lookup") : NULL;
	if (c->smtp_connection_cache_on_demand || c->cached != NULL)
		e->cache = cache_new(e->loop, c);
	if (c->smtp_sasl_auth_cache_name[0] != '\0')
		e->refusals = refusals_new(c->smtp_sasl_auth_cache_time);
}

static void
serve(void)
{
	env_make(&lmtp_env, &lmtp_conf);
	if (!is_lmtp())
		env_make(&env, &conf);
	smtp = smtp_new(is_lmtp() ? &lmtp_env : &env, &lmtp_env);
	for (size_t i = 0; i < service_listeners(); i++)
		smtp_serve(
		    smtp, service_listener(i)->fd, service_listener(i)->label);
}

/* When nothing is under way: part from the servers as one should. */
static bool
idle(void)
{
	if (!smtp_idle(smtp))
		return false;
	if (env.cache != NULL)
		cache_clear(env.cache);
	if (lmtp_env.cache != NULL)
		cache_clear(lmtp_env.cache);
	return true;
}

static void
drain(void)
{
	smtp_drain(smtp);
	service_exit_when(idle);
}

int
main(int argc, char **argv)
{
	static const struct service service = {
		.program = "smtp",
		.params = smtp_params,
		.conf = &conf,
		.before_jail = complete,
		.profile = SANDBOX_CLIENT,
		.serve_many = serve,
		.drain = drain,
	};

	return service_main(&service, argc, argv);
}
