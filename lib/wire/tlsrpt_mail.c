/*
 * tlsrpt_mail.c - a report about TLS packed, and as a message
 *
 * RFC 8460: 5.1 is the file's name, 5.3 the form of the message.
 */

#include "wire/tlsrpt_mail.h"

#include <time.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/number.h"
#include "os/deflate.h"
#include "wire/tlsrpt.h"

enum { LINE_WIDTH = 76, DAY_LAST = 86399 };

struct span
tlsrpt_submitter(struct span sender)
{
	return span_skip(sender, span_rfind(sender, '@') + 1);
}

/* When the day "2026-11-24" begins: seconds since 1970; 0: it is none. */
static int64_t
day_begin(struct span day)
{
	struct span year, month;
	struct tm t = { .tm_sec = 0 };

	if (!span_cut(&day, '-', &year) || !span_cut(&day, '-', &month) ||
	    !number_parse_int(year, 1970, 9999, &t.tm_year) ||
	    !number_parse_int(month, 1, 12, &t.tm_mon) ||
	    !number_parse_int(day, 1, 31, &t.tm_mday))
		return 0;
	t.tm_year -= 1900;
	t.tm_mon--;
	return timegm(&t);
}

static void
id_put(const struct tlsrpt_by *by, struct buf *out)
{
	buf_add_span(out, by->day);
	buf_add_byte(out, '.');
	buf_add_span(out, by->domain);
	buf_add_byte(out, '@');
	buf_add_span(out, by->submitter);
}

void
tlsrpt_report(const struct tlsrpt_by *by, struct buf *out)
{
	struct tlsrpt_about about = { .organization = by->submitter,
		.contact = by->sender };
	struct buf id = BUF_EMPTY;

	id_put(by, &id);
	about.id = buf_span(&id);
	tlsrpt_json(by->counts, by->day, by->domain, &about, out);
	buf_free(&id);
}

void
tlsrpt_packed(const struct tlsrpt_by *by, struct buf *out)
{
	struct buf json = BUF_EMPTY;

	tlsrpt_report(by, &json);
	gzip_pack(buf_span(&json), out);
	buf_free(&json);
}

static void
put_lines(struct buf *out, struct span bytes)
{
	struct buf text = BUF_EMPTY;
	struct span rest;

	base64_encode(&text, bytes);
	for (rest = buf_span(&text); rest.n > 0;
	     rest = span_skip(rest, LINE_WIDTH)) {
		buf_add_span(out, span_head(rest, LINE_WIDTH));
		buf_add_byte(out, '\n');
	}
	buf_free(&text);
}

static void
put_header(const struct tlsrpt_by *by, struct span to, struct buf *out)
{
	struct buf id = BUF_EMPTY;
	int dn = (int)by->domain.n, sn = (int)by->submitter.n;
	const char *d = by->domain.p, *s = by->submitter.p;

	id_put(by, &id);
	buf_printf(out,
	    "From: TLS reports <%.*s>\nTo: <%.*s>\n"
	    "Subject: Report Domain: %.*s Submitter: %.*s Report-ID: <%s>\n"
	    "TLS-Report-Domain: %.*s\nTLS-Report-Submitter: %.*s\n"
	    "TLS-Required: No\nAuto-Submitted: auto-generated\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/report; report-type=\"tlsrpt\";\n"
	    " boundary=\"=_tlsrpt\"\n\n",
	    (int)by->sender.n, by->sender.p, (int)to.n, to.p, dn, d, sn, s,
	    buf_str(&id), dn, d, sn, s);
	buf_free(&id);
}

void
tlsrpt_message(const struct tlsrpt_by *by, struct span to, struct buf *out)
{
	struct buf packed = BUF_EMPTY;
	int dn = (int)by->domain.n, sn = (int)by->submitter.n;
	int64_t begin = day_begin(by->day);

	put_header(by, to, out);
	buf_printf(out,
	    "--=_tlsrpt\nContent-Type: text/plain; charset=us-ascii\n\n"
	    "This is the report of %.*s about TLS\n"
	    "to mail servers of %.*s on %.*s (RFC 8460).\n\n",
	    sn, by->submitter.p, dn, by->domain.p, (int)by->day.n, by->day.p);
	buf_printf(out,
	    "--=_tlsrpt\nContent-Type: application/tlsrpt+gzip\n"
	    "Content-Transfer-Encoding: base64\n"
	    "Content-Disposition: attachment;\n"
	    " filename=\"%.*s!%.*s!%lld!%lld.json.gz\"\n\n",
	    sn, by->submitter.p, dn, by->domain.p, (long long)begin,
	    (long long)begin + DAY_LAST);
	tlsrpt_packed(by, &packed);
	put_lines(out, buf_span(&packed));
	buf_add_str(out, "\n--=_tlsrpt--\n");
	buf_free(&packed);
}
