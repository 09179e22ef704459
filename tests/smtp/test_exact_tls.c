/* test_exact_tls.c - the SMTP client to the letter, where TLS is demanded by
 * the recipient's domain or the sender: RFC 7672 (DANE), 8461 (MTA-STS), 8689
 * (REQUIRETLS), a row for each rule
 *
 * The server's certificate is of mail.test, and of its own authority but where
 * a record names that. test_dane.c has what records of each kind mean,
 * test_fit.c more of REQUIRETLS.
 */

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/digest.h"
#include "calls/sts_call.h"
#include "tests/smtp/script.h"
#include "tests/tls/keys.h"

#define OFFER  GREET, "S 250-mx", "S 250 STARTTLS", "C STARTTLS\r\n"
#define SHAKES OFFER, "S 220 go", "TLS"
#define SECURE SHAKES, "C EHLO client.example\r\n", "S 250 mx"
#define TAKEN  SECURE, TAKES, QUIT, NULL
#define BARE   PLAIN, TAKES, QUIT, NULL
#define NEEDS \
	SHAKES, "C EHLO client.example\r\n", "S 250-mx", "S 250 REQUIRETLS", \
	    "C MAIL FROM:<a@client.example> REQUIRETLS\r\n", OK, RCPT1, OK, \
	    DATA, GO, "M", "S 250 2.0.0 Ok: queued as 1", QUIT, NULL

#define DANE "smtp_tls_security_level = dane\n"
#define MAY  "smtp_tls_security_level = may\n"
#define CA \
	"smtp_tls_CAfile = tests/data/tls/ec.crt\n" \
	"mta_sts_CAfile = tests/data/tls/ec.crt\n"
#define FINE \
	{ \
		DONE, "2.0.0", "" \
	}
#define LATER(status, text) \
	{ \
		DEFER, status, text \
	}

/* Hosts of d.example in the order of their preference, at 127.0.0.1 and 2. */
enum { HOSTS = 2 };
/* The right record, another one, one of no use; a look-up error. */
enum tlsa { NONE, GOOD, WRONG, ODD, TROUBLE };

