/* conf.c - what login takes from main.cf and Courier's files */

#include "login/conf.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "config/courier.h"
#include "config/param.h"
#include "config/places.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct login_conf, field)

static const struct param rows[] = {
	{ P(STR, myhostname), "", "name given in the greeting" },
	{ P(STR, mydomain), "", "domain in the webmail's log" },
	{ P(BOOL, tls_wrappermode), "no", "TLS from the first byte (imaps)" },
	{ P(STR, smtpd_tls_cert_file), "", "certificate chain, PEM" },
	{ P(STR, smtpd_tls_key_file), "$smtpd_tls_cert_file",
	    "its private key" },
	{ P(STR, smtpd_tls_protocols), "", "TLS versions" },
	{ P(STR, smtpd_tls_ciphers), "medium", "grade of the ciphers" },
	{ P(BOOL, smtpd_tls_ask_ccert), "no", "ask for a client certificate" },
	{ P(STR, smtpd_tls_CAfile), "", "CAs for client certificates" },
	{ P(STR, smtpd_tls_CApath), "",
	    "folder of CAs for client certificates" },
	{ P(STR, smtpd_tls_fingerprint_digest), "sha256",
	    "digest of certificate fingerprints" },
	{ P(STR, auth_oauth_server), "",
	    "introspection service of this machine; empty: no OAuth" },
	{ P(STR, login_clientcerts), "",
	    "certificates that log in (EXTERNAL), and as whom" },
	{ P(STR, tls_high_cipherlist), "aNULL:-aNULL:HIGH:@STRENGTH",
	    "ciphers of grade high" },
	{ P(STR, tls_medium_cipherlist),
	    "aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH",
	    "ciphers of grade medium" },
	{ P(STR, tls_ssl_options), "", "OpenSSL option bits" },
	{ P(STR, tls_server_sni_maps), "",
	    "certificate per requested server name" },
	{ P(STR, login_protocol), "",
	    "imap, pop3 or sieve; empty: as the service's name says" },
	{ P(STR, login_plaintext), "loopback",
	    "passwords without TLS: never, loopback or always" },
	{ P(TIME, login_timeout), "180s", "time to log in", .min = 5,
	    .max = 3600 },
	{ P(INT, login_session_limit), "20000",
	    "clients of one process before they log in", .min = 1,
	    .max = 1000000 },
	{ P(INT, login_client_limit), "50",
	    "sessions not logged in for one address; loopback is free; 0: no "
	    "limit",
	    .min = 0, .max = 1000000 },
	{ P(BOOL, imap_acl), "yes", "folders may be shared with other users" },
	{ P(TIME, imap_park_after), "1m",
	    "how long a client is silent, or waits in IDLE, before login keeps "
	    "it without a process; 0: never",
	    .max = 86400 },
	{ P(INT, imap_park_limit), "20000",
	    "clients that one process keeps so; 0: none", .min = 0,
	    .max = 1000000 },
	{ P(STR, imap_proxy_maps), "", "users whose mail is on another host" },
	{ P(STR, pop3_proxy_maps), "", "the same for POP3" },
	{ P(STR, sieve_proxy_maps), "", "the same for ManageSieve" },
	{ P(INT, login_proxy_limit), "10000",
	    "clients of other hosts in one process", .min = 1, .max = 1000000 },
	{ P(TIME, login_proxy_timeout), "30s", "time to log in to another host",
	    .min = 1, .max = 3600 },
	{ P(TIME, login_proxy_idle_timeout), "40m",
	    "how long a client of another host and that host may be silent; "
	    "0: for ever",
	    .max = 86400 },
	{ P(STR, login_proxy_tls_security_level), "verify",
	    "TLS to other hosts: none, may, encrypt or verify" },
	{ P(STR, login_proxy_tls_CAfile), "$smtp_tls_CAfile",
	    "CAs of other hosts' certificates" },
	{ P(STR, login_proxy_tls_CApath), "$smtp_tls_CApath",
	    "folder of CAs of other hosts' certificates" },
	{ P(STR, login_proxy_tls_protocols), ">=TLSv1.2",
	    "TLS versions to other hosts" },
	{ P(STR, login_proxy_tls_ciphers), "medium",
	    "grade of the ciphers to other hosts" },
	{ P(STR, login_trusted_networks), "",
	    "hosts whose word counts for who their clients are" },
	{ P(STR, login_upstream_proxy_protocol), "",
	    "haproxy: clients begin with a PROXY header" },
	{ P(STR, login_upstream_proxy_networks), "",
	    "load balancers that begin so; empty: all" },
	{ P(TIME, login_upstream_proxy_timeout), "5s",
	    "wait for the PROXY header", .min = 1, .max = 3600 },
	{ P(TIME, pop3_login_delay), "0",
	    "time between two logins of a POP3 user", .max = 86400 },
	{ P(STR, pop3_expire), "never",
	    "days that mail stays after POP3 has read it; never" },
	{ P(INT, sieve_max_redirects), "5",
	    "redirects of a script for a message", .min = 0, .max = 100 },
	{ P(TIME, webmail_linger), "10s",
	    "how long an imapd waits for a webmail user's next page; 0: not",
	    .max = 3600 },
	{ P(STR, webmail_users), "www-data",
	    "accounts that may speak for the webmail" },
	{ .name = NULL },
};

