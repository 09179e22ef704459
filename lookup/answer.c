/*
 * answer.c - one question, one answer
 *
 * Trouble with a table is told to the log in full, and to the caller, who
 * passes it on to strangers, in three words.
 */

#include "lookup/answer.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/number.h"
#include "base/why.h"
#include "calls/checks_call.h"
#include "calls/clean_call.h"
#include "calls/lookup_call.h"
#include "ipc/packet.h"
#include "lookup/roles.h"
#include "lookup/tables.h"
#include "maps/map_pool.h"
#include "message/idn.h"
#include "os/users.h"
#include "route/clean.h"
#include "route/route.h"

enum {
	VALUE_MAX = 32768,
	/* as lib/calls/lookup_call.c reads them */
	MEMBER_MAX = 4096,
	NAME_MOST = 1024,
	USER_MOST = 255
};

static void
hide(struct tables *t, struct why *why)
{
	char status[sizeof(why->status)];

	tables_complain(t, why_text(why));
	memcpy(status, why->status, sizeof(status));
	why_set(why, status, "Temporary lookup failure");
}

/* What is not in a table that was replaced may be in the new one. */
static void
not_known(struct why *why)
{
	why_set(why, "4.3.0", "Temporary lookup failure");
}

/* Whom an answer goes to. */
struct answer_to {
	uint32_t id;
	answer_fn *send;
	void *arg;
};

/* More than a packet holds: to be seen by the administrator. */
static void
too_large(struct tables *t, struct why *why, struct span what)
{
	struct buf quoted = BUF_EMPTY;

	log_quote(&quoted, what, 200);
	why_set(
	    why, "4.3.0", "the answer for %s is too large", buf_str(&quoted));
	hide(t, why);
	buf_free(&quoted);
}

/* No member is longer than an address may be where it is read. */
static bool
sendable(const struct lookup_route *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->targets[i].address.n > MEMBER_MAX ||
		    r->targets[i].nexthop.n > NAME_MOST ||
		    r->targets[i].transport.n > NAME_MOST ||
		    r->targets[i].user.n > USER_MOST)
			return false;
	return true;
}

static void
answer_rcpt(struct tables *t, const struct lookup_rcpt_request *ask,
    const struct answer_to *to)
{
	struct arena *a = arena_new();
	struct lookup_route route = { .more = false };

	why_init(&route.why);
	if (!route_rcpt(tables_route(t), a, ask, &route))
		hide(t, &route.why);
	if (route.why.outcome == BOUNCE && tables_stale(t)) {
		not_known(&route.why);
		route.count = 0;
	}
	if (!sendable(&route)) {
		too_large(t, &route.why, ask->address);
		route.count = 0;
	}
	lookup_route_send(to->id, &route, to->send, to->arg);
	why_free(&route.why);
	arena_free(&a);
}

static void
answer_clean(struct tables *t, struct map_list *generic, struct arena *a,
    const struct clean_request *ask, const struct answer_to *to)
{
	struct generic g = { tables_route(t), generic };
	struct packet_out out = { .fd_count = 0 };
	struct clean_answer clean;

	why_init(&clean.why);
	if (generic != NULL ? !route_generic(&g, a, ask, &clean)
			    : !route_clean(g.route, a, ask, &clean)) {
		hide(t, &clean.why);
		clean.edit_count = clean.copy_count = 0;
	}
	cleaned_put(&out, to->id, &clean);
	if (out.bad) {
		too_large(t, &clean.why, ask->sender);
		clean.edit_count = clean.copy_count = 0;
		cleaned_put(&out, to->id, &clean);
	}
	to->send(to->arg, &out);
	packet_done(&out);
	why_free(&clean.why);
}

/* The form of a message's addresses: for those who take mail in, and for smtp
 * by its own tables. False: ill-formed, or not this role's to ask. */
static bool
answer_addresses(struct tables *t, const struct role *role,
    struct packet_in *in, const struct answer_to *to)
{
	struct arena *a = arena_new();
	struct map_list *generic = NULL;
	struct clean_request ask;
	bool good = clean_get(in, a, &ask), of_smtp = false;

	if (good && ask.header >= CLEAN_GENERIC) {
		of_smtp = true;
		struct span usual = ask.header == CLEAN_GENERIC
		    ? SPAN("smtp_generic_maps")
		    : SPAN("lmtp_generic_maps");

		generic =
		    tables_find(t, role, ask.tables.n > 0 ? ask.tables : usual);
	}
	good = good && (of_smtp ? generic != NULL : role->rcpt);
	if (good)
		answer_clean(t, generic, a, &ask, to);
	arena_free(&a);
	return good;
}

/* A question for the tables of a parameter. */
struct asked {
	struct span key;
	bool address; /* each key that it has, not only the whole */
};

/* A table may have either form of a domain in another script. */
static enum map_result
find_key(
    struct map_list *list, struct span key, struct buf *value, struct why *why)
{
	enum map_result got = map_list_get(list, key, false, value, why);
	struct buf other = BUF_EMPTY;

	if (got == MAP_NONE && idn_other_form(&other, key))
		got = map_list_get(list, buf_span(&other), false, value, why);
	buf_free(&other);
	return got;
}

static enum map_result
find(struct tables *t, struct map_list *list, const struct asked *ask,
    struct buf *value, struct why *why)
{
	return ask->address
	    ? route_find(tables_route(t), list, ask->key, value, why)
	    : find_key(list, ask->key, value, why);
}

