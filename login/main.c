/* main.c - login: IMAP, POP3 and ManageSieve clients before authentication, and
 * their TLS */

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/key_call.h"
#include "calls/offers.h"
#include "config/param.h"
#include "ipc/channel.h"
#include "login/balanced.h"
#include "login/conf.h"
#include "login/login.h"
#include "login/relay.h"
#include "login/upstream.h"
#include "maps/sni_map.h"
#include "os/loop.h"
#include "service/service.h"
#include "tls/context.h"
#include "tls/tls_client.h"
#include "tls/tls_server.h"
#include "wire/pop3_policy.h"

enum { AUTH_LIMIT_MS = 120000, KEYS_LIMIT_MS = 5000 };
enum { PROXY_RESUME_S = 3600 };

static struct login_conf conf;
static struct login login = { .conf = &conf };
static struct loop_io *accepting[64];
static struct loop_timer *pausing[64];
static size_t numbers[64]; /* of the listeners */

enum { PAUSE_MS = 500 };

/* What log readers look for. */
static void
ident_set(bool pop3)
{
	if (login.protocol == &protocol_sieve)
		log_ident_set(
		    conf.tls_wrappermode ? "managesieve-ssl" : "managesieve");
	else if (conf.tls_wrappermode)
		log_ident_set(pop3 ? "pop3d-ssl" : "imapd-ssl");
	else
		log_ident_set(pop3 ? "pop3d" : "imapd");
}

/* tls_server_sni_maps; on trouble without them. */
static void
sni_add(struct tls_server_conf *c, struct arena *a)
{
	struct sni_row *rows = NULL;
	struct tls_sni *sni;
	struct why why;

	why_init(&why);
	if (!sni_map_read(
		conf.tls_server_sni_maps, a, &rows, &c->sni_count, &why)) {
		log_warning("tls_server_sni_maps: %s", why_text(&why));
		c->sni_count = 0;
	}
	c->sni = sni = arena_array(a, c->sni_count, sizeof(*sni));
	for (size_t i = 0; i < c->sni_count; i++)
		sni[i] = (struct tls_sni){ rows[i].name, rows[i].files };
	why_free(&why);
}

/* With Courier's list of ciphers. NULL: there is none, or it is not
 * OpenSSL's. */
static struct tls_context *
tls_of_courier(
    const struct tls_server_conf *main_cf, const struct tls_signer *signer)
{
	struct tls_server_conf c = *main_cf;
	struct tls_context *made;
	struct why why;

	if (conf.cipher_list == NULL)
		return NULL;
	c.ciphers = "high";
	c.tuning.high = conf.cipher_list;
	why_init(&why);
	made = tls_server_new(&c, signer, &why);
	if (made == NULL)
		log_warning("TLS_CIPHER_LIST=%s: %s; smtpd_tls_ciphers of "
			    "main.cf is used",
		    conf.cipher_list, why_text(&why));
	why_free(&why);
	return made;
}

static void
tls_open(void)
{
	struct arena *a = arena_new();
	struct tls_server_conf c = {
		.certificates = { { conf.cert_file, conf.key_file } },
		.certificate_count = 1,
		.protocols = conf.tls_protocols,
		.ciphers = conf.smtpd_tls_ciphers,
		.tuning = { conf.tls_high_cipherlist,
		    conf.tls_medium_cipherlist, conf.tls_ssl_options },
		.ask_client = conf.ask_client != ASK_NOBODY,
		.client_ca_file = conf.ca_file,
		.client_ca_folder = conf.ca_folder,
	};
	struct tls_signer signer = { key_client_sign, NULL };
	struct why why;

	signer.arg = key_client_new(service_path("keys"), KEYS_LIMIT_MS);
	if (conf.cert_file[0] == '\0') {
		if (conf.tls_wrappermode)
			log_fatal("tls_wrappermode wants a certificate: set "
				  "smtpd_tls_cert_file or TLS_CERTFILE");
		return;
	}
	sni_add(&c, a);
	why_init(&why);
	login.tls = tls_of_courier(&c, &signer);
	if (login.tls == NULL)
		login.tls = tls_server_new(&c, &signer, &why);
	if (login.tls == NULL)
		log_fatal("%s", why_text(&why));
	why_free(&why);
	arena_free(&a);
}