const struct param *const login_params = rows;

static void
plaintext_take(struct login_conf *conf)
{
	struct span word = span_str(conf->login_plaintext);

	if (span_iis(word, "never"))
		conf->plaintext = PLAINTEXT_NEVER;
	else if (span_iis(word, "loopback"))
		conf->plaintext = PLAINTEXT_LOOPBACK;
	else if (span_iis(word, "always"))
		conf->plaintext = PLAINTEXT_ALWAYS;
	else
		log_fatal("login_plaintext = %s: want never, loopback or "
			  "always",
		    conf->login_plaintext);
}

bool
login_conf_pop3(const struct login_conf *conf, const char *service)
{
	static const char *const names[] = { "pop3", "pop3s", "pop-3", "110",
		"995" };
	struct span word = span_str(conf->login_protocol);
	const char *colon = strrchr(service, ':');

	if (span_iis(word, "pop3"))
		return true;
	if (span_iis(word, "imap") || span_iis(word, "sieve"))
		return false;
	if (word.n > 0)
		log_fatal("login_protocol = %s: want imap, pop3 or sieve",
		    conf->login_protocol);
	word = span_str(colon == NULL ? service : colon + 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_iis(word, names[i]))
			return true;
	return false;
}

bool
login_conf_sieve(const struct login_conf *conf, const char *service)
{
	const char *colon = strrchr(service, ':');
	struct span word = span_str(colon == NULL ? service : colon + 1);

	if (*conf->login_protocol != '\0')
		word = span_str(conf->login_protocol);
	return span_iis(word, "sieve") || span_iis(word, "managesieve") ||
	    span_iis(word, "4190");
}

static struct courier *
load(const char *folder, enum place which)
{
	struct buf path = BUF_EMPTY;
	struct courier *c;
	struct why why;

	why_init(&why);
	(void)places_find(folder, which, &path);
	c = courier_load(buf_str(&path), true, &why);
	if (c == NULL)
		log_fatal("%s", why_text(&why));
	buf_free(&path);
	why_free(&why);
	return c;
}

/* The two files of a protocol. */
struct pair {
	struct courier *ssl, *plain;
};

/* Courier's shell reads the plain file first, then the other. */
static const char *
get(const struct pair *p, const char *name)
{
	const char *value = courier_get(p->ssl, name);

	return value != NULL ? value : courier_get(p->plain, name);
}

static bool
yes(const struct pair *p, const char *name, bool otherwise)
{
	struct courier *c =
	    courier_get(p->ssl, name) != NULL ? p->ssl : p->plain;
	bool value = otherwise;
	struct why why;

	why_init(&why);
	if (!courier_yes(c, name, otherwise, &value, &why))
		log_fatal("%s", why_text(&why));
	why_free(&why);
	return value;
}

/* A certificate that Courier's files name but that is not there (its package
 * makes one that an upgrade may have taken away) leaves that of main.cf. */
static void
certificate_take(struct login_conf *conf, const struct pair *p, struct arena *a)
{
	const char *file = get(p, "TLS_CERTFILE");
	const char *key = get(p, "TLS_PRIVATE_KEYFILE");

	conf->cert_file = conf->smtpd_tls_cert_file;
	conf->key_file = conf->smtpd_tls_key_file;
	if (file == NULL || file[0] == '\0')
		return;
	if (conf->cert_file[0] != '\0' && access(file, R_OK) == -1) {
		log_warning("TLS_CERTFILE=%s: %s; smtpd_tls_cert_file of "
			    "main.cf is used",
		    file, strerror(errno));
		return;
	}
	conf->cert_file = arena_str(a, file);
	conf->key_file =
	    key != NULL && key[0] != '\0' ? arena_str(a, key) : conf->cert_file;
}

