/* test_tlsrpt.c - wire/tlsrpt.h */

#include "wire/tlsrpt.h"

#include <stdio.h>

#include "base/buf.h"
#include "tests/unit.h"
#include "wire/tlsrpt_mail.h"

#define DAY   SPAN("2026-11-24")
#define OTHER SPAN("2026-11-25")

static struct tlsrpt *t;

static void
begin(void)
{
	t = tlsrpt_new(4);
}

static void
end(void)
{
	tlsrpt_free(&t);
	ck_assert_ptr_null(t);
}

static void
count(const char *domain, enum tlsrpt_result result)
{
	struct tlsrpt_event e = { .domain = span_str(domain),
		.type = TLSRPT_STS,
		.result = result,
		.local = SPAN("192.0.2.1"),
		.host = SPAN("mx.example"),
		.address = SPAN("2001:db8::1"),
		.text = SPAN("a \"reason\"\nof two lines"),
		.policy = SPAN("version: STSv1\nmode: enforce"),
		.patterns = SPAN("*.example") };

	ck_assert(tlsrpt_count(t, DAY, &e));
}

static const char file[] =
    "rua 2026-11-24 a.example mailto:r@a.example\n"
    "row 2026-11-24 a.example sts 2 3\n"
    "policy version: STSv1\npolicy mode: enforce\nmx *.example\n"
    "detail 2 certificate-expired 192.0.2.1 mx.example 2001:db8::1 "
    "a \"reason\"?of two lines\n"
    "detail 1 validation-failure 192.0.2.1 mx.example 2001:db8::1 "
    "a \"reason\"?of two lines\n";

static void
fill_book(void)
{
	count("a.example", TLSRPT_SUCCESS);
	count("A.example", TLSRPT_SUCCESS);
	count("a.example", TLSRPT_CERTIFICATE_EXPIRED);
	count("a.example", TLSRPT_CERTIFICATE_EXPIRED);
	count("a.example", TLSRPT_VALIDATION_FAILURE);
	ck_assert(!tlsrpt_rua_asked(t, DAY, SPAN("a.example")));
	tlsrpt_rua_set(t, DAY, SPAN("a.example"), SPAN("mailto:r@a.example"));
	ck_assert(tlsrpt_rua_asked(t, DAY, SPAN("A.EXAMPLE")));
}

START_TEST(printed_and_read)
{
	struct buf out = BUF_EMPTY;

	fill_book();
	tlsrpt_print(t, &out);
	ck_assert_str_eq(buf_str(&out), file);
	end();
	begin();
	tlsrpt_load(t, span_str(file));
	buf_clear(&out);
	tlsrpt_print(t, &out);
	ck_assert_str_eq(buf_str(&out), file);
	buf_free(&out);
}
END_TEST

START_TEST(as_json)
{
	struct tlsrpt_about about = { SPAN("here.example"), SPAN("p@here"),
		SPAN("1") };
	struct buf out = BUF_EMPTY;
	struct span domain, rua;
	size_t at = 0;

	fill_book();
	tlsrpt_rua_set(t, DAY, SPAN("b.example"), SPAN(""));
	ck_assert(tlsrpt_next(t, DAY, &at, &domain, &rua));
	ck_assert(span_is(domain, "a.example"));
	ck_assert(span_is(rua, "mailto:r@a.example"));
	tlsrpt_json(t, DAY, domain, &about, &out);
	ck_assert_str_eq(buf_str(&out),
	    "{\"organization-name\":\"here.example\",\"date-range\":{"
	    "\"start-datetime\":\"2026-11-24T00:00:00Z\","
	    "\"end-datetime\":\"2026-11-24T23:59:59Z\"},"
	    "\"contact-info\":\"p@here\",\"report-id\":\"1\",\"policies\":[{"
	    "\"policy\":{\"policy-type\":\"sts\",\"policy-string\":["
	    "\"version: STSv1\",\"mode: enforce\"],"
	    "\"policy-domain\":\"a.example\",\"mx-host\":[\"*.example\"]},"
	    "\"summary\":{\"total-successful-session-count\":2,"
	    "\"total-failure-session-count\":3},\"failure-details\":["
	    "{\"result-type\":\"certificate-expired\","
	    "\"sending-mta-ip\":\"192.0.2.1\","
	    "\"receiving-mx-hostname\":\"mx.example\","
	    "\"receiving-ip\":\"2001:db8::1\",\"failed-session-count\":2,"
	    "\"additional-information\":\"a \\\"reason\\\"?of two lines\"},"
	    "{\"result-type\":\"validation-failure\","
	    "\"sending-mta-ip\":\"192.0.2.1\","
	    "\"receiving-mx-hostname\":\"mx.example\","
	    "\"receiving-ip\":\"2001:db8::1\",\"failed-session-count\":1,"
	    "\"additional-information\":\"a \\\"reason\\\"?of two lines\"}"
	    "]}]}\n");
	ck_assert(!tlsrpt_next(t, DAY, &at, &domain, &rua));
	at = 0;
	ck_assert(!tlsrpt_next(t, OTHER, &at, &domain, &rua));
	buf_free(&out);
}
END_TEST

