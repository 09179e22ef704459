/*
 * smtpd.c - what all sessions of the process share, made from main.cf
 *
 * All that reads files happens here, before the jail.
 */

#include "smtpd/smtpd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/offers.h"
#include "config/networks.h"
#include "config/overrides.h"
#include "config/param.h"
#include "config/rewriting.h"
#include "maps/sni_map.h"
#include "os/clock.h"
#include "os/loop.h"
#include "sasl/sasl_server.h"
#include "service/balancer.h"
#include "smtpd/check_run.h"
#include "smtpd/cidr_list.h"
#include "smtpd/conf.h"
#include "smtpd/debug_peer.h"
#include "smtpd/filter_mail.h"
#include "smtpd/limits.h"
#include "smtpd/mauth.h"
#include "smtpd/milters.h"
#include "smtpd/policy.h"
#include "smtpd/policy_server.h"
#include "smtpd/proxy.h"
#include "smtpd/screen.h"
#include "smtpd/session.h"
#include "tls/tls_peer.h"
#include "tls/tls_server.h"

enum { SESSIONS_MAX = 20000, FILES_BESIDE = 64, ADDRESSES_MAX = 256 };

/* Say which parameter why is about. */
static void
about(struct why *why, const char *parameter)
{
	struct why whole;

	why_init(&whole);
	why_set(&whole, "4.3.5", "%s: %s", parameter, why_text(why));
	why_copy(why, &whole);
	why_free(&whole);
}

static bool
lists_make(struct smtpd *s, struct why *why)
{
	const struct smtpd_conf *c = s->conf;
	struct {
		const char *parameter, *text;
		struct cidr_list **list;
	} lists[] = {
		{ "mynetworks", c->mynetworks, &s->mynetworks },
		{ "smtpd_client_event_limit_exceptions",
		    c->smtpd_client_event_limit_exceptions, &s->unlimited },
		{ "smtpd_sasl_exceptions_networks",
		    c->smtpd_sasl_exceptions_networks, &s->auth_hidden },
		{ "smtpd_forbid_bare_newline_exclusions",
		    c->smtpd_forbid_bare_newline_exclusions, &s->bare_newline },
		{ "permit_mx_backup_networks", c->permit_mx_backup_networks,
		    &s->mx_backup },
		{ "smtpd_upstream_proxy_networks",
		    c->smtpd_upstream_proxy_networks, &s->proxies_from },
		{ "smtpd_authorized_xclient_hosts",
		    c->smtpd_authorized_xclient_hosts, &s->xclient },
		{ "smtpd_authorized_xforward_hosts",
		    c->smtpd_authorized_xforward_hosts, &s->xforward },
		{ "smtpd_authorized_verp_clients",
		    c->smtpd_authorized_verp_clients, &s->verp },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		*lists[i].list = cidr_list_new(span_str(lists[i].text), why);
		if (*lists[i].list == NULL) {
			about(why, lists[i].parameter);
			return false;
		}
	}
	return true;
}

/* The end of the content is CR LF "." CR LF, whatever is said. */
static bool
newline_known(struct smtpd *s, struct why *why)
{
	static const struct {
		const char *word;
		bool taken;
	} words[] = { { "yes", false }, { "reject", false }, { "true", false },
		{ "on", false }, { "normalize", true }, { "note", true },
		{ "no", true }, { "false", true }, { "off", true } };
	struct span set =
	    span_trim(span_str(s->conf->smtpd_forbid_bare_newline));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!span_iis(set, words[i].word))
			continue;
		s->bare_newline_taken = words[i].taken;
		return true;
	}
	why_set(why, "4.3.5",
	    "smtpd_forbid_bare_newline = %s: wanted yes, reject, normalize, "
	    "note or no",
	    s->conf->smtpd_forbid_bare_newline);
	return false;
}

/* This machine's addresses, for permit_inet_interfaces. */
static bool
own_make(struct smtpd *s, struct why *why)
{
	struct network *rows = mem_array(ADDRESSES_MAX, sizeof(*rows));
	size_t n = networks_of_machine(rows, ADDRESSES_MAX);
	struct buf text = BUF_EMPTY;

	n = networks_select(rows, n, span_str(s->conf->inet_interfaces),
	    span_str(s->conf->inet_protocols));
	networks_text(rows, n, NETWORKS_HOST, &text);
	s->own = cidr_list_new(buf_span(&text), why);
	buf_free(&text);
	free(rows);
	return s->own != NULL;
}

