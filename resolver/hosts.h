/* hosts.h - /etc/hosts, read once */

#ifndef RESOLVER_HOSTS_H
#define RESOLVER_HOSTS_H

#include <stdbool.h>

#include "base/span.h"
#include "dns/answer.h"

struct arena;
struct hosts;

enum { HOSTS_BYTES_MAX = 4 << 20 };

/* From the text of a hosts(5) file; lines that are none are passed over. */
struct hosts *hosts_parse(struct span text);
void hosts_free(struct hosts **h);
/* Addresses of a name, or the first name of an address (its reverse name, type
 * PTR). False when the file does not say; *out is unchanged then. */
bool hosts_find(const struct hosts *h, struct span name, enum dns_type type,
    struct arena *a, struct dns_answer *out);
/* Has the name any address in the file? */
bool hosts_knows(const struct hosts *h, struct span name);

#endif