START_TEST(bounded)
{
	struct buf out = BUF_EMPTY;
	char name[32];
	struct tlsrpt_event e = { .domain = SPAN("e.example") };
	struct span line, text;
	unsigned details = 0;

	for (int i = 0; i < 2 * TLSRPT_DETAILS_MAX; i++) {
		snprintf(name, sizeof(name), "h%d", i);
		e.host = span_str(name);
		e.result = TLSRPT_VALIDATION_FAILURE;
		ck_assert(tlsrpt_count(t, DAY, &e));
	}
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "d%d.example", i);
		count(name, TLSRPT_SUCCESS);
	}
	e.domain = SPAN("more.example");
	ck_assert(!tlsrpt_count(t, DAY, &e));
	tlsrpt_print(t, &out);
	for (text = buf_span(&out); span_line(&text, &line);)
		details += span_starts(line, "detail ");
	ck_assert_uint_eq(details, TLSRPT_DETAILS_MAX);
	tlsrpt_forget(t, OTHER);
	buf_clear(&out);
	tlsrpt_print(t, &out);
	ck_assert_uint_eq(out.n, 0);
	ck_assert(tlsrpt_count(t, OTHER, &e));
	buf_free(&out);
}
END_TEST

/* What must not get into a file of lines. */
static const struct tlsrpt_event unfit[] = {
	{ .domain = SPAN_INIT("") },
	{ .domain = SPAN_INIT("a b") },
	{ .domain = SPAN_INIT("a\nb") },
	{ .domain = SPAN_INIT("a"), .host = SPAN_INIT("x\r") },
	{ .domain = SPAN_INIT("a"), .local = SPAN_INIT("\xff") },
	{ .domain = SPAN_INIT("a"), .policy = SPAN_INIT("a\0b") },
};

START_TEST(refused)
{
	ck_assert(!tlsrpt_count(t, DAY, &unfit[_i]));
}
END_TEST

static const struct {
	const char *text, *rua; /* NULL: it is none */
	const char *first; /* address, or NULL */
} records[] = {
	{ "v=TLSRPTv1; rua=mailto:a@b.example", "mailto:a@b.example",
	    "a@b.example" },
	{ "v=TLSRPTv1;rua=https://x/,mailto:a@b!10m;",
	    "https://x/,mailto:a@b!10m", "a@b" },
	{ "v=TLSRPTv1; rua=https://x/", "https://x/", NULL },
	{ "v=TLSRPTv1; rua=mailto:-f@b,mailto:c@d?x=y",
	    "mailto:-f@b,mailto:c@d?x=y", "c@d" },
	{ "v=TLSRPTv1; rua=mailto:a>@b", "mailto:a>@b", NULL },
	{ "v=TLSRPTv1; rua=mailto:a@b@c", "mailto:a@b@c", NULL },
	{ "v=TLSRPTv1; rua=mailto:a@", "mailto:a@", NULL },
	{ "v=TLSRPTv1; rua=a\001b", NULL, NULL },
	{ "v=TLSRPTv1;", NULL, NULL },
	{ "v=TLSRPTv2; rua=mailto:a@b", NULL, NULL },
	{ "", NULL, NULL },
};

START_TEST(record)
{
	struct tlsrpt_uri uri;
	struct span rua;
	bool good = tlsrpt_record_parse(span_str(records[_i].text), &rua);

	ck_assert(good == (records[_i].rua != NULL));
	if (!good)
		return;
	ck_assert(span_is(rua, records[_i].rua));
	good = false;
	while (!good && tlsrpt_uri_next(&rua, &uri))
		good = !uri.https;
	ck_assert(good == (records[_i].first != NULL));
	if (good)
		ck_assert(span_is(uri.address, records[_i].first));
}
END_TEST

/* RFC 8460, a row for each rule of a report by mail. */
static const struct {
	const char *rule, *has;
} letters[] = {
	{ "5.3: who, about whom, which",
	    "\nSubject: Report Domain: a.example Submitter: here.example "
	    "Report-ID: <2026-11-24.a.example@here.example>\n" },
	{ "5.3: the same as fields",
	    "\nTLS-Report-Domain: a.example\n"
	    "TLS-Report-Submitter: here.example\n" },
	{ "5.3: whatever TLS does (RFC 8689, 3)", "\nTLS-Required: No\n" },
	{ "5.3: a report",
	    "\nContent-Type: multipart/report; "
	    "report-type=\"tlsrpt\";\n" },
	{ "5.3: what it is, for people",
	    "\n--=_tlsrpt\nContent-Type: "
	    "text/plain; charset=us-ascii\n" },
	{ "5.3, 6.5: what it is, for others",
	    "\nContent-Type: application/tlsrpt+gzip\n" },
	{ "5.1: the file: seconds since 1970, json.gz",
	    " filename=\"here.example!a.example!1795478400!1795564799."
	    "json.gz\"\n" },
	{ "4.4: who is asked is of that domain",
	    "From: TLS reports "
	    "<p@here.example>\n" },
};