/* Courier's TLS_VERIFYPEER and TLS_TRUSTCERTS (a file or a folder), else what
 * main.cf says for the mail server. */
static void
clients_take(struct login_conf *conf, const struct pair *p, struct arena *a)
{
	const char *verify = get(p, "TLS_VERIFYPEER");
	const char *trust = get(p, "TLS_TRUSTCERTS");
	struct span word = span_str(verify == NULL ? "" : verify);
	struct stat st;

	conf->ask_client = conf->smtpd_tls_ask_ccert ? ASK : ASK_NOBODY;
	conf->ca_file = conf->smtpd_tls_CAfile;
	conf->ca_folder = conf->smtpd_tls_CApath;
	if (word.n == 0 || span_iis(word, "NONE"))
		return;
	if (span_iis(word, "PEER"))
		conf->ask_client = ASK;
	else if (span_iis(word, "REQUIREPEER"))
		conf->ask_client = ASK_AND_REQUIRE;
	else
		log_fatal("TLS_VERIFYPEER=%s: want NONE, PEER or REQUIREPEER",
		    verify);
	if (trust == NULL || trust[0] == '\0')
		return;
	conf->ca_file = conf->ca_folder = "";
	if (stat(trust, &st) == 0 && S_ISDIR(st.st_mode))
		conf->ca_folder = arena_str(a, trust);
	else
		conf->ca_file = arena_str(a, trust);
}

bool
login_conf_proxies(struct login_conf *conf, const char *maps)
{
	if (!proxy_tls_parse(
		span_trim(span_str(conf->login_proxy_tls_security_level)),
		&conf->proxy_tls_level))
		log_fatal("login_proxy_tls_security_level = %s: want none, "
			  "may, encrypt or verify",
		    conf->login_proxy_tls_security_level);
	return maps[0] != '\0';
}

/* TLS_PROTOCOL is the least version; "++" forbids clients to renegotiate, which
 * nobody may here. Without TLS from the first octet TLS_STARTTLS_PROTOCOL
 * counts first. */
static void
protocols_take(struct login_conf *conf, const struct pair *p)
{
	static const struct {
		const char *word, *protocols;
	} versions[] = { { "SSL23", ">=TLSv1" }, { "TLS1", ">=TLSv1" },
		{ "TLSv1", ">=TLSv1" }, { "TLSv1.1", ">=TLSv1.1" },
		{ "TLSv1.1++", ">=TLSv1.1" }, { "TLSv1.2", ">=TLSv1.2" },
		{ "TLSv1.2++", ">=TLSv1.2" }, { "TLSv1.3", ">=TLSv1.3" } };
	const char *word =
	    conf->tls_wrappermode ? NULL : get(p, "TLS_STARTTLS_PROTOCOL");

	if (word == NULL || word[0] == '\0')
		word = get(p, "TLS_PROTOCOL");
	conf->tls_protocols = conf->smtpd_tls_protocols;
	if (word == NULL || word[0] == '\0')
		return;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (!span_iis(span_str(word), versions[i].word))
			continue;
		conf->tls_protocols = versions[i].protocols;
		return;
	}
	log_warning("TLS_PROTOCOL=%s: want TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3; "
		    "smtpd_tls_protocols of main.cf is used",
	    word);
}

static void
ciphers_take(struct login_conf *conf, const struct pair *p, struct arena *a)
{
	const char *list = get(p, "TLS_CIPHER_LIST");

	conf->cipher_list =
	    list == NULL || list[0] == '\0' ? NULL : arena_str(a, list);
}

void
login_conf_courier(
    struct login_conf *conf, const char *folder, struct arena *a, bool pop3)
{
	struct pair p = { load(
			      folder, pop3 ? PLACE_POP3D_SSL : PLACE_IMAPD_SSL),
		load(folder, pop3 ? PLACE_POP3D : PLACE_IMAPD) };

	plaintext_take(conf);
	certificate_take(conf, &p, a);
	clients_take(conf, &p, a);
	protocols_take(conf, &p);
	ciphers_take(conf, &p, a);
	if (yes(&p, pop3 ? "POP3_TLS_REQUIRED" : "IMAP_TLS_REQUIRED", false))
		conf->plaintext = PLAINTEXT_NEVER;
	if (!pop3)
		conf->imap_acl = yes(&p, "IMAP_ACL", conf->imap_acl);
	conf->starttls = pop3
	    ? yes(&p, "POP3_STARTTLS", yes(&p, "POP3DSTARTTLS", true))
	    : yes(&p, "IMAPDSTARTTLS", true);
	courier_free(&p.ssl);
	courier_free(&p.plain);
}
