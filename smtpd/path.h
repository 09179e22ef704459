/* path.h - the paths of MAIL, RCPT and VRFY (RFC 5321, 4.1.2; RFC 6531, 3.3)
 *
 * Apart from the rest, for lib/message and lib/os both have a struct address.
 */

#ifndef SMTPD_PATH_H
#define SMTPD_PATH_H

#include <stdbool.h>

#include "base/span.h"

struct smtpd_conf;

enum path_result {
	PATH_OK,
	PATH_NULL, /* "<>" */
	/* none, with a domain that nobody can ask the DNS for, or an option to
	 * programs (allow_min_user) */
	PATH_BAD,
	PATH_NOT_ASCII /* and SMTPUTF8 was not asked for, or is off */
};

/* Read what stands between the brackets. asked: SMTPUTF8 was. Without it UTF-8
 * may stand in a local part, as mail has come since before there was such a
 * word, unless strict_smtputf8 says otherwise; never in a domain. *address:
 * without the source route, which is to be ignored (RFC 5321, 3.3). */
enum path_result path_read(const struct smtpd_conf *conf, struct span inside,
    bool asked, struct span *address);

#endif
