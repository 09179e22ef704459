/* grams.h - which three bytes stand beside each other in a text
 *
 * Made in one pass over a header, it answers for all conditions of an rc file
 * which of them need not look at the header at all.
 */

#ifndef RULES_GRAMS_H
#define RULES_GRAMS_H

#include <stdbool.h>

#include "base/span.h"

struct grams;

/* Upper and lower case are one. */
struct grams *grams_new(struct span text);
void grams_free(struct grams **g);
/* May row stand in the text, in whatever case? False is certain; of fewer than
 * three bytes nothing is known. */
bool grams_may_have(const struct grams *g, struct span row);

#endif
