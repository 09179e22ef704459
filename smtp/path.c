/* path.c - an address of the envelope as MAIL and RCPT carry it */

#include "smtp/path.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "message/address.h"
#include "message/idn.h"

/* "a b"@example as a b@example; left as it is where the path would end in
 * it. */
static void
unquote(struct buf *text)
{
	struct buf plain = BUF_EMPTY;
	size_t i = 1;

	if (text->n == 0 || text->p[0] != '"')
		return;
	for (; i < text->n && text->p[i] != '"'; i++) {
		if (text->p[i] == '\\' && i + 1 < text->n)
			i++;
		if (ascii_control((unsigned char)text->p[i]) ||
		    text->p[i] == '<' || text->p[i] == '>')
			break;
		buf_add_byte(&plain, text->p[i]);
	}
	if (i < text->n && text->p[i] == '"' && plain.n > 0) {
		buf_add_span(&plain, span_skip(buf_span(text), i + 1));
		buf_clear(text);
		buf_add_span(text, buf_span(&plain));
	}
	buf_free(&plain);
}

enum path_result
path_print(struct buf *out, struct span address, unsigned forms)
{
	struct buf text = BUF_EMPTY, ascii = BUF_EMPTY;
	struct address_path path = { .utf8 = false };
	enum address_result got;

	/* what stands in the queue may be old: everything is checked anew */
	address_normalise(&text, address, false);
	if ((forms & PATH_ASCII) != 0 && utf8_wide(buf_span(&text)) &&
	    idn_address_to_ascii(&ascii, buf_span(&text))) {
		buf_clear(&text);
		buf_add_span(&text, buf_span(&ascii));
	}
	buf_free(&ascii);
	got = address_parse_path(buf_span(&text),
	    ADDRESS_UTF8 | ADDRESS_BARE | ADDRESS_LOOSE | ADDRESS_LONG_LOCAL,
	    &path);
	if (got == ADDRESS_OK && (forms & PATH_BARE) != 0)
		unquote(&text);
	if (got == ADDRESS_OK || got == ADDRESS_NULL)
		buf_add_span(out, buf_span(&text));
	buf_free(&text);
	if (got == ADDRESS_NULL)
		return address.n == 0 ? PATH_OK : PATH_BAD;
	if (got != ADDRESS_OK)
		return PATH_BAD;
	return path.utf8 ? PATH_UTF8 : PATH_OK;
}