static void
limits_make(struct smtpd *s)
{
	const struct smtpd_conf *c = s->conf;
	struct limits_conf limits = {
		.unit_ms = c->anvil_rate_time_unit * 1000,
		.ipv6_prefix = (unsigned)c->smtpd_client_ipv6_prefix_length,
		.count = (unsigned)c->smtpd_client_connection_count_limit,
		.rate = {
			[LIMIT_CONNECTIONS] =
			    (unsigned)c->smtpd_client_connection_rate_limit,
			[LIMIT_MESSAGES] =
			    (unsigned)c->smtpd_client_message_rate_limit,
			[LIMIT_RECIPIENTS] =
			    (unsigned)c->smtpd_client_recipient_rate_limit,
			[LIMIT_AUTH] =
			    (unsigned)c->smtpd_client_auth_rate_limit,
			[LIMIT_TLS] = (unsigned)
			    c->smtpd_client_new_tls_session_rate_limit,
		},
	};
	struct rlimit files;

	s->limits = limits_new(&limits);
	s->session_max = SESSIONS_MAX;
	/* one for the client, one for its message */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	    files.rlim_cur < 2 * SESSIONS_MAX + FILES_BESIDE)
		s->session_max = files.rlim_cur > 4 * FILES_BESIDE
		    ? (unsigned)((files.rlim_cur - FILES_BESIDE) / 2)
		    : FILES_BESIDE;
}

static bool
listed(const char *list, const char *word)
{
	struct span rest = span_str(list), item;

	while (param_list_next(&rest, &item))
		if (span_iis(item, word))
			return true;
	return false;
}

static void
classes_check(const struct smtpd_conf *c)
{
	static const char known[] =
	    "sendmail, smtpd, qmqpd, forward, bounce, notify, verify, all";
	struct span rest = span_str(c->smtputf8_autodetect_classes), item;

	while (param_list_next(&rest, &item)) {
		struct span all = span_str(known), word;
		bool found = false;

		while (!found && param_list_next(&all, &word))
			found = span_ieq(item, word);
		if (!found)
			log_warning("smtputf8_autodetect_classes: \"%.*s\" is "
				    "none of %s",
			    (int)item.n, item.p, known);
	}
}

static const char *const table_names[SMTPD_TABLES] = { "pop_before_smtp_maps",
	"rbl_reply_maps", "smtpd_command_filter",
	"smtpd_discard_ehlo_keyword_address_maps", "smtpd_dns_reply_filter",
	"smtpd_greylist_maps", "smtpd_reject_footer_maps",
	"smtpd_sender_login_maps" };

const char *
smtpd_table(const struct smtpd *s, const char *name)
{
	for (size_t i = 0; i < SMTPD_TABLES; i++)
		if (s->tables[i] != NULL && strcmp(name, table_names[i]) == 0)
			return s->tables[i];
	return name;
}

unsigned
smtpd_features(const struct smtpd *s, struct span discarded)
{
	static const struct {
		const char *keyword;
		unsigned feature;
	} keywords[] = {
		{ "pipelining", FEATURE_PIPELINING },
		{ "size", FEATURE_SIZE },
		{ "vrfy", FEATURE_VRFY },
		{ "etrn", FEATURE_ETRN },
		{ "limits", FEATURE_LIMITS },
		{ "starttls", FEATURE_STARTTLS },
		{ "auth", FEATURE_AUTH },
		{ "enhancedstatuscodes", FEATURE_ENHANCED },
		{ "8bitmime", FEATURE_8BITMIME },
		{ "chunking", FEATURE_CHUNKING },
		{ "dsn", FEATURE_DSN },
		{ "smtputf8", FEATURE_SMTPUTF8 },
		{ "requiretls", FEATURE_REQUIRETLS },
		{ "futurerelease", FEATURE_FUTURE },
		{ "xverp", FEATURE_VERP },
	};
	unsigned features = 0;
	struct span item;

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		features |= keywords[i].feature;
	while (param_list_next(&discarded, &item))
		for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]);
		     i++)
			if (span_iis(item, keywords[i].keyword))
				features &= ~keywords[i].feature;
	if (s->conf->disable_vrfy_command)
		features &= ~(unsigned)FEATURE_VRFY;
	/* which needs the other (RFC 6531, 3.1) */
	if (!s->conf->smtputf8_enable || (features & FEATURE_8BITMIME) == 0)
		features &= ~(unsigned)FEATURE_SMTPUTF8;
	if (!s->conf->requiretls_enable)
		features &= ~(unsigned)FEATURE_REQUIRETLS;
	/* what no filter would keep for us */
	if (s->filter)
		features &= ~(unsigned)(FEATURE_REQUIRETLS | FEATURE_FUTURE |
		    FEATURE_VERP);
	return features;
}

