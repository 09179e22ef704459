/* conf.h - what routing takes from main.cf */

#ifndef ROUTE_CONF_H
#define ROUTE_CONF_H

#include <stdbool.h>

#include "config/param.h"

struct srs;

struct route_conf {
	const char *myhostname, *mydomain, *myorigin;
	bool append_at_myorigin, append_dot_mydomain;
	bool swap_bangpath, allow_percent_hack, allow_min_user;
	const char *recipient_delimiter, *propagate_unmatched_extensions;
	bool owner_request_special, expand_owner_alias;
	const char *empty_address_recipient, *double_bounce_sender;
	/* the classes of addresses */
	const char *mydestination, *inet_interfaces, *inet_protocols,
	    *proxy_interfaces;
	const char *virtual_alias_domains, *virtual_mailbox_domains,
	    *relay_domains, *parent_domain_matches_subdomains;
	/* who is there */
	const char *local_recipient_maps, *relay_recipient_maps,
	    *virtual_mailbox_maps;
	bool show_user_unknown_table_name;
	/* other addresses in place of one */
	const char *canonical_maps, *sender_canonical_maps,
	    *recipient_canonical_maps;
	const char *canonical_classes, *sender_canonical_classes,
	    *recipient_canonical_classes;
	const char *masquerade_domains, *masquerade_exceptions,
	    *masquerade_classes;
	const char *remote_header_rewrite_domain;
	const char *always_bcc, *sender_bcc_maps, *recipient_bcc_maps;
	const char *virtual_alias_maps, *alias_maps, *relocated_maps;
	int virtual_alias_expansion_limit, virtual_alias_recursion_limit;
	int virtual_alias_address_length_limit;
	bool resolve_numeric_domain, resolve_null_domain;
	const char *empty_address_relayhost_maps_lookup_key,
	    *empty_address_default_transport_maps_lookup_key;
	const char *luser_relay; /* raw */
	const char *default_privs;
	/* where to */
	const char *local_transport, *virtual_transport, *relay_transport,
	    *default_transport, *relayhost, *transport_maps;
	const char *sender_dependent_relayhost_maps,
	    *sender_dependent_default_transport_maps;
	/* the same for probes of addresses */
	const char *address_verify_local_transport,
	    *address_verify_virtual_transport, *address_verify_relay_transport,
	    *address_verify_default_transport, *address_verify_relayhost,
	    *address_verify_transport_maps,
	    *address_verify_sender_dependent_relayhost_maps,
	    *address_verify_sender_dependent_default_transport_maps;
	const char *address_verify_sender;
	int64_t address_verify_sender_ttl;
	const char *mailbox_transport, *mailbox_transport_maps,
	    *fallback_transport, *fallback_transport_maps;
	const char *default_database_type;
	const char *srs_domain, *srs_secret_file;
	const struct srs *srs; /* no parameter: set by who may read the secret;
				* NULL: none */
};

/* Rows for struct route_conf. */
extern const struct param route_params[];

#endif
