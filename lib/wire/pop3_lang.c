/* pop3_lang.c - the LANG command of POP3 (RFC 6856, 3) */

#include "wire/pop3_lang.h"

#include "base/buf.h"

void
pop3_lang(struct span arg, struct buf *out)
{
	if (arg.n == 0)
		buf_add_str(out,
		    "+OK Language listing follows:\r\nen English\r\n.\r\n");
	else if (span_is(arg, "*") || span_iis(arg, "en") ||
	    span_istarts(arg, "en-"))
		buf_add_str(out, "+OK en The language is English\r\n");
	else
		buf_add_str(out, "-ERR en That language is not known here\r\n");
}