static void
features_make(struct smtpd *s)
{
	s->features =
	    smtpd_features(s, span_str(s->conf->smtpd_discard_ehlo_keywords));
	classes_check(s->conf);
	s->autodetect_utf8 = s->conf->smtputf8_enable &&
	    (listed(s->conf->smtputf8_autodetect_classes, "smtpd") ||
		listed(s->conf->smtputf8_autodetect_classes, "all"));
}

static void
rewrite_make(struct smtpd *s)
{
	struct span rest = span_str(s->conf->local_header_rewrite_clients);
	struct span item;

	while (param_list_next(&rest, &item)) {
		if (span_iis(item, "permit_inet_interfaces"))
			s->rewrite |= REWRITE_OWN;
		else if (span_iis(item, "permit_mynetworks"))
			s->rewrite |= REWRITE_MYNETWORKS;
		else if (span_iis(item, "permit_sasl_authenticated"))
			s->rewrite |= REWRITE_AUTHENTICATED;
		else
			log_warning("local_header_rewrite_clients: \"%.*s\" "
				    "is not available",
			    (int)item.n, item.p);
	}
}

static bool
digest_known(const struct smtpd *s, struct why *why)
{
	const char *name = s->conf->smtpd_tls_fingerprint_digest;

	if (tls_digest_known(name))
		return true;
	why_set(why, "4.3.5",
	    "smtpd_tls_fingerprint_digest = %s: no digest of that name", name);
	return false;
}

static bool
security_make(struct smtpd *s, struct why *why)
{
	const struct smtpd_conf *c = s->conf;
	const struct {
		const char *parameter, *text;
		unsigned *barred;
	} both[] = {
		{ "smtpd_sasl_security_options", c->smtpd_sasl_security_options,
		    &s->sasl_barred },
		{ "smtpd_sasl_tls_security_options",
		    c->smtpd_sasl_tls_security_options, &s->sasl_tls_barred },
	};
	struct span bad;

	for (size_t i = 0; i < 2; i++) {
		if (sasl_security_parse(
			span_str(both[i].text), both[i].barred, &bad))
			continue;
		why_set(why, "4.3.5",
		    "%s: \"%.*s\" is none of noplaintext, noactive, "
		    "nodictionary, noanonymous, forward_secrecy, mutual_auth",
		    both[i].parameter, (int)bad.n, bad.p);
		return false;
	}
	return true;
}

static bool
proxy_known(const struct smtpd *s, struct why *why)
{
	const char *name = s->conf->smtpd_upstream_proxy_protocol;

	if (balancer_known(span_str(name)))
		return true;
	why_set(why, "4.3.5",
	    "smtpd_upstream_proxy_protocol = %s: haproxy is wanted", name);
	return false;
}

static bool
protocol_make(struct smtpd *s, struct why *why)
{
	struct span name = span_trim(span_str(s->conf->smtpd_protocol));

	s->lmtp = span_iis(name, "lmtp");
	if (s->lmtp || span_iis(name, "smtp"))
		return true;
	why_set(why, "4.3.5", "smtpd_protocol = %.*s: smtp or lmtp is wanted",
	    (int)name.n, name.p);
	return false;
}

