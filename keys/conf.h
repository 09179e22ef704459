/* conf.h - which keys there are, and who may have things signed with them */

#ifndef KEYS_CONF_H
#define KEYS_CONF_H

#include "base/span.h"

struct main_cf;
struct why;

/* Programs that ask, as bits. */
enum role { ROLE_SMTPD = 1, ROLE_SMTP = 2, ROLE_LOGIN = 4, ROLE_PICKUP = 8 };

/* The role of a listener's label; 0 for one that may ask nothing. */
unsigned role_of_label(const char *label);

/* Call each for every key file that main.cf, the rows of master.cf, Courier's
 * files and tables of DKIM keys name (some twice). folder is where they lie.
 * False: one of these files is ill-formed, why says how. */
typedef void conf_key_fn(void *arg, struct span path, unsigned roles);
bool
conf_keys(const char *folder, conf_key_fn *each, void *arg, struct why *why);

#endif