static void
answer_map(struct tables *t, struct map_list *list, const struct asked *ask,
    const struct answer_to *to)
{
	struct packet_out out = { .fd_count = 0 };
	struct buf value = BUF_EMPTY;
	struct why why;
	enum map_result got;

	why_init(&why);
	got = find(t, list, ask, &value, &why);
	if (got == MAP_FOUND && value.n > VALUE_MAX) {
		too_large(t, &why, ask->key);
		got = MAP_ERROR;
	} else if (got == MAP_ERROR) {
		hide(t, &why);
	} else if (got == MAP_NONE && tables_stale(t)) {
		not_known(&why);
	}
	lookup_value_put(&out, to->id, got == MAP_FOUND,
	    got == MAP_FOUND ? buf_span(&value) : SPAN(""), &why);
	to->send(to->arg, &out);
	packet_done(&out);
	why_free(&why);
	buf_free(&value);
}

/* Each line in turn, until a table fails or the answer is full. */
static void
answer_lines(struct tables *t, struct map_list *list, struct span lines,
    const struct answer_to *to)
{
	struct packet_out out = { .fd_count = 0 };
	struct buf value = BUF_EMPTY;
	struct span line;
	uint32_t done = 0;
	struct why why;

	why_init(&why);
	checks_hits_begin(&out, to->id);
	lines = span_head(lines, lines.n - 1);
	while (why.outcome == DONE && span_cut(&lines, '\0', &line)) {
		enum map_result got =
		    map_list_get(list, line, false, &value, &why);

		if (got == MAP_FOUND && value.n > CHECKS_VALUE_MAX)
			too_large(t, &why, line);
		else if (got == MAP_ERROR)
			hide(t, &why);
		else if (got == MAP_FOUND &&
		    !checks_hit_add(&out, done, buf_span(&value)))
			break;
		else
			done++;
	}
	checks_hits_end(&out, done, &why);
	to->send(to->arg, &out);
	packet_done(&out);
	why_free(&why);
	buf_free(&value);
}

/* False: not such a question, or one that is not this role's to ask, which
 * only an error of ours asks, or a process gone bad. */
static bool
answer_lines_asked(struct tables *t, const struct role *role,
    struct packet_in *in, const struct answer_to *to)
{
	struct span parameter, lines;
	struct map_list *list;

	if (!checks_lines_get(in, &parameter, &lines))
		return false;
	list = tables_find(t, role, parameter);
	if (list != NULL)
		answer_lines(t, list, lines, to);
	return list != NULL;
}

/* Not this role's to ask: an error of ours, or a process gone bad. */
static void
answer_forbidden(
    const struct role *role, struct span parameter, const struct answer_to *to)
{
	struct packet_out out = { .fd_count = 0 };
	struct buf quoted = BUF_EMPTY;
	struct why why;

	why_init(&why);
	log_quote(&quoted, parameter, 200);
	log_error("%s may not ask for \"%s\"", role->label, buf_str(&quoted));
	why_set(&why, "4.3.5", "Temporary lookup failure");
	lookup_value_put(&out, to->id, false, SPAN(""), &why);
	to->send(to->arg, &out);
	packet_done(&out);
	why_free(&why);
	buf_free(&quoted);
}

/* The login name of a uid, or "uid:1000" where it has none. Empty: not now. */
static struct span
login_of(struct arena *a, struct span uid)
{
	struct account account;
	uint64_t number;

	if (!number_parse(uid, 0, UINT32_MAX, &number))
		return SPAN("");
	switch (users_find_uid(a, (uid_t)number, &account)) {
	case USERS_FOUND:
		return span_str(account.name);
	case USERS_UNKNOWN:
		return span_str(
		    arena_printf(a, "uid:%llu", (unsigned long long)number));
	case USERS_TROUBLE:
		break;
	}
	return SPAN("");
}

/* Which senders a user may give. He that cannot be named now may be named
 * later. */
static void
answer_login(struct tables *t, struct map_list *list, struct span uid,
    const struct answer_to *to)
{
	struct arena *a = arena_new();
	struct asked ask = { .key = login_of(a, uid) };
	struct packet_out out = { .fd_count = 0 };
	struct why why;

	if (ask.key.n > 0) {
		answer_map(t, list, &ask, to);
	} else {
		why_init(&why);
		why_set(&why, "4.3.0", "the name of uid %.*s cannot be found",
		    (int)uid.n, uid.p);
		hide(t, &why);
		lookup_value_put(&out, to->id, false, SPAN(""), &why);
		to->send(to->arg, &out);
		packet_done(&out);
		why_free(&why);
	}
	arena_free(&a);
}

bool
answer(struct tables *t, const struct role *role, struct packet_in *in,
    answer_fn *send, void *arg)
{
	struct answer_to to = { in->id, send, arg };
	struct lookup_rcpt_request ask;
	struct asked map = { .address = span_is(in->call, "lookup_address") };
	struct span parameter;
	struct map_list *list;

	if (span_is(in->call, "lookup_rcpt")) {
		if (!role->rcpt || !lookup_rcpt_get(in, &ask))
			return false;
		answer_rcpt(t, &ask, &to);
		return true;
	}
	if (span_is(in->call, "lookup_clean"))
		return answer_addresses(t, role, in, &to);
	if (span_is(in->call, "lookup_lines"))
		return answer_lines_asked(t, role, in, &to);
	if (map.address ? !lookup_address_get(in, &parameter, &map.key)
			: !lookup_map_get(in, &parameter, &map.key))
		return false;
	list = tables_find(t, role, parameter);
	if (list == NULL)
		answer_forbidden(role, parameter, &to);
	else if (span_is(parameter, "local_login_sender_maps"))
		answer_login(t, list, map.key, &to);
	else
		answer_map(t, list, &map, &to);
	return true;
}
