/*
 * session.c - one authenticated ManageSieve client (RFC 5804, 2)
 *
 * Input is gathered until a command is whole, a script with it; one that is too
 * large is passed over without being kept.
 */

#include "managesieve/session.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/metric.h"
#include "managesieve/store.h"
#include "os/clock.h"
#include "sieve/script.h"
#include "sieve/words.h"
#include "wire/managesieve.h"

enum {
	COMMAND_MS = 300000, /* from its first byte to its last */
	BAD_MOST = 20,
	SKIP_MOST = 64 << 20 /* bytes of a script that is refused anyway */
};

struct session {
	const struct managesieve_start *start;
	struct stream *io;
	struct store *store;
	struct arena *arena; /* of a command */
	struct buf in;
	uint64_t skip; /* bytes of a literal to pass over */
	bool skip_line; /* and then the rest of the line */
	bool over;
	unsigned bad; /* commands in a row that are none */
	int64_t began;
};

/* ---- answers */

static void
say(struct session *s, const char *text)
{
	stream_printf(s->io, "%s\r\n", text);
}

/* "NO (CODE) text", code and text may need to be literals. */
static void
answer(struct session *s, const char *front, struct span text)
{
	struct buf b = BUF_EMPTY;

	buf_add_str(&b, front);
	buf_add_byte(&b, ' ');
	managesieve_string(&b, text);
	buf_add_str(&b, "\r\n");
	stream_put(s->io, buf_span(&b));
	buf_free(&b);
}

static void
answer_result(struct session *s, enum store_result got)
{
	switch (got) {
	case STORE_DONE:
		say(s, "OK \"Done.\"");
		break;
	case STORE_MISSING:
		say(s, "NO (NONEXISTENT) \"There is no script of that name.\"");
		break;
	case STORE_EXISTS:
		say(s,
		    "NO (ALREADYEXISTS) \"There is a script of that name.\"");
		break;
	case STORE_ACTIVE:
		say(s, "NO (ACTIVE) \"The active script stays.\"");
		break;
	case STORE_FOREIGN:
		say(s,
		    "NO \"A script that is no link into the folder of "
		    "scripts is in use; move it there first.\"");
		break;
	case STORE_FULL:
		say(s, "NO (QUOTA/MAXSCRIPTS) \"There are too many scripts.\"");
		break;
	case STORE_QUOTA:
		say(s, "NO (QUOTA) \"There is no room left for you.\"");
		break;
	case STORE_TROUBLE:
		log_warning("scripts: %s", strerror(errno));
		say(s, "NO (TRYLATER) \"The scripts cannot be used now.\"");
		break;
	}
}

static void
too_large(struct session *s)
{
	stream_printf(s->io,
	    "NO (QUOTA/MAXSIZE) \"A script may have %" PRIu64 " bytes.\"\r\n",
	    s->start->conf->sieve_max_script_size);
}

static bool
refuse_name(struct session *s, struct span name)
{
	if (sieve_name_valid(name))
		return false;
	say(s, "NO \"A script cannot have that name.\"");
	return true;
}

/* ---- scripts */

/* What stands in s and may be wrong when it runs, of ihave's scripts. */
static const struct sieve_node *
fault_in(const struct sieve_node *n)
{
	for (; n != NULL; n = n->next) {
		const struct sieve_node *inside;

		if (n->fault != NULL)
			return n;
		inside = fault_in(n->tests);
		if (inside == NULL)
			inside = fault_in(n->block);
		if (inside != NULL)
			return inside;
	}
	return NULL;
}

