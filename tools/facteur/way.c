/*
 * way.c - facteur trace: from an address to where its mail ends
 *
 * The same code that lookup answers with is asked here, with the tables as they
 * are now, and tells what it comes upon. Where an address becomes others, these
 * are looked at in turn, each once. Where the system runs, lookup is asked too:
 * it should say the same.
 */

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/clean_call.h"
#include "calls/lookup_call.h"
#include "calls/showq_call.h"
#include "config/param.h"
#include "maps/list_path.h"
#include "maps/map_pool.h"
#include "maps/source.h"
#include "message/address.h"
#include "os/users.h"
#include "route/clean.h"
#include "route/conf.h"
#include "route/route.h"
#include "route/srs.h"
#include "service/tool.h"
#include "tools/facteur/trace.h"
#include "tools/postqueue/listing.h"

enum { ITEMS_MAX = 2000 };

/* An address still to be looked at. */
struct item {
	struct span address, sender;
	bool final;
};

struct way {
	struct trace *t;
	struct route_conf conf;
	struct route *route;
	struct item *items;
	size_t count;
	bool cut; /* there were more */
	struct table *known;
	struct span decided; /* what chose the transport */
};

static const char *const class_names[] = {
	[CLASS_LOCAL] = "local",
	[CLASS_VIRTUAL_ALIAS] = "virtual alias",
	[CLASS_VIRTUAL_MAILBOX] = "virtual mailbox",
	[CLASS_RELAY] = "relay",
	[CLASS_OTHER] = "other (foreign)",
};

static void
item_add(struct way *w, struct span address, struct span sender, bool final)
{
	static char mark;
	struct span key = span_str(arena_printf(
	    w->t->arena, "%d %.*s", final, (int)address.n, address.p));

	if (table_put(w->known, key, &mark) != NULL)
		return;
	if (w->count == ITEMS_MAX) {
		w->cut = true;
		return;
	}
	w->items = mem_resize(w->items, w->count + 1, sizeof(*w->items));
	w->items[w->count++] =
	    (struct item){ arena_span(w->t->arena, address), sender, final };
}

/* ---- what lib/route comes upon */

static bool
chooses_transport(const char *parameter)
{
	static const char *const names[] = { "transport_maps",
		"local_transport", "virtual_transport", "relay_transport",
		"default_transport", "relayhost",
		"sender_dependent_relayhost_maps",
		"sender_dependent_default_transport_maps", "mailbox_transport",
		"mailbox_transport_maps", "fallback_transport",
		"fallback_transport_maps" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(parameter, names[i]) == 0)
			return true;
	return false;
}

static void
seen_key(struct way *w, const struct route_seen *s)
{
	say_step(&w->t->say, "table",
	    SAY_FIELDS({ "parameter", span_str(s->parameter) },
		{ "table", span_str(s->table) }, { "key", s->key },
		{ "value", s->value }),
	    "%s: %s has \"%.*s\": %.*s", s->parameter, s->table, (int)s->key.n,
	    s->key.p, (int)s->value.n, s->value.p);
	if (chooses_transport(s->parameter))
		w->decided =
		    span_str(arena_printf(w->t->arena, "%s, %s, key \"%.*s\"",
			s->parameter, s->table, (int)s->key.n, s->key.p));
}

static void
seen_setting(struct way *w, const struct route_seen *s)
{
	if (chooses_transport(s->parameter)) {
		w->decided = span_str(arena_printf(w->t->arena, "%s = %.*s",
		    s->parameter, (int)s->value.n, s->value.p));
		return;
	}
	say_step(&w->t->say, "setting",
	    SAY_FIELDS(
		{ "parameter", span_str(s->parameter) }, { "value", s->value }),
	    "%s: %.*s", s->parameter, (int)s->value.n, s->value.p);
}

static void
seen(void *arg, const struct route_seen *s)
{
	struct way *w = arg;

	switch (s->what) {
	case ROUTE_SEEN_KEY:
		seen_key(w, s);
		break;
	case ROUTE_SEEN_SETTING:
		seen_setting(w, s);
		break;
	case ROUTE_SEEN_CLASS:
		say_step(&w->t->say, "domain",
		    SAY_FIELDS({ "parameter", span_str(s->parameter) },
			{ "domain", s->key }),
		    "%s has %.*s", s->parameter, (int)s->key.n, s->key.p);
		break;
	case ROUTE_SEEN_ACCOUNT:
		say_step(&w->t->say, "account",
		    SAY_FIELDS({ "user", s->key }, { "home", s->value }),
		    "%.*s, home %.*s", (int)s->key.n, s->key.p, (int)s->value.n,
		    s->value.p);
		break;
	}
}

