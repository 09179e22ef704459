/* path.c - an address of the envelope as MAIL and RCPT carry it */

#include "smtp/path.h"

#include "base/buf.h"
#include "message/address.h"

enum path_result
path_print(struct buf *out, struct span address)
{
	struct buf text = BUF_EMPTY;
	struct address_path path = { .utf8 = false };
	enum address_result got;

	/* what stands in the queue may be old: everything is checked anew */
	address_normalise(&text, address, false);
	got = address_parse_path(buf_span(&text),
	    ADDRESS_UTF8 | ADDRESS_BARE | ADDRESS_LOOSE | ADDRESS_LONG_LOCAL,
	    &path);
	if (got == ADDRESS_OK || got == ADDRESS_NULL)
		buf_add_span(out, buf_span(&text));
	buf_free(&text);
	if (got == ADDRESS_NULL)
		return address.n == 0 ? PATH_OK : PATH_BAD;
	if (got != ADDRESS_OK)
		return PATH_BAD;
	return path.utf8 ? PATH_UTF8 : PATH_OK;
}
