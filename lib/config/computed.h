/* computed.h - parameters whose default this machine decides */

#ifndef CONFIG_COMPUTED_H
#define CONFIG_COMPUTED_H

#include <stdbool.h>

#include "base/span.h"

struct buf;
struct main_cf;
struct why;

/* What was found out so far, for one main_cf. */
struct computed;

/* live: ask this machine (its name, its interfaces, the file of myorigin);
 * else fixed answers serve, so that text alone decides: localhost.localdomain
 * and loopback. */
struct computed *computed_new(bool live);
void computed_free(struct computed **c);
/* Find anew: a parameter that they depend on may have changed. */
void computed_forget(struct computed *c);

/* Is that one of them? */
bool computed_knows(struct span name);
/* The default of myhostname, mydomain, mynetworks as text that may still hold
 * $name; *value is NULL for other names. It lasts as long as c.
 * false: why. */
bool computed_default(struct computed *c, const struct main_cf *m,
    struct span name, const char **value, struct why *why);
/* The value of myorigin where it names a file: that file's first line. *value
 * as above: NULL when text is no file's name or nothing live is wanted. */
bool computed_origin(
    struct computed *c, const char *text, const char **value, struct why *why);
/* "mail" or "mail.example.org" as this machine's full name; domain may be
 * NULL. Appended to out; false when name is none that mail can use. */
bool computed_host_name(struct span name, const char *domain, struct buf *out);

#endif
