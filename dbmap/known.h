/* known.h - the tables of databases that the configuration names
 *
 * A process of dbmap asks nothing but these, so that who takes lookup over
 * cannot have it dial wherever he likes.
 */

#ifndef DBMAP_KNOWN_H
#define DBMAP_KNOWN_H

#include <stdbool.h>

#include "base/span.h"

struct known;
struct why;

struct known *known_new(void);
void known_free(struct known **k);
/* Note the names "type:/file" that stand anywhere in main.cf of folder, or
 * behind -o in master.cf. false: why. */
bool known_read(struct known *k, const char *folder, struct why *why);
/* Note those in a text. */
void known_scan(struct known *k, struct span text);
/* Read their files, as root, as they are now. One that is of no use is not
 * known. */
void known_load(struct known *k);
/* Is this the table of that name, with what stands in its file? */
bool known_has(const struct known *k, struct span name, struct span conf);

#endif
