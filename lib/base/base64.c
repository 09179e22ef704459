/* base64.c - RFC 4648 */

#include "base/base64.h"

#include <stdint.h>

#include "base/buf.h"
#include "base/number.h"

static const char plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
encode(struct buf *out, struct span s, const char *alphabet, bool pad)
{
	for (size_t i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		uint32_t bits = (uint32_t)span_at(s, i) << 16;

		if (left > 1)
			bits |= (uint32_t)span_at(s, i + 1) << 8;
		if (left > 2)
			bits |= (uint32_t)span_at(s, i + 2);
		buf_add_byte(out, alphabet[bits >> 18]);
		buf_add_byte(out, alphabet[bits >> 12 & 63]);
		if (left > 1)
			buf_add_byte(out, alphabet[bits >> 6 & 63]);
		if (left > 2)
			buf_add_byte(out, alphabet[bits & 63]);
		if (pad && left < 3)
			buf_add(out, "==", left == 1 ? 2 : 1);
	}
}

static int
value_of(int c, const char *alphabet)
{
	if (ascii_alpha(c))
		return c >= 'a' ? c - 'a' + 26 : c - 'A';
	if (ascii_digit(c))
		return c - '0' + 52;
	return c == alphabet[62] ? 62 : c == alphabet[63] ? 63 : -1;
}

/* s without its padding. */
static bool
decode(struct buf *out, struct span s, const char *alphabet)
{
	size_t before = out->n;
	uint32_t bits = 0;
	unsigned have = 0;

	if (s.n % 4 == 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int v = value_of(span_at(s, i), alphabet);

		if (v == -1) {
			out->n = before;
			return false;
		}
		bits = (bits << 6 | (uint32_t)v) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_add_byte(out, (char)(bits >> have & 0xff));
		}
	}
	if ((bits & ((1U << have) - 1)) != 0) {
		out->n = before;
		return false;
	}
	return true;
}

void
base64_encode(struct buf *out, struct span s)
{
	encode(out, s, plain, true);
}

bool
base64_decode(struct buf *out, struct span s)
{
	if (s.n % 4 != 0)
		return false;
	for (int i = 0; i < 2 && s.n > 0 && s.p[s.n - 1] == '='; i++)
		s.n--;
	return decode(out, s, plain);
}

void
base64url_encode(struct buf *out, struct span s)
{
	encode(out, s, url, false);
}

bool
base64url_decode(struct buf *out, struct span s)
{
	return decode(out, s, url);
}

void
hex_encode(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_printf(out, "%02x", (unsigned)span_at(s, i));
}

bool
hex_decode(struct buf *out, struct span s)
{
	size_t before = out->n;

	if (s.n % 2 != 0)
		return false;
	for (size_t i = 0; i < s.n; i += 2) {
		int high = number_hex_digit(span_at(s, i));
		int low = number_hex_digit(span_at(s, i + 1));

		if (high == -1 || low == -1) {
			out->n = before;
			return false;
		}
		buf_add_byte(out, (char)(high << 4 | low));
	}
	return true;
}