/* ---- the running system */

static bool
same_answer(const struct lookup_route *a, const struct lookup_route *b)
{
	size_t n = a->count < b->count ? a->count : b->count;

	if (a->why.outcome != b->why.outcome || a->expanded != b->expanded ||
	    (!b->more && a->count != b->count))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!span_eq(a->targets[i].address, b->targets[i].address) ||
		    !span_eq(
			a->targets[i].transport, b->targets[i].transport) ||
		    !span_eq(a->targets[i].nexthop, b->targets[i].nexthop))
			return false;
	return true;
}

/* lookup's own answer: tables and main.cf as it has read them. */
static void
compare_running(struct way *w, const struct lookup_rcpt_request *ask,
    const struct lookup_route *ours)
{
	struct trace *t = w->t;
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	struct lookup_route theirs = { .more = false };
	const char *text = "lookup did not answer";

	if (!t->running || !t->root)
		return;
	why_init(&theirs.why);
	lookup_rcpt_put(&o, ask);
	if (trace_ask(t, "qmgr", "lookup", &o, &in) &&
	    lookup_route_get(&in, t->arena, &theirs))
		text = same_answer(ours, &theirs)
		    ? NULL
		    : "the running system answers otherwise: facteur reload "
		      "has it read the configuration again";
	say_step(&t->say, "running",
	    SAY_FIELDS({ "agrees", span_str(text == NULL ? "yes" : "no") }),
	    "%s",
	    text != NULL ? text : "lookup of the running system says the same");
	packet_in_done(&in);
	packet_done(&o);
	why_free(&theirs.why);
}

/* ---- what waits in the queue */

struct waiting {
	struct trace *t;
	struct span address;
	unsigned count;
	struct span reason;
};

static void
waiting_line(void *arg, const struct showq_line *line)
{
	struct waiting *w = arg;

	if (!line->rcpt || !span_ieq(line->address, w->address))
		return;
	w->count++;
	if (line->reason.n > 0)
		w->reason = arena_span(w->t->arena, line->reason);
}

static void
queue_show(struct trace *t, struct span address)
{
	struct waiting w = { .t = t, .address = address };
	int fd = t->running ? tool_connect(t->tool, "showq") : -1;

	if (fd == -1)
		return;
	close(fd);
	listing_walk(t->tool, waiting_line, &w);
	if (w.count > 0)
		say_step(&t->say, "queue", SAY_FIELDS({ "reason", w.reason }),
		    "mail for it waits in %u messages%s%.*s", w.count,
		    w.reason.n > 0 ? ", last reason: " : "", (int)w.reason.n,
		    w.reason.p);
}

/* ---- what becomes of it */

static void
becomes(struct way *w, const char *kind, struct span what, struct span user)
{
	say_step(&w->t->say, "becomes",
	    SAY_FIELDS({ "kind", span_str(kind) }, { "target", what },
		{ "user", user }),
	    "%.*s (%s%s%.*s)", (int)what.n, what.p, kind,
	    user.n > 0 ? ", as " : "", (int)user.n, user.p);
}

/* Whose list is read, and what mail was for. */
struct list_of {
	struct way *way;
	struct span user, address, sender;
	struct span local, extension, domain;
	const char *home, *shell;
};

/* A member that is the user's own mailbox. */
static bool
is_self(const struct list_of *l, struct span member)
{
	struct span local = span_head(member, span_rfind(member, '@'));

	return span_ieq(member, l->address) || span_ieq(member, l->user) ||
	    (span_ieq(local, l->user) &&
		span_ieq(span_skip(member, local.n + 1), l->domain));
}

static void
member_show(const struct list_of *l, enum alias_kind kind, struct span member,
    bool *self)
{
	static const char *const kinds[] = { [ALIAS_ADDRESS] = "address",
		[ALIAS_COMMAND] = "command",
		[ALIAS_FILE] = "file",
		[ALIAS_INCLUDE] = "include" };
	bool bare = kind == ALIAS_ADDRESS && span_at(member, 0) == '\\';

	if (bare)
		member = span_skip(member, 1);
	if (kind == ALIAS_ADDRESS && is_self(l, member)) {
		*self = true;
		becomes(l->way, "own mailbox", member, SPAN(""));
		return;
	}
	becomes(l->way, kinds[kind], member,
	    kind == ALIAS_ADDRESS ? SPAN("") : l->user);
	if (kind == ALIAS_ADDRESS)
		item_add(l->way, member, l->sender, false);
}

