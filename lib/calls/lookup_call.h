/* lookup_call.h - asking lookup: where an address goes, what a table says
 *
 *   lookup_rcpt -> lookup_route   smtpd at RCPT, qmgr for each recipient; a
 *                                 long list comes in several packets
 *   lookup_map  -> lookup_value   one key in the tables of one parameter
 *   lookup_address -> the same    an address: all forms that it has as a key
 *
 * lookup answers each role only for the parameters listed for it.
 */

#ifndef CALLS_LOOKUP_CALL_H
#define CALLS_LOOKUP_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/why.h"

struct arena;
struct packet_in;
struct packet_out;

/* Of one answer, and of one packet of it. */
enum { LOOKUP_EXPAND_MAX = 50000, LOOKUP_PART_MAX = 1000 };

enum lookup_class {
	CLASS_LOCAL, /* mydestination, inet_interfaces, proxy_interfaces */
	CLASS_VIRTUAL_ALIAS,
	CLASS_VIRTUAL_MAILBOX,
	CLASS_RELAY, /* relay_domains */
	CLASS_OTHER /* foreign: relaying */
};

struct lookup_rcpt_request {
	struct span sender, address; /* without <> */
	/* smtpd: only whether it exists, no expansion of aliases */
	bool verify_only;
	/* An alias named itself: alias_maps and virtual_alias_maps are not
	 * asked again for it. */
	bool final;
	/* receive_override_options: no canonical, no virtual. */
	bool no_mappings;
	/* It goes to a content filter: aliases and accounts are not asked,
	 * and the answer has no transport. */
	bool filtered;
	/* Of a probe of the address: the address_verify_ parameters choose
	 * transport and next hop. */
	bool probe;
};

/* What to do with one address. */
enum lookup_kind {
	ROUTE_DELIVER, /* transport, nexthop, user are set */
	ROUTE_EXPAND, /* replaced by the list */
	ROUTE_COMMAND, /* an alias's "|command", run as user */
	ROUTE_FILE, /* an alias's /path, as user */
	ROUTE_INCLUDE, /* an alias's :include:/path, as user */
	ROUTE_REFUSE /* why: BOUNCE (unknown user), DEFER (map trouble) */
};

struct lookup_target {
	enum lookup_kind kind;
	struct span address; /* rewritten: complete, canonical */
	struct span transport, nexthop; /* ROUTE_DELIVER */
	struct span user; /* local account; or the owner of a command */
};

struct lookup_route {
	enum lookup_class class; /* of the address asked for */
	struct why why; /* DONE; else refused */
	/* One target of kind ROUTE_DELIVER, or the members of an alias: each
	 * of kind DELIVER (a plain address: ask again for it; with transport
	 * and user set: it is the address asked for, which is final now),
	 * COMMAND, FILE or INCLUDE. */
	bool expanded; /* true: the targets replace the address */
	/* By an alias or the like of local delivery: queue/via.h. */
	bool local;
	struct span owner; /* owner-alias sender, or empty */
	size_t count;
	const struct lookup_target *targets;
	bool more; /* of a packet: the list goes on in the next one */
};

void lookup_rcpt_put(struct packet_out *o, const struct lookup_rcpt_request *r);
bool lookup_rcpt_get(struct packet_in *in, struct lookup_rcpt_request *out);
void lookup_route_put(
    struct packet_out *o, uint32_t id, const struct lookup_route *r);
/* The same in as many packets as the list takes, each handed to send. */
typedef void lookup_send_fn(void *arg, const struct packet_out *o);
void lookup_route_send(
    uint32_t id, const struct lookup_route *r, lookup_send_fn *send, void *arg);
/* why_init() out->why before; targets live in a and point into the packet. */
bool lookup_route_get(
    struct packet_in *in, struct arena *a, struct lookup_route *out);

/* parameter: the main.cf parameter whose tables are meant
 * ("smtpd_sender_login_maps"), or "type:name" of a table that stands in one of
 * the role's restriction lists. The key for local_login_sender_maps is a uid,
 * which lookup makes a login name. */
void
lookup_map_put(struct packet_out *o, struct span parameter, struct span key);
bool
lookup_map_get(struct packet_in *in, struct span *parameter, struct span *key);
/* The same with the keys of an address, in Postfix's order: user+ext@domain,
 * user@domain, at our own domains user+ext and user, at last @domain. */
void lookup_address_put(
    struct packet_out *o, struct span parameter, struct span address);
bool lookup_address_get(
    struct packet_in *in, struct span *parameter, struct span *address);
/* found false with why DONE: no such key; why DEFER: the table failed. */
void lookup_value_put(struct packet_out *o, uint32_t id, bool found,
    struct span value, const struct why *why);
bool lookup_value_get(
    struct packet_in *in, bool *found, struct span *value, struct why *why);

#endif