static bool
level_make(struct smtpd *s, struct why *why)
{
	const struct smtpd_conf *c = s->conf;
	struct span level = span_trim(span_str(c->smtpd_tls_security_level));

	if (span_iis(level, "encrypt") || c->smtpd_tls_wrappermode ||
	    (level.n == 0 && c->smtpd_enforce_tls)) {
		s->tls_level = TLS_MUST;
	} else if (span_iis(level, "may") ||
	    (level.n == 0 && c->smtpd_use_tls)) {
		s->tls_level = TLS_MAY;
	} else if (level.n == 0 || span_iis(level, "none")) {
		s->tls_level = TLS_OFF;
	} else {
		why_set(why, "4.3.5",
		    "smtpd_tls_security_level = %s: none, may or encrypt is "
		    "wanted",
		    c->smtpd_tls_security_level);
		return false;
	}
	return true;
}

static void
certificate_add(struct tls_server_conf *t, const char *chain, const char *key)
{
	if (chain[0] == '\0' || strcmp(chain, "none") == 0 ||
	    t->certificate_count == TLS_CERTIFICATES_MAX)
		return;
	t->certificates[t->certificate_count++] =
	    (struct tls_certificate){ chain, key[0] == '\0' ? chain : key };
}

static void
tls_conf_make(struct smtpd *s, struct tls_server_conf *t)
{
	const struct smtpd_conf *c = s->conf;
	bool must = s->tls_level == TLS_MUST;
	struct span rest = span_str(c->smtpd_tls_chain_files), item;

	*t = (struct tls_server_conf){
		.protocols = must ? c->smtpd_tls_mandatory_protocols
				  : c->smtpd_tls_protocols,
		.ciphers = must ? c->smtpd_tls_mandatory_ciphers
				: c->smtpd_tls_ciphers,
		.exclude_ciphers = arena_printf(s->arena, "%s %s",
		    c->smtpd_tls_exclude_ciphers,
		    must ? c->smtpd_tls_mandatory_exclude_ciphers : ""),
		.tuning = { c->tls_high_cipherlist, c->tls_medium_cipherlist,
		    c->tls_ssl_options },
		.prefer_own_ciphers = c->tls_preempt_cipherlist,
		.ask_client = c->smtpd_tls_ask_ccert || c->smtpd_tls_req_ccert,
		.client_ca_file = c->smtpd_tls_CAfile,
		.client_ca_folder = c->smtpd_tls_CApath,
		.verify_depth = c->smtpd_tls_ccert_verifydepth,
	};
	while (param_list_next(&rest, &item)) {
		const char *file = arena_span_str(s->arena, item);

		certificate_add(t, file, file);
	}
	/* as in Postfix: chain files make the others moot */
	if (t->certificate_count > 0)
		return;
	certificate_add(t, c->smtpd_tls_cert_file, c->smtpd_tls_key_file);
	certificate_add(t, c->smtpd_tls_eccert_file, c->smtpd_tls_eckey_file);
}

/* tls_server_sni_maps; on trouble without them. */
static void
sni_add(struct smtpd *s, struct tls_server_conf *t)
{
	struct sni_row *rows = NULL;
	struct tls_sni *sni;
	size_t count = 0;
	struct why why;

	why_init(&why);
	if (!sni_map_read(
		s->conf->tls_server_sni_maps, s->arena, &rows, &count, &why)) {
		log_warning("tls_server_sni_maps: %s", why_text(&why));
		count = 0;
	}
	sni = arena_array(s->arena, count, sizeof(*sni));
	for (size_t i = 0; i < count; i++)
		sni[i] = (struct tls_sni){ rows[i].name, rows[i].files };
	t->sni = sni;
	t->sni_count = count;
	why_free(&why);
}

/* Mail goes on without TLS when there is no certificate. */
static void
tls_make(struct smtpd *s, const struct tls_signer *signer)
{
	struct tls_server_conf conf;
	struct why why;

	if (s->tls_level == TLS_OFF)
		return;
	tls_conf_make(s, &conf);
	if (conf.certificate_count == 0) {
		log_info("no certificate (smtpd_tls_cert_file): "
			 "STARTTLS is not offered");
		return;
	}
	sni_add(s, &conf);
	why_init(&why);
	s->tls = tls_server_new(&conf, signer, &why);
	if (s->tls == NULL)
		log_warning("%s: disabling TLS support", why_text(&why));
	why_free(&why);
}