/* Each member of the text; *self: the user's own mailbox is one of them. How
 * many. */
static size_t
members_show(const struct list_of *l, struct span text, bool *self)
{
	struct buf member = BUF_EMPTY;
	struct source source;
	enum alias_kind kind;
	struct span line;
	size_t n = 0;

	source_init(&source, text);
	while (n < ITEMS_MAX && source_next(&source, &line))
		while (n < ITEMS_MAX && source_member(&line, &kind, &member)) {
			member_show(l, kind, buf_span(&member), self);
			n++;
		}
	source_done(&source);
	buf_free(&member);
	return n;
}

static enum list_result
list_show(const struct list_of *l, const char *step, const char *path,
    struct span *text)
{
	static const char *const words[] = { [LIST_READ] = "is used",
		[LIST_ABSENT] = "is not there",
		[LIST_REFUSED] = "is not used: it",
		[LIST_UNREADABLE] = "cannot be looked into here:" };
	const char *reason;
	enum list_result got =
	    list_read(l->way->t, path, l->user, text, &reason);

	say_step(&l->way->t->say, step,
	    SAY_FIELDS({ "file", span_str(path) }, { "user", l->user },
		{ "state", span_str(words[got]) },
		{ "reason", span_str(reason) }),
	    "%s %s%s%s", path, words[got], reason[0] == '\0' ? "" : " ",
	    reason);
	return got;
}

static void
include_show(struct way *w, const struct lookup_target *target,
    const struct item *from, struct span owner)
{
	struct span path = target->address, text;
	struct list_of l = { .way = w,
		.user = target->user,
		.sender = owner.n > 0 ? owner : from->sender };
	bool self = false;

	if (span_istarts(path, ":include:"))
		path = span_skip(path, strlen(":include:"));
	if (list_show(&l, "include", arena_span_str(w->t->arena, path),
		&text) == LIST_READ)
		(void)members_show(&l, text, &self);
	if (self) /* no mailbox of its own: an address like others */
		item_add(w, l.user, l.sender, false);
}

static void
expanded_show(
    struct way *w, const struct item *item, const struct lookup_route *r)
{
	static const char *const kinds[] = { [ROUTE_DELIVER] = "address",
		[ROUTE_EXPAND] = "address",
		[ROUTE_COMMAND] = "command",
		[ROUTE_FILE] = "file",
		[ROUTE_INCLUDE] = "include",
		[ROUTE_REFUSE] = "refused" };
	struct span sender = r->owner.n > 0 ? r->owner : item->sender;

	if (r->owner.n > 0)
		say_step(&w->t->say, "owner",
		    SAY_FIELDS({ "sender", r->owner }),
		    "failures of what follows go to %.*s", (int)r->owner.n,
		    r->owner.p);
	for (size_t i = 0; i < r->count; i++) {
		const struct lookup_target *target = &r->targets[i];
		bool final = target->kind == ROUTE_DELIVER &&
		    target->transport.n > 0 && target->user.n > 0;

		becomes(w, final ? "final address" : kinds[target->kind],
		    target->address,
		    target->kind == ROUTE_DELIVER ? SPAN("") : target->user);
		if (target->kind == ROUTE_DELIVER)
			item_add(w, target->address, sender, final);
		else if (target->kind == ROUTE_INCLUDE)
			include_show(w, target, item, r->owner);
	}
}

/* ---- a user's mailbox */

static bool
forward_name(const void *arg, struct span name, struct buf *out)
{
	const struct list_of *l = arg;
	const struct {
		const char *name;
		struct span value;
	} names[] = { { "user", l->user }, { "home", span_str(l->home) },
		{ "shell", span_str(l->shell) }, { "recipient", l->address },
		{ "local", l->local }, { "domain", l->domain },
		{ "extension", l->extension },
		{ "recipient_delimiter",
		    span_str(l->way->conf.recipient_delimiter) } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_is(name, names[i].name)) {
			buf_add_span(out, names[i].value);
			return names[i].value.n > 0;
		}
	return false;
}

/* The first file of forward_path that is there; true: the user's own mailbox
 * gets the mail (too). */
static bool
forward_show(const struct list_of *l)
{
	struct span rest = span_str(
			main_cf_raw(l->way->t->tool->cf, "forward_path")),
		    item, text;
	enum list_result got = LIST_ABSENT;
	bool self = false;

	while (got == LIST_ABSENT && param_list_next(&rest, &item)) {
		struct buf path = BUF_EMPTY;

		if (list_path_expand(item, forward_name, l, &path))
			got = list_show(l, "forward", buf_str(&path), &text);
		buf_free(&path);
	}
	return got != LIST_READ || members_show(l, text, &self) == 0 || self;
}

