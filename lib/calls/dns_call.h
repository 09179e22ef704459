/* dns_call.h - asking resolver about a name
 *
 *   dns_ask -> dns_answer
 *
 * Names in /etc/hosts are answered from there, addresses both ways, unless the
 * caller wants it otherwise (smtp_host_lookup). Open to all its callers alike:
 * it gives nothing but the DNS.
 */

#ifndef CALLS_DNS_CALL_H
#define CALLS_DNS_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "dns/answer.h"

struct arena;
struct packet_in;
struct packet_out;

/* What /etc/hosts has to say in the matter. */
enum dns_hosts {
	DNS_HOSTS_FIRST,
	DNS_HOSTS_NEVER, /* but of "localhost" */
	DNS_HOSTS_LAST /* where the DNS has nothing */
};

/* name: as dns_name_askable() has it. */
void dns_ask_put(struct packet_out *o, struct span name, enum dns_type type);
void dns_ask_put_hosts(struct packet_out *o, struct span name,
    enum dns_type type, enum dns_hosts hosts);
/* hosts may be NULL. */
bool dns_ask_get(struct packet_in *in, struct span *name, enum dns_type *type,
    enum dns_hosts *hosts);
/* What does not fit into a packet is left out and counted as dropped. */
void dns_answer_put(struct packet_out *o, uint32_t id, enum dns_type type,
    const struct dns_answer *answer);
/* All lives in a. type is what was asked for: false when the answer is of
 * another, or a record is unfit for it. */
bool dns_answer_get(struct packet_in *in, struct arena *a, enum dns_type type,
    struct dns_answer *out);

#endif