/* For hosts that have the mail of some users; nothing when there are none. */
static void
proxy_tls_open(void)
{
	const char *maps = login.protocol == &protocol_sieve
	    ? conf.sieve_proxy_maps
	    : login.protocol == &protocol_pop3 ? conf.pop3_proxy_maps
					       : conf.imap_proxy_maps;
	struct tls_client_conf c = {
		.protocols = conf.login_proxy_tls_protocols,
		.ciphers = conf.login_proxy_tls_ciphers,
		.exclude_ciphers = "",
		.ca_file = conf.login_proxy_tls_CAfile,
		.ca_path = conf.login_proxy_tls_CApath,
		.tuning = { conf.tls_high_cipherlist,
		    conf.tls_medium_cipherlist, conf.tls_ssl_options },
		.resume_s = PROXY_RESUME_S,
	};
	struct why why;

	if (!login_conf_proxies(&conf, maps))
		return;
	why_init(&why);
	login.proxy_tls = tls_client_new(&c, NULL, &why);
	if (login.proxy_tls == NULL)
		log_fatal("login_proxy_tls: %s", why_text(&why));
	why_free(&why);
}

static void
before_jail(void)
{
	bool pop3 = login_conf_pop3(&conf, service_name());

	login.loop = service_loop();
	login.protocol = pop3 ? &protocol_pop3 : &protocol_imap;
	if (login_conf_sieve(&conf, service_name()))
		login.protocol = &protocol_sieve;
	login.hello = conf.myhostname;
	if (!pop3_expire_parse(span_str(conf.pop3_expire), &conf.expire_days))
		log_fatal("pop3_expire = %s: wanted is never or a number of "
			  "days",
		    conf.pop3_expire);
	list_init(&login.sessions);
	list_init(&login.relays);
	list_init(&login.joiners);
	login.per_address = table_new();
	login_conf_courier(
	    &conf, main_cf_folder(service_main_cf()), arena_new(), pop3);
	ident_set(pop3);
	tls_open();
	proxy_tls_open();
	login.upstreams =
	    upstream_new("login_trusted_networks", conf.login_trusted_networks);
	balanced_open(&login);
	login.auth =
	    channel_new(login.loop, service_path("auth"), AUTH_LIMIT_MS);
	for (size_t i = 0; i < service_listeners(); i++) {
		const struct service_listener *l = service_listener(i);

		if (!l->inet)
			webmail_start(&login, l->fd, l->label);
	}
}

/* Without descriptors the same client would be refused again and again. */
static void
accept_ready(void *arg, unsigned ready)
{
	size_t i = *(const size_t *)arg;

	(void)ready;
	if (session_accept(&login, service_listener(i)->fd))
		return;
	loop_io_want(accepting[i], 0);
	loop_timer_set(pausing[i], PAUSE_MS);
}

static void
accept_again(void *arg)
{
	loop_io_want(accepting[*(const size_t *)arg], LOOP_READ);
}

static void
serve(void)
{
	login.offers = offers_new(login.auth);
	for (size_t i = 0; i < service_listeners(); i++) {
		const struct service_listener *l = service_listener(i);

		numbers[i] = i;
		if (!l->inet)
			continue;
		accepting[i] = loop_io_new(
		    login.loop, l->fd, LOOP_READ, accept_ready, &numbers[i]);
		pausing[i] =
		    loop_timer_new(login.loop, accept_again, &numbers[i]);
	}
}

/* Reload: clients that are logging in finish, relays go on to their end. Stop:
 * everybody is told. */
static void
drain(void)
{
	for (size_t i = 0; i < service_listeners(); i++) {
		loop_io_free(&accepting[i]);
		loop_timer_free(&pausing[i]);
	}
	webmail_drain(&login);
	relays_drain(&login);
	if (service_stopping()) {
		balanced_end(&login);
		while (!list_empty(&login.sessions))
			session_end(
			    LIST_OF(login.sessions.next, struct session, in),
			    "Server is shutting down");
		relays_end(&login);
	}
	login_drained(&login);
}

int
main(int argc, char **argv)
{
	struct service s = {
		.program = "login",
		.ident = "imapd",
		.plain_ident = true,
		.params = login_params,
		.conf = &conf,
		.before_jail = before_jail,
		.profile = SANDBOX_FRONT,
		.serve_many = serve,
		.drain = drain,
	};

	return service_main(&s, argc, argv);
}
