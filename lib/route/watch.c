/*
 * watch.c - who explains an answer is told what led to it
 *
 * A table found its key, a list of domains the domain, a setting stood for
 * what no table had. Nothing is noted where nobody looks on.
 */

#include <stddef.h>

#include "route/internal.h"

void
route_watch(struct route *r, route_seen_fn *fn, void *arg)
{
	r->seen = fn;
	r->seen_arg = arg;
}

/* The parameter that list was made from. */
static const char *
parameter_of(const struct route *r, const struct map_list *list)
{
	const struct {
		const struct map_list *list;
		const char *parameter;
	} rows[] = {
		{ &r->alias, "alias_maps" },
		{ &r->virtual_alias, "virtual_alias_maps" },
		{ &r->canonical, "canonical_maps" },
		{ &r->sender_canonical, "sender_canonical_maps" },
		{ &r->recipient_canonical, "recipient_canonical_maps" },
		{ &r->sender_bcc, "sender_bcc_maps" },
		{ &r->recipient_bcc, "recipient_bcc_maps" },
		{ &r->relocated, "relocated_maps" },
		{ &r->local_recipient, "local_recipient_maps" },
		{ &r->relay_recipient, "relay_recipient_maps" },
		{ &r->virtual_mailbox, "virtual_mailbox_maps" },
		{ &r->mail.transport, "transport_maps" },
		{ &r->mail.sender_relayhost,
		    "sender_dependent_relayhost_maps" },
		{ &r->mail.sender_transport,
		    "sender_dependent_default_transport_maps" },
		{ &r->probes.transport, "address_verify_transport_maps" },
		{ &r->probes.sender_relayhost,
		    "address_verify_sender_dependent_relayhost_maps" },
		{ &r->probes.sender_transport,
		    "address_verify_sender_dependent_default_transport_maps" },
		{ &r->mailbox_transport, "mailbox_transport_maps" },
		{ &r->fallback_transport, "fallback_transport_maps" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].list == list)
			return rows[i].parameter;
	return "";
}

static void
tell(const struct job *j, const struct route_seen *seen)
{
	j->route->seen(j->route->seen_arg, seen);
}

void
seen_key(const struct job *j, const struct map_list *list, struct span key,
    struct span value)
{
	if (j->route->seen != NULL)
		tell(j,
		    &(struct route_seen){ ROUTE_SEEN_KEY,
			parameter_of(j->route, list), map_spec(list->hit), key,
			value });
}

void
seen_class(const struct job *j, const char *parameter, struct span domain)
{
	if (j->route->seen != NULL)
		tell(j,
		    &(struct route_seen){
			ROUTE_SEEN_CLASS, parameter, "", domain, SPAN("") });
}

void
seen_setting(const struct job *j, const char *parameter, struct span value)
{
	if (j->route->seen != NULL)
		tell(j,
		    &(struct route_seen){
			ROUTE_SEEN_SETTING, parameter, "", SPAN(""), value });
}

void
seen_account(const struct job *j, const char *name, const char *home)
{
	if (j->route->seen != NULL)
		tell(j,
		    &(struct route_seen){ ROUTE_SEEN_ACCOUNT, "", "",
			span_str(name), span_str(home) });
}
