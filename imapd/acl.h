/* acl.h - MYRIGHTS for more than the command of that name */

#ifndef IMAPD_ACL_H
#define IMAPD_ACL_H

#include "base/span.h"

struct session;

/* Tell the rights to a folder, by its name in UTF-8. */
void acl_put_my_rights(struct session *s, struct span folder, unsigned rights);

#endif
