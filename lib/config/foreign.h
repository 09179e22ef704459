/* foreign.h - parameters of Postfix that Facteur does not have */

#ifndef CONFIG_FOREIGN_H
#define CONFIG_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* True for a parameter that Postfix has (3.7, or an older or newer release)
 * and no program of the suite. */
bool foreign_param(struct span name);
/* All names of the list, sorted; some may be ours by now. */
size_t foreign_count(void);
const char *foreign_name(size_t i);

#endif
