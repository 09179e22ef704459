/* conf.c - what auth takes from main.cf and Courier's files */

#include "auth/conf.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/number.h"
#include "base/why.h"
#include "config/courier.h"
#include "config/param.h"
#include "config/places.h"
#include "service/service.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct auth_conf, field)

static const struct param rows[] = {
	{ P(STR, data_directory), "/var/lib/facteur",
	    "tables that daemons write" },
	{ P(STR, home_mailbox), "", "mailbox below the home" },
	{ P(STR, mydomain), "", "local domain" },
	{ P(STR, myhostname), "", "this machine's name" },
	{ P(INT, auth_cache_limit), "10000", "right passwords remembered",
	    .min = 1, .max = 1000000 },
	{ P(TIME, auth_cache_time), "0s",
	    "how long a right password is not checked again; 0: it is",
	    .min = 0, .max = 3600 },
	{ P(STR, auth_user_database), "hash:/etc/facteur/userdb",
	    "users with a password of their own (authuserdb)" },
	{ P(STR, auth_user_maps), "", "users in databases that lookup asks" },
	{ P(STR, auth_scram), "auto",
	    "offer SCRAM: no, yes, or auto: when a user has a verifier" },
	{ P(INT, auth_scram_iterations), "10000",
	    "iterations of new SCRAM verifiers", .min = 4096, .max = 1000000 },
	{ P(STR, auth_master_user_database), "",
	    "who may log in as others; empty: nobody" },
	{ P(STR, auth_master_user_separator), "",
	    "what stands between a user's name and a master's" },
	{ P(STR, auth_oauth_audience), "",
	    "whom tokens must be meant for; empty: whoever" },
	{ P(STR, auth_oauth_authorization_file), "",
	    "what the introspection service is told to let auth ask" },
	{ P(INT, auth_oauth_cache_limit), "10000", "good tokens remembered",
	    .min = 1, .max = 1000000 },
	{ P(TIME, auth_oauth_cache_time), "5m",
	    "how long a good token is not asked about again", .min = 0,
	    .max = 86400 },
	{ P(STR, auth_oauth_openid_configuration), "",
	    "address told to clients whose token is not good" },
	{ P(STR, auth_oauth_path), "/introspect",
	    "path of the introspection service" },
	{ P(STR, auth_oauth_scope), "", "words that a token must grant" },
	{ P(STR, auth_oauth_server), "",
	    "introspection service of this machine; empty: no OAuth" },
	{ P(TIME, auth_oauth_timeout), "10s",
	    "time for the introspection service", .min = 1, .max = 25 },
	{ P(STR, auth_oauth_username_claim), "username",
	    "what of a token's claims is the user's name" },
	{ P(STR, imap_proxy_maps), "", "users whose mail is on another host" },
	{ P(STR, pop3_proxy_maps), "", "the same for POP3" },
	{ P(STR, sieve_proxy_maps), "", "the same for ManageSieve" },
	{ P(STR, login_proxy_password), "check",
	    "check: auth looks at passwords of users who are elsewhere; pass: "
	    "their host does" },
	{ P(INT, login_user_limit), "0",
	    "sessions of one user and protocol; 0: no limit", .min = 0,
	    .max = 1000000 },
	{ P(INT, mail_max_userip_connections), "0", "the same from one address",
	    .min = 0, .max = 1000000 },
	{ P(STR, login_clientcerts), "",
	    "certificates that log in (EXTERNAL), and as whom" },
	{ P(INT, auth_worker_limit), "4", "passwords checked at once", .min = 1,
	    .max = 1000 },
	{ P(TIME, auth_failure_delay), "2s",
	    "how late a refusal is told; grows with failures", .min = 0,
	    .max = 60 },
	{ P(TIME, pop_before_smtp_time), "20m",
	    "how long an address may relay after a login", .min = 0,
	    .max = 86400 },
	{ P(INT, pop_before_smtp_limit), "10000",
	    "addresses remembered at once", .min = 1, .max = 1000000 },
	{ P(STR, pop_before_smtp_maps), "", "logins that several hosts share" },
	{ P(INT, smtpd_greylist_limit), "100000", "entries of the greylist",
	    .min = 100, .max = 10000000 },
	{ P(TIME, webmail_ticket_idle), "1h", "life of an unused ticket",
	    .min = 60, .max = 864000 },
	{ P(TIME, webmail_ticket_life), "12h", "life of any ticket", .min = 60,
	    .max = 8640000 },
	{ .name = NULL },
};

const struct param *const auth_params = rows;

static struct courier *
load(enum place which, struct buf *path)
{
	struct courier *c;
	struct why why;

	why_init(&why);
	(void)places_find(main_cf_folder(service_main_cf()), which, path);
	c = courier_load(buf_str(path), true, &why);
	if (c == NULL)
		log_fatal("%s", why_text(&why));
	why_free(&why);
	return c;
}

bool
auth_conf_asks(const struct auth_conf *conf, enum auth_module module)
{
	for (unsigned i = 0; i < conf->module_count; i++)
		if (conf->modules[i] == module)
			return true;
	return false;
}

static void
module_add(struct auth_conf *conf, enum auth_module module)
{
	if (auth_conf_asks(conf, module))
		return;
	conf->modules[conf->module_count++] = module;
}

