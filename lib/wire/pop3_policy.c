/* pop3_policy.c - what a POP3 server says of itself (RFC 2449, 6) */

#include "wire/pop3_policy.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/number.h"

bool
pop3_expire_parse(struct span s, int *days)
{
	*days = POP3_NEVER;
	return span_iis(s, "never") ||
	    number_parse_int(s, 0, POP3_DAYS_MAX, days);
}

void
pop3_capa(struct buf *out, int expire_days, int64_t login_delay)
{
	buf_add_str(out,
	    "TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\n"
	    "UTF8\r\nLANG\r\n");
	if (expire_days == POP3_NEVER)
		buf_add_str(out, "EXPIRE NEVER\r\n");
	else
		buf_printf(out, "EXPIRE %d\r\n", expire_days);
	if (login_delay > 0)
		buf_printf(out, "LOGIN-DELAY %" PRId64 "\r\n", login_delay);
}
