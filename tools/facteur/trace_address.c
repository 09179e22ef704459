/*
 * trace_address.c - facteur trace ADDRESS: what would become of mail for it
 *
 * Nothing is sent and nothing changed. Tables are read as they are now, with
 * the rights of who asks; as root, and while the mail system runs, its daemons
 * are asked as well.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "config/master_cf.h"
#include "ipc/ask.h"
#include "maps/dial.h"
#include "maps/map_pool.h"
#include "os/file.h"
#include "os/sock.h"
#include "service/tool.h"
#include "tools/facteur/trace.h"

enum { ASK_MS = 30000, WORD_MAX_BYTES = 1000 };

bool
trace_ask(const struct trace *t, const char *program, const char *service,
    struct packet_out *o, struct packet_in *in)
{
	char *path;
	bool good;
	int fd;

	if (!t->running || !t->root)
		return false;
	path = mem_printf("%s/jail/%s/%s",
	    tool_value(t->tool, "queue_directory"), program, service);
	fd = ask_connect(path, ASK_MS);
	o->id = 1;
	good = fd != -1 && ask(fd, o, in) == 0;
	file_close(&fd);
	free(path);
	return good;
}

/* --name value, or --name=value: where the value goes, or NULL. */
static const char **
option_place(struct trace *t, const char *name, size_t n)
{
	const struct {
		const char *name;
		const char **where;
	} rows[] = { { "sender", &t->sender }, { "client", &t->client },
		{ "name", &t->name }, { "helo", &t->helo },
		{ "user", &t->user }, { "service", &t->service } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (span_is(span_of(name, n), rows[i].name))
			return rows[i].where;
	return NULL;
}

static bool
options_read(struct trace *t, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		const char **where, *word = argv[i];
		size_t n;

		if (strncmp(word, "--", 2) != 0) {
			if (t->address != NULL)
				return false;
			t->address = word;
			continue;
		}
		word += 2;
		if (strcmp(word, "json") == 0) {
			t->say.json = true;
			continue;
		}
		n = strcspn(word, "=");
		where = option_place(t, word, n);
		if (where == NULL || (word[n] == '\0' && i + 1 == argc))
			return false;
		*where = word[n] == '=' ? word + n + 1 : argv[++i];
	}
	return t->address != NULL && t->address[0] != '\0';
}

/* Nothing that could break a line of a protocol or of the report. */
static bool
word_good(const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < n; i++)
		if (ascii_control((unsigned char)word[i]))
			return false;
	return n <= WORD_MAX_BYTES;
}

static bool
words_good(const struct trace *t)
{
	const char *words[] = { t->address, t->sender, t->client, t->name,
		t->helo, t->user, t->service };
	struct address client;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!word_good(words[i]))
			return false;
	return t->client[0] == '\0' ||
	    address_parse(span_str(t->client), 0, &client);
}

static struct master_cf *
services_read(struct trace *t)
{
	struct why why;
	struct master_cf *m;

	why_init(&why);
	m = master_cf_load(t->tool->folder, &why);
	if (m == NULL)
		say_step(&t->say, "master.cf",
		    SAY_FIELDS({ "reason", span_str(why_text(&why)) }), "%s",
		    why_text(&why));
	why_free(&why);
	return m;
}

/* "<a@b>" is as good as "a@b". */
static const char *
bare(const char *address)
{
	size_t n = strlen(address);

	if (n >= 2 && address[0] == '<' && address[n - 1] == '>')
		return mem_span(span_of(address + 1, n - 2));
	return address;
}

int
trace_main(const struct tool *tool, bool running, int argc, char **argv)
{
	struct trace t = { .tool = tool,
		.running = running,
		.root = geteuid() == 0,
		.sender = "",
		.client = "",
		.name = "",
		.helo = "",
		.user = "",
		.service = "" };
	struct master_cf *services;

	if (!options_read(&t, argc, argv) || !words_good(&t))
		return EX_USAGE;
	t.address = bare(t.address);
	t.sender = bare(t.sender);
	t.arena = arena_new();
	t.pool = map_pool_new(tool_value(tool, "default_database_type"), true);
	say_begin(&t.say,
	    SAY_FIELDS({ "address", span_str(t.address) },
		{ "sender", span_str(t.sender) },
		{ "running", running ? SPAN("yes") : SPAN("no") }));
	services = services_read(&t);
	t.services = services;
	if (t.client[0] != '\0')
		gate_show(&t);
	way_show(&t);
	say_end(&t.say);
	map_pool_free(&t.pool);
	master_cf_free(&services);
	arena_free(&t.arena);
	return fflush(stdout) == EOF ? EX_IOERR : EX_OK;
}
