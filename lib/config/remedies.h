/* remedies.h - what to set in place of a parameter of Postfix that has no
 * effect here
 */

#ifndef CONFIG_REMEDIES_H
#define CONFIG_REMEDIES_H

#include "base/span.h"

/* Words that go behind the parameter, "see smtp_tls_policy_maps"; NULL: there
 * is nothing to say. */
const char *remedy_for(struct span name);

#endif