/* False: the script is wrong, and was answered. */
static bool
check(struct session *s, struct span text, struct buf *warning)
{
	const struct managesieve_conf *c = s->start->conf;
	const struct sieve_limits limits = { .bytes =
						 c->sieve_max_script_size };
	const struct sieve_script *script;
	const struct sieve_node *fault;
	struct buf errors = BUF_EMPTY;

	if (text.n > c->sieve_max_script_size) {
		too_large(s);
		return false;
	}
	script = sieve_script_new(s->arena, text, &limits);
	for (size_t i = 0; i < script->error_count; i++)
		buf_printf(&errors, "%sline %d, column %d: %s; %s",
		    i == 0 ? "" : "\r\n", script->errors[i].line,
		    script->errors[i].column, script->errors[i].what,
		    script->errors[i].remedy);
	if (script->error_count > 0)
		answer(s, "NO", buf_span(&errors));
	buf_free(&errors);
	if (script->error_count > 0)
		return false;
	fault = fault_in(script->commands);
	if (fault != NULL)
		buf_printf(warning, "line %d, column %d: %s", fault->line,
		    fault->column, fault->fault);
	return true;
}

static void
answer_checked(struct session *s, const struct buf *warning)
{
	if (warning->n > 0)
		answer(s, "OK (WARNINGS)", buf_span(warning));
	else
		say(s, "OK \"Done.\"");
}

static void
cmd_checkscript(struct session *s, const struct managesieve_command *c)
{
	struct buf warning = BUF_EMPTY;

	if (check(s, c->args[0].text, &warning))
		answer_checked(s, &warning);
	buf_free(&warning);
}

static void
cmd_putscript(struct session *s, const struct managesieve_command *c)
{
	struct buf warning = BUF_EMPTY;
	enum store_result got;

	if (!refuse_name(s, c->args[0].text) &&
	    check(s, c->args[1].text, &warning)) {
		got = store_put(s->store, c->args[0].text, c->args[1].text);
		if (got == STORE_DONE)
			answer_checked(s, &warning);
		else
			answer_result(s, got);
	}
	buf_free(&warning);
}

static void
cmd_havespace(struct session *s, const struct managesieve_command *c)
{
	if (refuse_name(s, c->args[0].text))
		return;
	if (c->args[1].number > s->start->conf->sieve_max_script_size)
		too_large(s);
	else
		answer_result(s, store_room(s->store, c->args[0].text));
}

static void
cmd_listscripts(struct session *s, const struct managesieve_command *c)
{
	struct buf active = BUF_EMPTY, out = BUF_EMPTY;
	struct span *names;
	size_t count;
	enum store_result got = store_list(s->store, s->arena, &names, &count);

	(void)c;
	store_active(s->store, &active);
	for (size_t i = 0; i < count; i++) {
		managesieve_string(&out, names[i]);
		buf_add_str(&out,
		    span_eq(names[i], buf_span(&active)) ? " ACTIVE\r\n"
							 : "\r\n");
	}
	stream_put(s->io, buf_span(&out));
	answer_result(s, got);
	buf_free(&active);
	buf_free(&out);
}

static void
cmd_getscript(struct session *s, const struct managesieve_command *c)
{
	struct buf text = BUF_EMPTY;
	enum store_result got;

	if (refuse_name(s, c->args[0].text))
		return;
	got = store_get(s->store, c->args[0].text,
	    s->start->conf->sieve_max_script_size, &text);
	if (got == STORE_DONE) {
		stream_printf(s->io, "{%zu}\r\n", text.n);
		stream_put(s->io, buf_span(&text));
		say(s, "");
	}
	answer_result(s, got);
	buf_free(&text);
}

static void
cmd_setactive(struct session *s, const struct managesieve_command *c)
{
	struct span name = c->args[0].text;

	if (name.n == 0 || !refuse_name(s, name))
		answer_result(s, store_activate(s->store, name));
}

static void
cmd_deletescript(struct session *s, const struct managesieve_command *c)
{
	if (!refuse_name(s, c->args[0].text))
		answer_result(s, store_delete(s->store, c->args[0].text));
}

static void
cmd_renamescript(struct session *s, const struct managesieve_command *c)
{
	if (!refuse_name(s, c->args[0].text) &&
	    !refuse_name(s, c->args[1].text))
		answer_result(s,
		    store_rename(s->store, c->args[0].text, c->args[1].text));
}

/* ---- the rest */

