/*
 * grey_key.c - under what name a client's mail stands in the greylist
 *
 * Bytes in, bytes out; both addresses are a stranger's choice.
 */

#include "smtpd/grey_key.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/digest.h"

void
grey_network(struct buf *out, struct span address, unsigned prefix)
{
	unsigned char bytes[16] = { 0 };
	char text[INET6_ADDRSTRLEN];

	if (prefix > address.n * 8)
		prefix = (unsigned)address.n * 8;
	for (unsigned i = 0; i < address.n && i < 16 && i * 8 < prefix; i++) {
		unsigned keep = prefix - i * 8;

		bytes[i] = (unsigned char)address.p[i];
		if (keep < 8)
			bytes[i] &= (unsigned char)(0xff00 >> keep);
	}
	if (inet_ntop(address.n == 16 ? AF_INET6 : AF_INET, bytes, text,
		sizeof(text)) != NULL)
		buf_printf(out, "%s/%u", text, prefix);
}

/* "prvs=TAG=local" (BATV), "SRS0=HASH=TT=domain=local",
 * "SRS1=HASH=host==HASH=TT=domain=local": tags are others every day. */
static struct span
without_tag(struct span local, struct buf *out)
{
	bool twice = span_istarts(local, "srs1=");
	size_t equal;

	if (span_istarts(local, "prvs=")) {
		local = span_skip(local, 5);
		equal = span_find(local, '=');
		return equal < local.n ? span_skip(local, equal + 1) : local;
	}
	if (!twice && !span_istarts(local, "srs0="))
		return local;
	buf_add_str(out, "srs=");
	for (int i = twice ? 6 : 3; i > 0; i--) {
		equal = span_find(local, '=');
		if (equal == local.n)
			break;
		local = span_skip(local, equal + 1);
	}
	return local;
}

/* Without "+extension", with '#' for each number. */
static void
sender_add(struct buf *out, struct span sender)
{
	size_t at = span_rfind(sender, '@');
	struct span local = without_tag(span_head(sender, at), out);
	size_t plus = span_find(local, '+');

	if (plus > 0)
		local = span_head(local, plus);
	for (size_t i = 0; i < local.n; i++) {
		bool digit = ascii_digit(span_at(local, i));

		if (!digit)
			buf_add_byte(out, (char)ascii_lower(span_at(local, i)));
		else if (i == 0 || !ascii_digit(span_at(local, i - 1)))
			buf_add_byte(out, '#');
	}
	for (size_t i = at; i < sender.n; i++)
		buf_add_byte(out, (char)ascii_lower(span_at(sender, i)));
}

static bool
is_plain(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (span_at(text, i) < ' ' || span_at(text, i) > '~')
			return false;
	return text.n <= GREY_KEY_MAX;
}

void
grey_key(
    struct buf *out, struct span network, struct span sender, struct span rcpt)
{
	struct buf key = BUF_EMPTY;
	unsigned char digest[SHA256_BYTES];

	buf_add_span(&key, network);
	buf_add_byte(&key, ' ');
	if (sender.n == 0)
		buf_add_str(&key, "<>");
	sender_add(&key, sender);
	buf_add_byte(&key, ' ');
	for (size_t i = 0; i < rcpt.n; i++)
		buf_add_byte(&key, (char)ascii_lower(span_at(rcpt, i)));
	if (is_plain(buf_span(&key))) {
		buf_add_span(out, buf_span(&key));
	} else {
		digest_sha256(buf_span(&key), digest);
		buf_add_span(out, network);
		buf_add_str(out, " sha256:");
		hex_encode(out, span_of((const char *)digest, sizeof(digest)));
	}
	buf_free(&key);
}