static bool
is_database(struct span word)
{
	static const char *const words[] = { "authmysql", "authpgsql",
		"authsqlite", "authldap", "authmaps" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_is(word, words[i]))
			return true;
	return false;
}

static void
modules_take(struct auth_conf *conf, const struct courier *c)
{
	const char *list = courier_get(c, "authmodulelist");
	struct span rest = span_str(list == NULL ? "authpam" : list), word;

	while (span_word(&rest, " \t,", &word)) {
		if (span_is(word, "authpam") || span_is(word, "authshadow") ||
		    span_is(word, "authpwd")) {
			module_add(conf, MODULE_PAM);
		} else if (span_is(word, "authuserdb")) {
			module_add(conf, MODULE_USERDB);
		} else if (is_database(word) &&
		    conf->auth_user_maps[0] != '\0') {
			module_add(conf, MODULE_MAPS);
		} else if (is_database(word)) {
			log_warning("%s, line %u: authmodulelist: \"%.*s\" "
				    "wants auth_user_maps in main.cf, passed "
				    "over",
			    courier_file(c), courier_line(c, "authmodulelist"),
			    (int)word.n, word.p);
		} else {
			log_warning("%s, line %u: authmodulelist: \"%.*s\" is "
				    "not available here, passed over",
			    courier_file(c), courier_line(c, "authmodulelist"),
			    (int)word.n, word.p);
		}
	}
	if (conf->module_count == 0)
		log_fatal("%s: authmodulelist names no module that is "
			  "available: authpam, authuserdb, authmysql, "
			  "authpgsql, authsqlite, authldap",
		    courier_file(c));
}

static void
scram_take(struct auth_conf *conf)
{
	struct span word = span_trim(span_str(conf->auth_scram));

	if (span_iis(word, "auto"))
		conf->scram = SCRAM_AUTO;
	else if (span_iis(word, "no"))
		conf->scram = SCRAM_NO;
	else if (span_iis(word, "yes"))
		conf->scram = SCRAM_YES;
	else
		log_fatal(
		    "auth_scram = %s: want auto, no or yes", conf->auth_scram);
}

static void
proxies_take(struct auth_conf *conf)
{
	struct span word = span_trim(span_str(conf->login_proxy_password));

	conf->proxy_unchecked = span_iis(word, "pass");
	if (!conf->proxy_unchecked && !span_iis(word, "check"))
		log_fatal("login_proxy_password = %s: want check or pass",
		    conf->login_proxy_password);
}

static void
oauth_take(struct auth_conf *conf, struct arena *a)
{
	struct why why;

	conf->has_oauth = conf->auth_oauth_server[0] != '\0';
	if (!conf->has_oauth)
		return;
	why_init(&why);
	if (!introspect_server_parse(span_str(conf->auth_oauth_server), a,
		&conf->oauth_server, &why))
		log_fatal("auth_oauth_server: %s", why_text(&why));
	why_free(&why);
	if (conf->auth_oauth_path[0] != '/' ||
	    span_find_any(span_str(conf->auth_oauth_path), " \t\r\n") <
		strlen(conf->auth_oauth_path))
		log_fatal("auth_oauth_path = %s: want a path that begins with "
			  "a slash",
		    conf->auth_oauth_path);
	if (conf->auth_oauth_username_claim[0] == '\0')
		log_fatal("auth_oauth_username_claim is empty");
}

/* MAXPERIP; it may be absent or empty. */
static int
per_ip(const struct courier *c)
{
	const char *text = courier_get(c, "MAXPERIP");
	int n = 0;

	if (text != NULL && text[0] != '\0' &&
	    !number_parse_int(span_str(text), 0, 1000000, &n))
		log_fatal("%s, line %u: MAXPERIP=%s: want a number",
		    courier_file(c), courier_line(c, "MAXPERIP"), text);
	return n;
}

void
auth_conf_courier(struct auth_conf *conf, struct arena *a)
{
	struct buf path = BUF_EMPTY;
	struct courier *daemon = load(PLACE_AUTHDAEMONRC, &path);
	struct courier *imapd = load(PLACE_IMAPD, &path);
	struct courier *pop3d = load(PLACE_POP3D, &path);
	const char *domain = courier_get(imapd, "DEFDOMAIN");
	const char *maildir = courier_get(imapd, "MAILDIRPATH");
	struct span home = span_str(conf->home_mailbox);

	if (conf->auth_master_user_separator[0] != '\0' &&
	    conf->auth_master_user_separator[1] != '\0')
		log_fatal("auth_master_user_separator = %s: want one character",
		    conf->auth_master_user_separator);
	scram_take(conf);
	proxies_take(conf);
	oauth_take(conf, a);
	modules_take(conf, daemon);
	if (domain == NULL)
		domain = courier_get(daemon, "DEFDOMAIN");
	conf->default_domain = arena_str(a,
	    domain == NULL         ? ""
		: domain[0] == '@' ? domain + 1
				   : domain);
	if (maildir != NULL && maildir[0] != '\0')
		conf->maildir = arena_str(a, maildir);
	else if (home.n > 1 && home.p[home.n - 1] == '/')
		conf->maildir = arena_span_str(a, span_head(home, home.n - 1));
	else
		conf->maildir = "Maildir";
	courier_free(&daemon);
	conf->imap_per_ip = per_ip(imapd);
	conf->pop3_per_ip = per_ip(pop3d);
	courier_free(&imapd);
	courier_free(&pop3d);
	buf_free(&path);
}