static const struct row {
	const char *rule, *conf, *nexthop;
	unsigned flags;
	bool mx_secure;
	struct {
		const char *name; /* NULL: there is none */
		const char *real; /* where its alias leads, or NULL */
		enum tlsa tlsa, real_tlsa; /* of these two */
		unsigned usage; /* of a GOOD one; 0: 3 */
		const char *const *script; /* NULL: nobody connects */
	} hosts[HOSTS];
	enum sts_mode sts;
	const char *sts_mx; /* NULL: no policy */
	struct want want;
} rows[] = {
	/* ---- RFC 7672 */
	{ "7672, 2.1.2: no look-up of TLSA, no delivery there", DANE,
	    "d.example", 0, true,
	    { { .name = "mx1.test", .tlsa = TROUBLE },
		{ .name = "mx2.test", .script = SCRIPT{ BARE } } },
	    STS_NONE, NULL, FINE },
	{ "7672, 2.1.2: and nowhere, if it is so for all", DANE, "d.example", 0,
	    true,
	    { { .name = "mx1.test", .tlsa = TROUBLE },
		{ .name = "mx2.test", .tlsa = TROUBLE } },
	    STS_NONE, NULL, LATER("4.7.5", "TLSA lookup error") },
	{ "7672, 2.2: who is not authenticated is passed over", DANE,
	    "d.example", 0, true,
	    { { .name = "mx1.test",
		  .tlsa = WRONG,
		  .script = SCRIPT{ SHAKES, NULL } },
		{ .name = "mx2.test",
		    .tlsa = GOOD,
		    .script = SCRIPT{ TAKEN } } },
	    STS_NONE, NULL, FINE },
	{ "7672, 2.2: where TLS is not had, too", DANE, "d.example", 0, true,
	    { { .name = "mx1.test",
		  .tlsa = GOOD,
		  .script = SCRIPT{ PLAIN, NULL } },
		{ .name = "mx2.test",
		    .tlsa = ODD,
		    .script = SCRIPT{ PLAIN, NULL } } },
	    STS_NONE, NULL, LATER("4.7.4", "TLS is required") },
	{ "7672, 2.2.1: preference goes before security", DANE, "d.example", 0,
	    true,
	    { { .name = "mx1.test", .script = SCRIPT{ BARE } },
		{ .name = "mx2.test", .tlsa = GOOD } },
	    STS_NONE, NULL, FINE },
	{ "7672, 2.2.1: mandatory, and the MX record is not secure",
	    "smtp_tls_security_level = dane-only\n", "d.example", 0, false,
	    { { .name = "mx1.test", .tlsa = GOOD },
		{ .name = "mx2.test", .tlsa = GOOD } },
	    STS_NONE, NULL, LATER("4.7.5", "no usable TLSA records") },
	{ "7672, 2.2.3: the name behind all aliases first", DANE, "d.example",
	    0, true,
	    { { .name = "mx1.test",
		.real = "real.test",
		.tlsa = WRONG,
		.real_tlsa = GOOD,
		.script = SCRIPT{ TAKEN } } },
	    STS_NONE, NULL, FINE },
	{ "7672, 2.2.3: then the one of the MX record", DANE, "d.example", 0,
	    true,
	    { { .name = "mx1.test",
		.real = "real.test",
		.tlsa = WRONG,
		.script = SCRIPT{ SHAKES, NULL } } },
	    STS_NONE, NULL, LATER("4.7.5", "not verified") },
	{ "7672, 2.1.2: but no further behind an error", DANE, "d.example", 0,
	    true,
	    { { .name = "mx1.test",
		.real = "real.test",
		.tlsa = GOOD,
		.real_tlsa = TROUBLE } },
	    STS_NONE, NULL, LATER("4.7.5", "TLSA lookup error") },
	{ "7672, 3.1.1: DANE-EE asks for no name", DANE, "d.example", 0, true,
	    { { .name = "mx1.test", .tlsa = GOOD, .script = SCRIPT{ TAKEN } } },
	    STS_NONE, NULL, FINE },
	{ "7672, 3.1.2: DANE-TA does", DANE, "d.example", 0, true,
	    { { .name = "mx1.test",
		.tlsa = GOOD,
		.usage = 2,
		.script = SCRIPT{ SHAKES, NULL } } },
	    STS_NONE, NULL, LATER("4.7.5", "not verified") },
	{ "7672, 3.2.2: which is that of the host", DANE, "d.example", 0, true,
	    { { .name = "mail.test",
		.tlsa = GOOD,
		.usage = 2,
		.script = SCRIPT{ TAKEN } } },
	    STS_NONE, NULL, FINE },
	{ "7672, 3.2.2: or that of the next hop", DANE, "mail.test", 0, true,
	    { { .name = "mx1.test",
		.tlsa = GOOD,
		.usage = 2,
		.script = SCRIPT{ TAKEN } } },
	    STS_NONE, NULL, FINE },
	{ "7672, 3.1.3: PKIX usages are of no use, TLS is wanted", DANE,
	    "d.example", 0, true,
	    { { .name = "mx1.test", .tlsa = ODD, .script = SCRIPT{ TAKEN } } },
	    STS_NONE, NULL, FINE },
	/* ---- RFC 8461 */
	{ "8461, 2: no policy makes up for DANE that fails", DANE CA,
	    "d.example", 0, true,
	    { { .name = "mail.test",
		.tlsa = WRONG,
		.script = SCRIPT{ SHAKES, NULL } } },
	    STS_ENFORCE, "mail.test", LATER("4.7.5", "not verified") },
	{ "8461, 2: and DANE that holds needs none", DANE, "d.example", 0, true,
	    { { .name = "mx1.test", .tlsa = GOOD, .script = SCRIPT{ TAKEN } } },
	    STS_ENFORCE, "other.test", FINE },
	{ "8461, 4.1: only a host that the policy names", MAY CA, "d.example",
	    0, false,
	    { { .name = "mx1.test" },
		{ .name = "mail.test", .script = SCRIPT{ TAKEN } } },
	    STS_ENFORCE, "mail.test", FINE },
	{ "8461, 4.1: a \"*\" is the first label", MAY CA, "d.example", 0,
	    false, { { .name = "mail.test", .script = SCRIPT{ TAKEN } } },
	    STS_ENFORCE, "*.test", FINE },
	{ "8461, 4.1: all of it", MAY CA, "d.example", 0, false,
	    { { .name = "a.mail.test" } }, STS_ENFORCE, "*.test",
	    LATER("4.7.5", "MTA-STS policy has no word") },
	{ "8461, 4.2: a certificate of an authority", MAY, "d.example", 0,
	    false,
	    { { .name = "mail.test", .script = SCRIPT{ SHAKES, NULL } } },
	    STS_ENFORCE, "mail.test", LATER("4.7.5", "not verified") },
	{ "8461, 4.2: of that host, not of the domain", MAY CA, "mail.test", 0,
	    false, { { .name = "mx1.test", .script = SCRIPT{ SHAKES, NULL } } },
	    STS_ENFORCE, "mx1.test", LATER("4.7.5", "not verified") },
	{ "8461, 5: no STARTTLS, no delivery", MAY CA, "d.example", 0, false,
	    { { .name = "mail.test", .script = SCRIPT{ PLAIN, NULL } } },
	    STS_ENFORCE, "mail.test", LATER("4.7.4", "TLS is required") },
	{ "8461, 5: testing only tells", MAY, "d.example", 0, false,
	    { { .name = "mx1.test", .script = SCRIPT{ BARE } } }, STS_TESTING,
	    "other.test", FINE },
	{ "8461, 5: none is none", MAY, "d.example", 0, false,
	    { { .name = "mx1.test", .script = SCRIPT{ BARE } } }, STS_NONE,
	    "other.test", FINE },
	/* ---- RFC 8689 */
	{ "8689, 4.2.1: an enforced policy vouches for the host", MAY CA,
	    "d.example", QUEUE_REQUIRETLS, false,
	    { { .name = "mail.test", .script = SCRIPT{ NEEDS } } }, STS_ENFORCE,
	    "mail.test", FINE },
	{ "8689, 4.2.1: one that is tested does not", MAY CA, "d.example",
	    QUEUE_REQUIRETLS, false, { { .name = "mail.test" } }, STS_TESTING,
	    "mail.test",
	    { BOUNCE, "5.7.10", "the MX record is not authenticated" } },
	{ "8689, 4.2.1, 2: and DANE instead of an authority", DANE, "d.example",
	    QUEUE_REQUIRETLS, true,
	    { { .name = "mx1.test", .tlsa = GOOD, .script = SCRIPT{ NEEDS } } },
	    STS_NONE, NULL, FINE },
	{ "8689, 4.2.1: QUIT, and the next host", DANE, "d.example",
	    QUEUE_REQUIRETLS, true,
	    { { .name = "mx1.test",
		  .tlsa = GOOD,
		  .script = SCRIPT{ SECURE, QUIT, NULL } },
		{ .name = "mx2.test",
		    .tlsa = GOOD,
		    .script = SCRIPT{ NEEDS } } },
	    STS_NONE, NULL, FINE },
	{ "8689, 4.2.1: none will do, and the sender hears it", DANE,
	    "d.example", QUEUE_REQUIRETLS, true,
	    { { .name = "mx1.test",
		  .tlsa = GOOD,
		  .script = SCRIPT{ SECURE, QUIT, NULL } },
		{ .name = "mx2.test",
		    .tlsa = GOOD,
		    .script = SCRIPT{ SECURE, QUIT, NULL } } },
	    STS_NONE, NULL, { BOUNCE, "5.7.30", "REQUIRETLS is required" } },
	{ "8689, 4.2.2: TLS-Required: No, and a policy", MAY CA, "d.example",
	    QUEUE_TLS_OPTIONAL, false,
	    { { .name = "mx1.test", .script = SCRIPT{ BARE } } }, STS_ENFORCE,
	    "mail.test", FINE },
};

