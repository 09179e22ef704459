/*
 * main.c - sts, who knows the MTA-STS policies of other domains
 *
 * It asks the DNS and HTTPS servers for them and keeps them on disk, for a
 * policy binds until it expires, whatever happens between. Its two files and
 * the authorities are opened before the jail; after it no file can be.
 */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/why.h"
#include "os/slots.h"
#include "service/service.h"
#include "sts/conf.h"
#include "sts/fetch.h"
#include "sts/serve.h"
#include "tls/tls_client.h"

static struct sts_conf conf;
static struct fetch_env env;
static struct slots *slots, *reports;
static struct sts *sts;

static void
open_all(void)
{
	struct tls_client_conf tls = { .protocols = ">=TLSv1.2",
		.ciphers = "medium",
		.exclude_ciphers = "",
		.ca_file = conf.mta_sts_CAfile };
	struct why why;

	why_init(&why);
	env.tls = tls_client_new(&tls, NULL, &why);
	if (env.tls == NULL)
		log_fatal("mta_sts_CAfile: %s", why_text(&why));
	if (mkdir(conf.data_directory, 0755) == -1 && errno != EEXIST)
		log_fatal("data_directory = %s: %s", conf.data_directory,
		    strerror(errno));
	slots = slots_open(conf.data_directory, "mta-sts");
	reports = slots_open(conf.data_directory, "tlsrpt");
	if (slots == NULL || reports == NULL)
		log_fatal("data_directory = %s: %s", conf.data_directory,
		    strerror(errno));
	why_free(&why);
}

static void
protocols_find(void)
{
	struct span list = span_str(conf.inet_protocols), word;

	while (span_word(&list, ", \t\r\n", &word)) {
		bool all = span_iis(word, "all");

		env.inet4 |= all || span_iis(word, "ipv4");
		env.inet6 |= all || span_iis(word, "ipv6");
	}
}

static void
serve(void)
{
	protocols_find();
	env.loop = service_loop();
	env.resolver = service_channel("resolver");
	env.port = (uint16_t)conf.mta_sts_https_port;
	env.limit_ms = conf.mta_sts_fetch_timeout * 1000;
	sts = sts_new(&conf, &env, slots, reports,
	    conf.smtp_tlsrpt_enable && conf.tlsrpt_send
		? service_channel("pickup")
		: NULL);
	for (size_t i = 0; i < service_listeners(); i++)
		sts_serve(
		    sts, service_listener(i)->fd, service_listener(i)->label);
}

static bool
idle(void)
{
	if (!sts_idle(sts))
		return false;
	sts_flush(sts);
	return true;
}

static void
drain(void)
{
	sts_drain(sts);
	service_exit_when(idle);
}

int
main(int argc, char **argv)
{
	static const struct service service = {
		.program = "sts",
		.params = sts_params,
		.conf = &conf,
		.before_jail = open_all,
		.profile = SANDBOX_CLIENT,
		.serve_many = serve,
		.drain = drain,
	};

	return service_main(&service, argc, argv);
}
