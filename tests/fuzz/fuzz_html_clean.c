/* fuzz_html_clean.c - HTML of strangers, message/html_clean.h and text_html.h
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/utf8.h"
#include "message/html_clean.h"
#include "message/text_html.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Where no tag stands, there is no '<'; what begins a tag is a letter or '/'.
 * Inside of a tag values stand in quotes, and names do not begin with "on". */
static void
check_tags(struct span s)
{
	while (s.n > 0) {
		size_t at = span_find_any(s, "<>\"'");
		struct span tag;

		if (at == s.n)
			return;
		must(s.p[at] == '<');
		s = span_skip(s, at + 1);
		tag = span_head(s, span_find(s, '>'));
		must(tag.n < s.n &&
		    (ascii_alpha(span_at(tag, 0)) || span_at(tag, 0) == '/'));
		s = span_skip(s, tag.n + 1);
		while ((at = span_find(tag, '"')) < tag.n) {
			must(at > 1 && tag.p[at - 1] == '=');
			must(!span_istarts(
			    span_skip(tag, span_rfind(span_head(tag, at), ' ')),
			    " on"));
			tag = span_skip(tag, at + 1);
			at = span_find(tag, '"');
			must(at < tag.n);
			tag = span_skip(tag, at + 1);
		}
		must(span_find_any(tag, "<'") == tag.n);
	}
}

/* What is clean is not changed when it is cleaned again. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	static const struct html_policy policy = { .styles = true,
		.remote_images = true };
	struct html_report r;
	struct buf once = BUF_EMPTY, twice = BUF_EMPTY, text = BUF_EMPTY;

	html_clean(&once, in, &policy, &r);
	must(r.work <= 400 * n + 1000);
	must(utf8_valid(buf_span(&once)));
	check_tags(buf_span(&once));
	html_clean(&twice, buf_span(&once), &policy, NULL);
	must(span_eq(buf_span(&once), buf_span(&twice)));
	html_to_text(&text, in, 100);
	must(text.n <= 101);
	buf_clear(&text);
	text_html(&text, in, n % 2 == 0, n % 4 == 0);
	must(utf8_valid(buf_span(&text)));
	check_tags(buf_span(&text));
	buf_free(&once);
	buf_free(&twice);
	buf_free(&text);
	return 0;
}
