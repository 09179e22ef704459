/* fuzz_encode.c - encodings, words, parameters and charsets, message/encode.h
 * and message/charset.h
 */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/must.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const char *const charsets[] = { "utf-8", "us-ascii", "iso-8859-15",
	"iso-2022-jp", "gb18030", "big5-hkscs", "utf-7", "utf-16", "euc-kr",
	"cp932", "koi8-r", "iso-2022-kr", "euc-tw", "x-none", "utf-32",
	"iso-2022-jp-2", "johab", "windows-1255", "windows-1258", "tcvn" };

static void
check_body(struct span in, size_t cut, enum encode_kind kind)
{
	struct buf whole = BUF_EMPTY, pieces = BUF_EMPTY;
	struct decode d;

	decode_body(&whole, in, kind);
	decode_init(&d, kind);
	decode_feed(&d, span_head(in, cut), &pieces);
	decode_feed(&d, span_skip(in, cut), &pieces);
	decode_finish(&d, &pieces);
	must(span_eq(buf_span(&whole), buf_span(&pieces)));
	must(whole.n <= in.n);
	buf_free(&whole);
	buf_free(&pieces);
}

static void
check_charset(struct span in, size_t cut, const char *name)
{
	struct charset *c = charset_decoder(span_str(name));
	struct buf out = BUF_EMPTY, back = BUF_EMPTY;

	charset_feed(c, span_head(in, cut), &out);
	charset_feed(c, span_skip(in, cut), &out);
	charset_finish(c, &out);
	must(utf8_valid(buf_span(&out)) && out.n <= 8 * (in.n + 16));
	charset_from_utf8(&back, buf_span(&out), span_str(name));
	charset_free(&c);
	buf_free(&out);
	buf_free(&back);
}

static void
check_words(struct span in)
{
	struct buf text = BUF_EMPTY, coded = BUF_EMPTY;

	encode_words_decode(&text, in);
	must(utf8_valid(buf_span(&text)) && !span_has_break(buf_span(&text)));
	encode_words(&coded, in, 9);
	encode_phrase(&coded, in, 9);
	must(span_search(buf_span(&coded), SPAN("\n\n")) == coded.n);
	for (size_t i = 0; i < coded.n; i++) {
		must(coded.p[i] != '\0' && coded.p[i] != '\r');
		must(coded.p[i] != '\n' ||
		    span_at(buf_span(&coded), i + 1) == ' ');
	}
	buf_free(&text);
	buf_free(&coded);
}

static void
check_params(struct span in)
{
	struct arena *a = arena_new();
	struct encode_params l;
	struct buf value = BUF_EMPTY;
	size_t column = 9;

	encode_params_parse(a, in, &l);
	must(l.count <= ENCODE_PARAMS_MAX);
	if (encode_param_get(&l, "name", &value))
		must(utf8_valid(buf_span(&value)) &&
		    !span_has_break(buf_span(&value)));
	buf_clear(&value);
	encode_param_add(&value, "name", in, &column);
	for (size_t i = 0; i < value.n; i++)
		must(value.p[i] != '\n' ||
		    span_at(buf_span(&value), i + 1) == '\t');
	buf_free(&value);
	arena_free(&a);
}

/* First byte: the charset; second: where the input is cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_skip(span_of((const char *)p, n), 2);
	size_t cut = n > 1 ? p[1] : 0;
	const size_t count = sizeof(charsets) / sizeof(charsets[0]);
	struct buf coded = BUF_EMPTY, back = BUF_EMPTY;

	check_body(in, cut, ENCODE_QP);
	check_body(in, cut, ENCODE_BASE64);
	check_words(in);
	check_params(in);
	check_charset(in, cut, charsets[n > 0 ? p[0] % count : 0]);
	encode_base64_body(&coded, in);
	must(decode_body(&back, buf_span(&coded), ENCODE_BASE64));
	must(span_eq(buf_span(&back), in));
	buf_clear(&coded);
	encode_qp(&coded, in);
	buf_clear(&back);
	must(decode_body(&back, buf_span(&coded), ENCODE_QP));
	buf_free(&coded);
	buf_free(&back);
	return 0;
}