START_TEST(letter)
{
	struct tlsrpt_by by = { t, DAY, SPAN("a.example"),
		tlsrpt_submitter(SPAN("p@here.example")),
		SPAN("p@here.example") };
	struct buf out = BUF_EMPTY;

	fill_book();
	tlsrpt_message(&by, SPAN("r@a.example"), &out);
	for (size_t i = 0; i < UNIT_COUNT(letters); i++)
		ck_assert_msg(strstr(buf_str(&out), letters[i].has) != NULL,
		    "%s: %s", letters[i].rule, buf_str(&out));
	buf_clear(&out);
	tlsrpt_report(&by, &out);
	/* 4: an array, whatever it holds */
	ck_assert_ptr_nonnull(strstr(buf_str(&out), "\"policies\":[{"));
	ck_assert_ptr_nonnull(
	    strstr(buf_str(&out), "\"contact-info\":\"p@here.example\""));
	buf_free(&out);
}
END_TEST

static const struct {
	const char *rua, *host, *target; /* host NULL: not taken */
	unsigned port;
} places[] = {
	{ "https://r.test", "r.test", "/", 0 },
	{ "HTTPS://r.test/v1/x?y=1", "r.test", "/v1/x?y=1", 0 },
	{ "https://r.test:8443/v1", "r.test", "/v1", 8443 },
	{ "mailto:?x, https://192.0.2.1/a", "192.0.2.1", "/a", 0 },
	{ "https://u@r.test/", NULL, NULL, 0 },
	{ "https://[2001:db8::1]/", NULL, NULL, 0 },
	{ "https://r.test:0/", NULL, NULL, 0 },
	{ "https://r.test:70000/", NULL, NULL, 0 },
	{ "https://r.test:/", NULL, NULL, 0 },
	{ "https:///x", NULL, NULL, 0 },
	{ "https://r.test/a b", NULL, NULL, 0 },
	{ "https://r.test/a#b", NULL, NULL, 0 },
	{ "https://r.test?q", NULL, NULL, 0 },
	{ "http://r.test/", NULL, NULL, 0 },
	{ "", NULL, NULL, 0 },
};

START_TEST(place)
{
	struct span rua = span_str(places[_i].rua);
	struct tlsrpt_uri uri;
	bool good = tlsrpt_uri_next(&rua, &uri);

	ck_assert(good == (places[_i].host != NULL));
	if (!good)
		return;
	ck_assert(uri.https && span_is(uri.host, places[_i].host) &&
	    span_is(uri.target, places[_i].target) &&
	    uri.port == places[_i].port);
	ck_assert(!tlsrpt_uri_next(&rua, &uri));
}
END_TEST

/* What was sent stays so. */
START_TEST(sent)
{
	static const char kept_file[] =
	    "rua 2026-11-24 a.test mailto:a@b, https://c/\n"
	    "sent 2026-11-24 a.test\n"
	    "rua 2026-11-24 b.test -\n";
	struct span day = SPAN("2026-11-24"), domain, rua;
	struct buf text = BUF_EMPTY;
	struct tlsrpt *kept = tlsrpt_new(10);
	size_t at = 0;

	tlsrpt_load(kept, span_str(kept_file));
	ck_assert(tlsrpt_next(kept, day, &at, &domain, &rua));
	ck_assert(span_is(domain, "a.test"));
	ck_assert(span_is(rua, "mailto:a@b, https://c/"));
	ck_assert(!tlsrpt_next(kept, day, &at, &domain, &rua));
	ck_assert(tlsrpt_sent(kept, day, SPAN("A.test")));
	ck_assert(!tlsrpt_sent(kept, day, SPAN("b.test")));
	ck_assert(!tlsrpt_sent(kept, SPAN("2026-11-25"), SPAN("a.test")));
	tlsrpt_sent_set(kept, day, SPAN("b.test"));
	ck_assert(tlsrpt_sent(kept, day, SPAN("b.test")));
	tlsrpt_print(kept, &text);
	ck_assert_ptr_nonnull(
	    strstr(buf_str(&text), "sent 2026-11-24 b.test\n"));
	tlsrpt_free(&kept);
	buf_free(&text);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_loop_test(c, place, 0, UNIT_COUNT(places));
	tcase_add_test(c, sent);
	tcase_add_checked_fixture(c, begin, end);
	tcase_add_test(c, printed_and_read);
	tcase_add_test(c, as_json);
	tcase_add_test(c, letter);
	tcase_add_test(c, bounded);
	tcase_add_loop_test(c, refused, 0, UNIT_COUNT(unfit));
	tcase_add_loop_test(c, record, 0, UNIT_COUNT(records));
}

int
main(void)
{
	return unit_main("wire/tlsrpt", fill);
}
