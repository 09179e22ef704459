/*
 * main.c - smtp, who hands mail to other hosts by SMTP and LMTP
 *
 * One event loop for all deliveries. Mail comes as read-only descriptors from
 * qmgr; certificates of authorities are read before the jail, and after it no
 * file can be opened.
 */

#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/key_call.h"
#include "service/service.h"
#include "smtp/body.h"
#include "smtp/cache.h"
#include "smtp/conf.h"
#include "smtp/env.h"
#include "smtp/serve.h"
#include "tls/context.h"

enum { KEYS_LIMIT_MS = 5000 };

static struct smtp_conf conf;
static struct smtp_env env;
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

static void
complete(void)
{
	struct tls_signer signer = { key_client_sign, NULL };
	struct why why;

	why_init(&why);
	conf.lmtp = strcmp(service_name(), "lmtp") == 0;
	if (conf.lmtp)
		ident_for_lmtp();
	if (conf.smtp_tls_cert_file[0] != '\0')
		signer.arg =
		    key_client_new(service_path("keys"), KEYS_LIMIT_MS);
	if (!smtp_conf_complete(&conf, &signer, &why))
		log_fatal("%s", why_text(&why));
	why_free(&why);
}

static void
serve(void)
{
	bool tables = conf.smtp_sasl_password_maps[0] != '\0' ||
	    conf.smtp_tls_policy_maps[0] != '\0' ||
	    conf.smtp_header_checks[0] != '\0' || body_wanted(&conf) ||
	    conf.smtp_generic_maps[0] != '\0' || conf.srs_domain[0] != '\0';

	env.conf = &conf;
	env.loop = service_loop();
	env.resolver = service_channel("resolver");
	env.connector = service_channel("connector");
	env.sts = conf.smtp_mta_sts_enable && !conf.lmtp
	    ? service_channel("sts")
	    : NULL;
	env.tlsrpt = conf.smtp_tlsrpt_enable && !conf.lmtp
	    ? service_channel("sts")
	    : NULL;
	env.lookup = tables ? service_channel("lookup") : NULL;
	if (conf.smtp_connection_cache_on_demand)
		env.cache = cache_new(env.loop, &conf);
	smtp = smtp_new(&env);
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