static void
mailbox_show(const struct list_of *l)
{
	const struct tool *tool = l->way->t->tool;
	const char *command = main_cf_raw(tool->cf, "mailbox_command");
	const char *home = tool_value(tool, "home_mailbox");
	const char *parameter = "mail_spool_directory";
	char *box =
	    mem_printf("%s%.*s", tool_value(tool, "mail_spool_directory"),
		(int)l->user.n, l->user.p);

	if (command[0] != '\0') {
		parameter = "mailbox_command";
		free(box);
		box = mem_str(command);
	} else if (home[0] != '\0') {
		parameter = "home_mailbox";
		free(box);
		box = mem_printf("%s/%s", l->home, home);
	}
	say_step(&l->way->t->say, "mailbox",
	    SAY_FIELDS({ "parameter", span_str(parameter) },
		{ "user", l->user }, { "where", span_str(box) }),
	    "%s says: %s, as %.*s", parameter, box, (int)l->user.n, l->user.p);
	free(box);
}

static void
user_show(
    struct way *w, const struct item *item, const struct lookup_target *target)
{
	struct list_of l = { .way = w,
		.user = target->user,
		.address = target->address,
		.sender = item->sender };
	size_t at = span_rfind(target->address, '@');
	struct account who;
	struct span user;

	l.local = span_head(target->address, at);
	l.domain = span_skip(target->address, at + 1);
	if (users_find(w->t->arena, l.user, &who) != USERS_FOUND)
		return;
	l.home = who.home;
	l.shell = who.shell;
	(void)address_extension(
	    l.local, w->conf.recipient_delimiter, &user, &l.extension);
	if (forward_show(&l))
		mailbox_show(&l);
}

/* ---- a virtual mailbox */

/* What a parameter's tables have for the address, or why they have not. */
static struct span
virtual_value(struct way *w, const char *parameter, struct span address)
{
	struct buf value = BUF_EMPTY;
	struct map_list list;
	struct span got = SPAN("(cannot be read)");
	struct why why;

	why_init(&why);
	map_list_init(&list, w->t->pool,
	    span_str(tool_value(w->t->tool, parameter)),
	    MAP_FOLD | MAP_NO_SUBSTITUTION);
	switch (route_find(w->route, &list, address, &value, &why)) {
	case MAP_FOUND:
		got = arena_span(w->t->arena, buf_span(&value));
		break;
	case MAP_NONE:
		got = SPAN("(unknown)");
		break;
	case MAP_ERROR:
		break;
	}
	map_list_done(&list);
	buf_free(&value);
	why_free(&why);
	return got;
}

static void
virtual_show(struct way *w, struct span address)
{
	const char *base = tool_value(w->t->tool, "virtual_mailbox_base");
	struct span box = virtual_value(w, "virtual_mailbox_maps", address);
	struct span uid = virtual_value(w, "virtual_uid_maps", address);
	struct span gid = virtual_value(w, "virtual_gid_maps", address);

	say_step(&w->t->say, "mailbox",
	    SAY_FIELDS({ "parameter", SPAN("virtual_mailbox_maps") },
		{ "where", box }, { "uid", uid }, { "gid", gid }),
	    "virtual_mailbox_maps says: %.*s below %s, as uid %.*s, gid %.*s",
	    (int)box.n, box.p, base[0] == '\0' ? "/" : base, (int)uid.n, uid.p,
	    (int)gid.n, gid.p);
}

/* ---- one address */

static void
refused_show(struct way *w, const char *step, struct lookup_route *r)
{
	say_step(&w->t->say, step,
	    SAY_FIELDS({ "outcome",
			   r->why.outcome == DEFER ? SPAN("deferred")
						   : SPAN("bounced") },
		{ "status", span_str(r->why.status) },
		{ "reason", span_str(why_text(&r->why)) }),
	    "%s, %s %s", r->why.outcome == DEFER ? "deferred" : "bounced",
	    r->why.status, why_text(&r->why));
}

static void
delivery_show(struct way *w, const struct item *item,
    const struct lookup_target *target, enum lookup_class class)
{
	say_step(&w->t->say, "class",
	    SAY_FIELDS({ "class", span_str(class_names[class]) }), "%s",
	    class_names[class]);
	say_step(&w->t->say, "transport",
	    SAY_FIELDS({ "transport", target->transport },
		{ "nexthop", target->nexthop }, { "decided", w->decided }),
	    "%.*s, next hop %.*s, by %.*s", (int)target->transport.n,
	    target->transport.p, (int)target->nexthop.n, target->nexthop.p,
	    (int)w->decided.n, w->decided.p);
	if (target->user.n > 0)
		user_show(w, item, target);
	else if (span_is(target->transport, "virtual"))
		virtual_show(w, target->address);
	else
		next_show(w->t, target);
	queue_show(w->t, target->address);
}

