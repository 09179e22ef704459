/* served.h - which parameters a program reads */

#ifndef CONFIG_SERVED_H
#define CONFIG_SERVED_H

#include <stdbool.h>

#include "base/span.h"

/* True for a parameter that some program of the suite reads, as it was built;
 * and for those that are there to be asked for only, such as mail_version. */
bool param_served(struct span name);

#endif