static const struct row *at;
static char asked[100]; /* of the service sts */

static void
sts_request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct sts_answer answer = { .found = at->sts_mx != NULL };
	struct packet_out o = { .id = 0 };
	struct span domain;

	(void)arg;
	ck_assert(sts_ask_get(in, &domain));
	snprintf(asked, sizeof(asked), "%.*s", (int)domain.n, domain.p);
	if (answer.found) {
		answer.policy.mode = at->sts;
		answer.policy.max_age = 1000;
		answer.policy.mx[answer.policy.mx_count++] =
		    span_str(at->sts_mx);
	}
	sts_answer_put(&o, in->id, &answer);
	server_reply(peer, &o);
	packet_done(&o);
}

/* What a GOOD record says: "3 0 1" and the digest of the server's certificate,
 * or "2 0 0" and all of its authority's, which the server does not send. */
static void
record_make(unsigned usage)
{
	FILE *f = fopen("tests/data/tls/ec.crt", "r");
	X509 *x = f == NULL ? NULL : PEM_read_X509(f, NULL, NULL, NULL);
	unsigned char sum[SHA256_BYTES], *der = NULL;
	int n = x == NULL ? -1 : i2d_X509(x, &der);
	struct span whole = span_of((char *)der, (size_t)n);

	ck_assert_int_gt(n, 0);
	digest_sha256(whole, sum);
	buf_clear(&w.tlsa);
	buf_add(&w.tlsa, usage == 2 ? "\2\0\0" : "\3\0\1", 3);
	buf_add_span(
	    &w.tlsa, usage == 2 ? whole : span_of((char *)sum, sizeof(sum)));
	OPENSSL_free(der);
	X509_free(x);
	fclose(f);
}