/* Would smtpd take the recipient? Where a client is given it says so itself. */
static void
known_show(struct way *w, struct lookup_rcpt_request ask)
{
	struct lookup_route r = { .more = false };

	why_init(&r.why);
	ask.verify_only = true;
	(void)route_rcpt(w->route, w->t->arena, &ask, &r);
	if (r.why.outcome == DONE)
		say_step(&w->t->say, "recipient",
		    SAY_FIELDS({ "known", SPAN("yes") }),
		    "the tables of recipients know it, or take any");
	else
		refused_show(w, "recipient", &r);
	why_free(&r.why);
}

static void
item_show(struct way *w, size_t i)
{
	struct item item = w->items[i];
	struct lookup_rcpt_request ask = { .sender = item.sender,
		.address = item.address,
		.final = item.final };
	struct lookup_route r = { .more = false };

	why_init(&r.why);
	say_about(&w->t->say, item.address);
	if (i == 0)
		known_show(w, ask);
	w->decided = SPAN("");
	route_watch(w->route, seen, w);
	(void)route_rcpt(w->route, w->t->arena, &ask, &r);
	route_watch(w->route, NULL, NULL);
	if (r.why.outcome != DONE)
		refused_show(w, "refused", &r);
	else if (r.expanded)
		expanded_show(w, &item, &r);
	else if (r.count > 0)
		delivery_show(w, &item, &r.targets[0], r.class);
	compare_running(w, &ask, &r);
	why_free(&r.why);
}

/* What the message itself would have: its sender rewritten, and who gets a copy
 * unasked (always_bcc and its kin), who is looked at too. */
static void
message_show(struct way *w)
{
	struct trace *t = w->t;
	struct span rcpt = span_str(t->address), sender = span_str(t->sender);
	struct clean_request ask = { .first = true,
		.header = CLEAN_NONE,
		.sender = sender,
		.rcpt_count = 1,
		.rcpts = &rcpt };
	struct clean_answer got = { .sender = sender };

	why_init(&got.why);
	route_watch(w->route, seen, w);
	if (!route_clean(w->route, t->arena, &ask, &got))
		say_step(&t->say, "sender",
		    SAY_FIELDS({ "reason", span_str(why_text(&got.why)) }),
		    "deferred: %s", why_text(&got.why));
	else
		say_step(&t->say, "sender",
		    SAY_FIELDS({ "sender", got.sender }), "%s <%.*s>",
		    span_eq(got.sender, sender) ? "stays" : "becomes",
		    (int)got.sender.n, got.sender.p);
	route_watch(w->route, NULL, NULL);
	w->items[0].sender = got.sender;
	for (size_t i = 0; i < got.copy_count; i++) {
		becomes(w, "copy", got.copies[i], SPAN(""));
		item_add(w, got.copies[i], got.sender, false);
	}
	why_free(&got.why);
}

/* The secret is read where it is there; it is not for us to make one. */
static void
srs_read(struct way *w)
{
	struct why why;

	if (w->conf.srs_domain[0] == '\0' ||
	    access(w->conf.srs_secret_file, R_OK) == -1)
		return;
	why_init(&why);
	w->conf.srs =
	    srs_open(w->conf.srs_domain, w->conf.srs_secret_file, &why);
	why_free(&why);
}

void
way_show(struct trace *t)
{
	struct way w = { .t = t, .known = table_new() };
	struct why why;

	why_init(&why);
	if (!param_fill(route_params, t->tool->cf, t->arena, &w.conf, &why))
		tool_fatal(t->tool, EX_CONFIG, "%s", why_text(&why));
	srs_read(&w);
	w.route = route_new(t->tool->cf, &w.conf, t->pool);
	item_add(&w, span_str(t->address), span_str(t->sender), false);
	say_about(&t->say, span_str(t->sender[0] == '\0' ? "<>" : t->sender));
	message_show(&w);
	for (size_t i = 0; i < w.count; i++)
		item_show(&w, i);
	if (w.cut)
		say_step(&t->say, "cut", SAY_FIELDS({ "most", SPAN("2000") }),
		    "more addresses than are looked at here");
	route_free(&w.route);
	table_free(&w.known, NULL);
	free(w.items);
	why_free(&why);
}
