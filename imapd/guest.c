/* guest.c - a session of the owner's process whose client is another user's */

#include "imapd/guest.h"

#include "base/arena.h"
#include "base/buf.h"
#include "imapd/session.h"
#include "imapd/shared.h"

bool
guest_is(const struct session *s)
{
	return s->start->visitor.n > 0;
}

bool
guest_may(const struct command *c)
{
	static command_fn *const may[] = { cmd_append, cmd_cancelupdate,
		cmd_check, cmd_close, cmd_copy, cmd_create, cmd_delete,
		cmd_deleteacl, cmd_enable, cmd_esearch, cmd_examine,
		cmd_expunge, cmd_fetch, cmd_getacl, cmd_getmetadata, cmd_idle,
		cmd_list, cmd_listrights, cmd_logout, cmd_move, cmd_myrights,
		cmd_noop, cmd_notify, cmd_rename, cmd_replace, cmd_search,
		cmd_select, cmd_setacl, cmd_setmetadata, cmd_sort, cmd_status,
		cmd_store, cmd_thread, cmd_unselect };

	for (size_t i = 0; i < sizeof(may) / sizeof(may[0]); i++)
		if (c->run == may[i])
			return true;
	return false;
}

const struct imap_conf *
guest_conf(const struct imap_conf *conf, struct arena *a)
{
	struct imap_conf *c = arena_alloc(a, sizeof(*c));
	const char separator[] = { conf->folders.separator, '\0' };
	struct span trash;

	*c = *conf;
	c->folders.prefix = separator[0] == '/' ? "INBOX/" : "INBOX.";
	c->folders.alias = false;
	if (conf->trash != NULL) {
		trash = span_str(conf->trash);
		if (span_starts(trash, conf->folders.prefix))
			trash =
			    span_skip(trash, span_str(conf->folders.prefix).n);
		c->trash = arena_printf(
		    a, "%s%.*s", c->folders.prefix, (int)trash.n, trash.p);
	}
	return c;
}

bool
guest_begin(struct session *s, struct arena *a)
{
	struct span rest = s->start->groups, *groups, word;
	size_t n = 0;

	/* all of them: one that is missing may be who something is denied */
	groups = arena_array(a, rest.n / 2 + 1, sizeof(*groups));
	while (span_word(&rest, " ", &word))
		groups[n++] = word;
	s->who = (struct acl_who){ s->start->visitor, false, groups, n };
	return s->conf->acl && shared_base(s->conf, s->start->user, &s->base);
}