static void
cmd_capability(struct session *s, const struct managesieve_command *c)
{
	(void)c;
	say(s, "\"IMPLEMENTATION\" \"Facteur\"\r\n\"SASL\" \"\"");
	stream_printf(s->io, "\"SIEVE\" \"%s\"\r\n", sieve_extensions());
	stream_printf(s->io, "\"MAXREDIRECTS\" \"%d\"\r\n",
	    s->start->conf->sieve_max_redirects);
	answer(s, "\"OWNER\"", s->start->user);
	say(s, "\"VERSION\" \"1.0\"\r\nOK \"Capabilities\"");
}

static void
cmd_noop(struct session *s, const struct managesieve_command *c)
{
	struct buf b = BUF_EMPTY;

	buf_add_str(&b, "OK ");
	if (c->count > 0) {
		buf_add_str(&b, "(TAG ");
		managesieve_string(&b, c->args[0].text);
		buf_add_str(&b, ") ");
	}
	buf_add_str(&b, "\"Done.\"\r\n");
	stream_put(s->io, buf_span(&b));
	buf_free(&b);
}

static void
cmd_logout(struct session *s, const struct managesieve_command *c)
{
	(void)c;
	say(s, "OK \"Bye.\"");
	s->over = true;
}

/* The process has become the user for good. */
static void
cmd_not_now(struct session *s, const struct managesieve_command *c)
{
	(void)c;
	say(s, "NO \"You are logged in; log out for that.\"");
}

static const struct {
	const char *verb;
	const char *args; /* s a string, n a number, ? may be left out */
	void (*run)(struct session *s, const struct managesieve_command *c);
} commands[] = {
	{ "AUTHENTICATE", "s?s", cmd_not_now },
	{ "STARTTLS", "", cmd_not_now },
	{ "UNAUTHENTICATE", "", cmd_not_now },
	{ "LOGOUT", "", cmd_logout },
	{ "CAPABILITY", "", cmd_capability },
	{ "NOOP", "?s", cmd_noop },
	{ "HAVESPACE", "sn", cmd_havespace },
	{ "PUTSCRIPT", "ss", cmd_putscript },
	{ "LISTSCRIPTS", "", cmd_listscripts },
	{ "SETACTIVE", "s", cmd_setactive },
	{ "GETSCRIPT", "s", cmd_getscript },
	{ "DELETESCRIPT", "s", cmd_deletescript },
	{ "RENAMESCRIPT", "ss", cmd_renamescript },
	{ "CHECKSCRIPT", "s", cmd_checkscript },
};

static bool
args_fit(const struct managesieve_command *c, const char *shape)
{
	bool optional = false;
	size_t i = 0;

	for (; *shape != '\0'; shape++) {
		if (*shape == '?') {
			optional = true;
			continue;
		}
		if (i == c->count)
			return optional;
		if (c->args[i++].is_number != (*shape == 'n'))
			return false;
	}
	return i == c->count;
}

static void
misunderstood(struct session *s, const char *text)
{
	say(s, text);
	if (++s->bad < BAD_MOST)
		return;
	say(s, "BYE \"Too many errors\"");
	s->over = true;
}

static void
run(struct session *s, const struct managesieve_command *c)
{
	size_t i = 0, n = sizeof(commands) / sizeof(*commands);

	while (i < n && !span_iis(c->verb, commands[i].verb))
		i++;
	if (i == n) {
		misunderstood(s, "NO \"Unknown command\"");
	} else if (!args_fit(c, commands[i].args)) {
		misunderstood(s, "NO \"Arguments that cannot be\"");
	} else {
		s->bad = 0;
		commands[i].run(s, c);
	}
}

/* ---- input */

/* What is left of a command that was refused. False: more has to come. */
static bool
skip_rest(struct session *s)
{
	size_t n = s->skip < s->in.n ? (size_t)s->skip : s->in.n, line;

	buf_drop(&s->in, n);
	s->skip -= n;
	if (s->skip > 0)
		return false;
	line = span_find(buf_span(&s->in), '\n');
	s->skip_line = line == s->in.n;
	buf_drop(&s->in, line + 1);
	if (!s->skip_line)
		too_large(s);
	return !s->skip_line;
}