struct smtpd *
smtpd_new(const struct smtpd_conf *conf, struct loop *loop,
    const struct main_cf *m, const struct tls_signer *signer, struct why *why)
{
	struct smtpd *s = mem_new(sizeof(*s));

	s->conf = conf;
	s->loop = loop;
	s->arena = arena_new();
	s->scratch = arena_new();
	s->service = "smtp";
	s->born = clock_wall();
	s->bytes = check_params_bytes(s->arena, &conf->check);
	s->checks = check_params_conf(s->arena, &conf->check);
	s->milter_checks = check_conf_milters(s->arena, conf);
	s->proxies = proxy_new(s);
	s->policy_servers = policy_servers_new(loop, conf);
	list_init(&s->sessions);
	limits_make(s);
	for (size_t i = 0; m != NULL && i < SMTPD_TABLES; i++)
		s->tables[i] = main_cf_table(m, s->arena, table_names[i]);
	rewrite_make(s);
	s->overrides =
	    overrides_parse(span_str(conf->receive_override_options));
	s->rewrite_always = rewriting_wanted(m);
	s->rewrite_rcpts = rewriting_wants_rcpts(m);
	if (!filter_conf(s, why) || !lists_make(s, why) ||
	    !newline_known(s, why) || !own_make(s, why) ||
	    !level_make(s, why) || !security_make(s, why) ||
	    !proxy_known(s, why) || !protocol_make(s, why) ||
	    !digest_known(s, why) ||
	    (s->screening = screening_new(s, why)) == NULL ||
	    (s->debug_peers = debug_peers_new(
		 s->arena, span_str(conf->debug_peer_list), why)) == NULL ||
	    (s->mauth = mauth_conf_new(s->arena, conf, why)) == NULL ||
	    (s->milters = milters_conf(s->arena, conf, why)) == NULL ||
	    (s->rules = rules_new(s->arena, conf, m, why)) == NULL) {
		smtpd_free(&s);
		return NULL;
	}
	/* a connection to each milter, or to the filter, for each client */
	s->session_max = (unsigned)(2 * s->session_max /
	    (2 + milters_most(s) + (s->filter ? 1 : 0)));
	features_make(s);
	tls_make(s, signer);
	return s;
}

void
smtpd_free(struct smtpd **sp)
{
	struct smtpd *s = *sp;

	if (s == NULL)
		return;
	s->draining = false;
	while (!list_empty(&s->sessions)) {
		struct session *gone =
		    LIST_OF(s->sessions.next, struct session, in);

		session_free(&gone);
	}
	cidr_list_free(&s->mynetworks);
	cidr_list_free(&s->own);
	cidr_list_free(&s->unlimited);
	cidr_list_free(&s->auth_hidden);
	cidr_list_free(&s->bare_newline);
	cidr_list_free(&s->mx_backup);
	cidr_list_free(&s->proxies_from);
	cidr_list_free(&s->xclient);
	cidr_list_free(&s->xforward);
	cidr_list_free(&s->verp);
	offers_free(&s->offers);
	limits_free(&s->limits);
	policy_servers_free(&s->policy_servers);
	balancer_free(&s->proxies);
	screening_free(&s->screening);
	debug_peers_free(&s->debug_peers);
	mauth_conf_free(&s->mauth);
	tls_context_free(&s->tls);
	arena_free(&s->scratch);
	arena_free(&s->arena);
	free(s);
	*sp = NULL;
}

void
smtpd_drained(struct smtpd *s)
{
	if (s->draining && s->drained != NULL && s->session_count == 0 &&
	    !balancer_waiting(s->proxies))
		s->drained();
}

void
smtpd_drain(struct smtpd *s, bool hard, void (*drained)(void))
{
	struct list *next;

	s->stopping = s->stopping || hard;
	for (struct list *at = s->sessions.next; at != &s->sessions;
	     at = next) {
		struct session *c = LIST_OF(at, struct session, in);

		next = at->next;
		if (hard && c->mail == NULL && !c->busy)
			session_dismiss(c, REPLY_SHUTDOWN);
	}
	s->draining = true;
	s->drained = drained;
	if (hard)
		balancer_close(s->proxies);
	smtpd_drained(s);
}