static size_t
tlsa_add(struct world_name *out, const char *name, enum tlsa kind)
{
	static const char *const data[] = {
		[GOOD] = "", [WRONG] = "311", [ODD] = "111", [TROUBLE] = ""
	};

	if (kind == NONE)
		return 0;
	*out = (struct world_name){ .name = arena_printf(
					w.arena, "_%u._tcp.%s", w.port, name),
		.type = DNS_TLSA,
		.result = kind == TROUBLE ? DNS_TROUBLE : DNS_FOUND,
		.data = data[kind],
		.secure = true };
	return 1;
}

static void
names_make(const struct row *r, struct world_name *out)
{
	static const char *const addresses[HOSTS] = { "127.0.0.1",
		"127.0.0.2" };
	size_t n = 0;

	for (unsigned i = 0; i < HOSTS && r->hosts[i].name != NULL; i++) {
		const char *name = r->hosts[i].name, *real = r->hosts[i].real;

		out[n++] = (struct world_name){ r->nexthop, DNS_MX, DNS_FOUND,
			i, name, r->mx_secure };
		if (real != NULL)
			out[n++] = (struct world_name){ name, DNS_CNAME,
				DNS_FOUND, 0, real, true };
		out[n++] = (struct world_name){ name, DNS_A, DNS_FOUND, 0,
			addresses[i], true };
		n += tlsa_add(&out[n], name, r->hosts[i].tlsa);
		if (real != NULL)
			n += tlsa_add(&out[n], real, r->hosts[i].real_tlsa);
	}
}

START_TEST(rule)
{
	static const struct server_calls calls = { .request = sts_request };
	static const char *const rcpts[] = { ONE_RCPT };
	struct world_name known[12] = { { .name = NULL } };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct keys keys;
	struct server *sts;
	char path[120], *conf;
	int fd;

	at = &rows[_i];
	asked[0] = '\0';
	snprintf(path, sizeof(path), "%s/s", w.folder);
	fd = sock_listen_unix(path, SOCK_SEQPACKET, 0600, 5);
	sts = server_new(w.loop, fd, "smtp", &calls, NULL);
	w.env.sts = channel_new(w.loop, path, 5000);
	names_make(at, known);
	w.names = known;
	record_make(at->hosts[0].usage);
	w.tls = keys_context(&keys, at->hosts[0].usage == 2 ? "leaf" : "ec");
	conf = mem_printf("smtp_mta_sts_enable = yes\n%s", at->conf);
	world_conf(conf);
	free(conf);
	for (unsigned i = 0; i < HOSTS; i++)
		if (at->hosts[i].script != NULL)
			world_script(i + 1, at->hosts[i].script);
	r = world_request(letter, at->nexthop, list, rcpts);
	r.flags = at->flags;
	world_deliver(&r, false);
	check_results(&at->want, 1);
	check_scripts();
	/* RFC 8461, 3.4: of the domain that the mail goes to */
	if (at->sts_mx != NULL && at->flags != QUEUE_TLS_OPTIONAL)
		ck_assert_str_eq(asked, at->nexthop);
	channel_free((struct channel **)&w.env.sts);
	server_free(&sts);
	close(fd);
	(void)unlink(path);
	keys_free(&keys);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, world_begin, world_end);
	tcase_add_loop_test(t, rule, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("smtp/exact_tls", fill);
}