/* One command of what has come. False: more has to come. */
static bool
step(struct session *s)
{
	struct managesieve_command c;

	if (s->skip > 0 || s->skip_line)
		return skip_rest(s);
	arena_clear(s->arena);
	switch (managesieve_read(s->arena, buf_span(&s->in),
	    s->start->conf->sieve_max_script_size, &c)) {
	case MANAGESIEVE_MORE:
		return false;
	case MANAGESIEVE_WHOLE:
		run(s, &c);
		break;
	case MANAGESIEVE_BAD:
		misunderstood(s, "NO \"Ill-formed command\"");
		break;
	case MANAGESIEVE_TOO_LARGE:
		s->skip = c.skip;
		s->skip_line = true;
		if (c.skip <= SKIP_MOST)
			break;
		say(s, "BYE (QUOTA/MAXSIZE) \"That is too much\"");
		s->over = true;
		break;
	case MANAGESIEVE_ENDLESS:
		say(s, "BYE \"A command that is too long\"");
		s->over = true;
		return true;
	}
	buf_drop(&s->in, c.used);
	return true;
}

/* Take what is there, wait when there is nothing. */
static void
gather(struct session *s, int64_t until)
{
	struct span have = stream_input(s->io);
	const char *text = NULL;

	if (have.n > 0) {
		buf_add_span(&s->in, have);
		stream_take(s->io, have.n);
		return;
	}
	switch (stream_wait(s->io, -1, until)) {
	case STREAM_DATA:
	case STREAM_WOKEN:
		return;
	case STREAM_STOP:
		text = "BYE (TRYLATER) \"Server is shutting down\"";
		break;
	case STREAM_TIMEOUT:
		text = "BYE \"You have been silent for too long\"";
		break;
	case STREAM_END:
		break;
	}
	if (text != NULL)
		say(s, text);
	s->over = true;
}

static void
serve(struct session *s)
{
	int64_t idle_ms = s->start->conf->managesieve_idle_timeout * 1000;
	int64_t until = clock_ms() + idle_ms;

	while (!s->over) {
		bool fresh = s->in.n == 0 && s->skip == 0 && !s->skip_line;

		gather(s, until);
		if (fresh && s->in.n > 0)
			until = clock_ms() + COMMAND_MS;
		while (!s->over && s->in.n > 0 && step(s))
			until =
			    clock_ms() + (s->in.n > 0 ? COMMAND_MS : idle_ms);
	}
}

static void
log_session(const struct session *s, bool begins)
{
	const struct managesieve_start *b = s->start;
	struct buf user = BUF_EMPTY;

	log_quote(&user, b->user, 100);
	metric_count(begins ? METRIC_LOGINS_OK : METRIC_DISCONNECTIONS);
	if (begins)
		log_info("LOGIN, user=%s, ip=[%.*s], port=[%u], protocol=SIEVE",
		    buf_str(&user), (int)b->client_addr.n, b->client_addr.p,
		    b->client_port);
	else
		log_info("LOGOUT, user=%s, ip=[%.*s], port=[%u], rcvd=%" PRIu64
			 ", sent=%" PRIu64 ", time=%" PRId64,
		    buf_str(&user), (int)b->client_addr.n, b->client_addr.p,
		    b->client_port, stream_received(s->io), stream_sent(s->io),
		    clock_wall() - s->began);
	buf_free(&user);
}

void
managesieve_session(const struct managesieve_start *start)
{
	struct session s = {
		.start = start, .began = clock_wall(), .arena = arena_new()
	};
	const char *what;

	s.io = stream_new(start->in, start->out, &start->control);
	stream_preload(s.io, start->input);
	log_session(&s, true);
	s.store = store_open(start->conf, start->home, start->user, &what);
	if (s.store == NULL) {
		log_error("%s: only $home and $user may stand in it", what);
		say(&s, "NO (TRYLATER) \"There is no place for scripts.\"");
	} else {
		say(&s, "OK \"Logged in.\"");
		serve(&s);
	}
	stream_flush(s.io);
	log_session(&s, false);
	stream_free(&s.io);
	store_close(&s.store);
	buf_free(&s.in);
	arena_free(&s.arena);
}
