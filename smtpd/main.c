/* main.c - smtpd: SMTP with clients and other servers */

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/key_call.h"
#include "calls/offers.h"
#include "service/notice.h"
#include "service/service.h"
#include "smtpd/conf.h"
#include "smtpd/policy_server.h"
#include "smtpd/smtpd.h"
#include "tls/context.h"

enum { KEYS_LIMIT_MS = 5000 };

static struct smtpd_conf conf;
static struct smtpd *smtpd;
static struct listen **listens;

/* Certificates and lists are read while files can be. */
static void
open_all(void)
{
	struct tls_signer signer = { key_client_sign,
		key_client_new(service_path("keys"), KEYS_LIMIT_MS) };
	struct why why;

	why_init(&why);
	smtpd =
	    smtpd_new(&conf, service_loop(), service_main_cf(), &signer, &why);
	if (smtpd == NULL)
		log_fatal("%s", why_text(&why));
	why_free(&why);
	smtpd->service = service_name();
}

static void
serve(void)
{
	smtpd->qmgr = service_channel("qmgr");
	smtpd->bounce = service_channel("bounce");
	smtpd->notify = notice_classes(conf.notify_classes) & NOTICE_SMTPD;
	smtpd->lookup = service_channel("lookup");
	smtpd->resolver = service_channel("resolver");
	smtpd->auth = service_channel("auth");
	smtpd->keys = service_channel("keys");
	smtpd->verify = service_channel("verify");
	if (conf.smtpd_sasl_auth_enable)
		smtpd->offers = offers_new(smtpd->auth);
	smtpd->connector = service_channel("connector");
	policy_servers_dialler(smtpd->policy_servers, smtpd->connector);
	for (size_t i = 0; smtpd->lmtp && i < service_listeners(); i++)
		if (span_ends(span_str(service_listener(i)->label), ":25"))
			log_fatal("smtpd_protocol = lmtp: not on port 25 (RFC "
				  "2033, 5)");
	listens = mem_array(service_listeners(), sizeof(*listens));
	for (size_t i = 0; i < service_listeners(); i++)
		listens[i] = listen_new(
		    smtpd, service_listener(i)->fd, service_listener(i)->inet);
}

static void
drain(void)
{
	for (size_t i = 0; i < service_listeners(); i++)
		listen_free(&listens[i]);
	smtpd_drain(smtpd, service_stopping(), service_exit);
}

int
main(int argc, char **argv)
{
	static const struct service service = {
		.program = "smtpd",
		.params = smtpd_params,
		.conf = &conf,
		.before_jail = open_all,
		.profile = SANDBOX_FRONT,
		.serve_many = serve,
		.drain = drain,
	};

	return service_main(&service, argc, argv);
}
