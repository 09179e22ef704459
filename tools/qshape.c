/*
 * qshape.c - how old the mail in the queue is, by domain: qshape(1)
 *
 * Each recipient (with -s, each sender) counts for its domain in the bucket of
 * its message's age. The shape of the table is that of Postfix's program.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/table.h"
#include "calls/showq_call.h"
#include "service/tool.h"
#include "tools/postqueue/listing.h"

enum { DOMAIN_LEAST = 18, BUCKETS_MOST = 100, NUMBER_MOST = 12 };

static struct tool tool;

struct domain {
	struct span name;
	unsigned subs; /* of a parent: different names below it */
	unsigned long count[BUCKETS_MOST + 1]; /* 0: all */
};

struct shape {
	bool senders, parents, linear;
	int least_subs, buckets, minutes, width, top;
	const char *config_dir;
	char **queues; /* names to count; empty: incoming and active */
	time_t now;
	struct arena *arena;
	struct table *domains;
	struct domain total;
	/* of the message under way */
	bool counted;
	int bucket;
};

static int
bucket_of(const struct shape *s, int64_t arrival)
{
	int64_t age = (int64_t)s->now - arrival;
	int64_t limit = (int64_t)s->minutes * 60;
	int b = 1;

	for (; b < s->buckets && age >= limit; b++)
		limit += s->linear ? (int64_t)s->minutes * 60 : limit;
	return b;
}

static bool
queue_wanted(const struct shape *s, struct span name)
{
	if (s->queues[0] == NULL)
		return span_is(name, "incoming") || span_is(name, "active");
	for (char **q = s->queues; *q != NULL; q++) {
		struct span wanted = span_str(*q);
		size_t slash = span_rfind(wanted, '/');

		if (slash < wanted.n)
			wanted = span_skip(wanted, slash + 1);
		if (span_eq(wanted, name))
			return true;
	}
	return false;
}

/* True when the name was new. */
static bool
domain_count(struct shape *s, struct span name, bool sub)
{
	struct domain *d = table_get(s->domains, name);
	bool fresh = d == NULL;

	if (fresh) {
		d = arena_alloc(s->arena, sizeof(*d));
		*d = (struct domain){ .name = arena_span(s->arena, name) };
		table_put(s->domains, d->name, d);
	}
	d->count[0]++;
	d->count[s->bucket]++;
	d->subs += sub;
	return fresh;
}

/* The domain of address, and with -p its parents, as ".example.com". */
static void
address_count(struct shape *s, struct span address)
{
	struct buf lower = BUF_EMPTY, parent = BUF_EMPTY;
	size_t at = span_rfind(address, '@');
	struct span rest;
	bool fresh;

	if (at < address.n)
		address = span_skip(address, at + 1);
	log_quote(&lower, address.n > 0 ? address : SPAN("MAILER-DAEMON"), 255);
	for (size_t i = 0; address.n > 0 && i < lower.n; i++)
		lower.p[i] = (char)ascii_lower((unsigned char)lower.p[i]);
	s->total.count[0]++;
	s->total.count[s->bucket]++;
	rest = buf_span(&lower);
	fresh = domain_count(s, rest, false);
	while (s->parents) {
		rest = span_skip(rest, span_find(rest, '.') + 1);
		if (span_find(rest, '.') == rest.n)
			break; /* no lines for top level domains */
		buf_clear(&parent);
		buf_add_byte(&parent, '.');
		buf_add_span(&parent, rest);
		fresh = domain_count(s, buf_span(&parent), fresh);
	}
	buf_free(&lower);
	buf_free(&parent);
}

static void
take(void *arg, const struct showq_line *line)
{
	struct shape *s = arg;

	if (!line->rcpt) {
		s->counted = queue_wanted(s, line->queue_name);
		s->bucket = bucket_of(s, line->arrival);
		if (s->counted && s->senders)
			address_count(s, line->sender);
	} else if (s->counted && !s->senders) {
		address_count(s, line->address);
	}
}

static int
by_count(const void *a, const void *b)
{
	const struct domain *x = *(struct domain *const *)a;
	const struct domain *y = *(struct domain *const *)b;

	if (x->count[0] != y->count[0])
		return x->count[0] < y->count[0] ? 1 : -1;
	if (x->name.n != y->name.n)
		return x->name.n < y->name.n ? -1 : 1;
	return span_cmp(x->name, y->name);
}

/* The columns: their heads, and how wide they are. */
struct columns {
	char head[BUCKETS_MOST + 1][NUMBER_MOST + 1];
	int wide[BUCKETS_MOST + 1];
	int domain;
};

static void
columns_make(const struct shape *s, struct columns *c)
{
	unsigned long limit = 0;
	int used = 0;

	for (int i = 0; i <= s->buckets; i++) {
		int digits = snprintf(NULL, 0, "%lu", s->total.count[i]), head;

		if (i == 0)
			head = snprintf(c->head[i], sizeof(c->head[i]), "T");
		else
			head = snprintf(c->head[i], sizeof(c->head[i]),
			    i == s->buckets ? "%lu+" : "%lu", limit);
		if (i + 1 < s->buckets)
			limit += limit > 0 && !s->linear
			    ? limit
			    : (unsigned long)s->minutes;
		c->wide[i] = head > digits ? head : digits;
		c->wide[i] = c->wide[i] > 2 ? c->wide[i] + 1 : 3;
		used += c->wide[i];
	}
	c->domain =
	    s->width - used < DOMAIN_LEAST ? DOMAIN_LEAST : s->width - used;
}

/* Right-justified; a name that is too long loses its front. */
static void
name_print(const struct columns *c, struct span name)
{
	size_t room = (size_t)c->domain;

	if (name.n > room) {
		printf("+");
		name = span_skip(name, name.n - room + 1);
		room--;
	}
	printf("%*s%.*s", (int)(room - name.n), "", (int)name.n,
	    name.n == 0 ? "" : name.p);
}

static void
row_print(
    const struct shape *s, const struct columns *c, const struct domain *d)
{
	name_print(c, d->name);
	for (int i = 0; i <= s->buckets; i++)
		printf("%*lu", c->wide[i], d->count[i]);
	putchar('\n');
}

static void
print(struct shape *s)
{
	size_t n = 0, at = 0, shown = 1;
	struct domain **rows =
	    mem_array(table_count(s->domains) + 1, sizeof(*rows));
	struct columns c;
	struct span key;
	void *value;

	while (table_next(s->domains, &at, &key, &value))
		rows[n++] = value;
	qsort((void *)rows, n, sizeof(*rows), by_count);
	columns_make(s, &c);
	name_print(&c, SPAN(""));
	for (int i = 0; i <= s->buckets; i++)
		printf("%*s", c.wide[i], c.head[i]);
	putchar('\n');
	s->total.name = SPAN("TOTAL");
	row_print(s, &c, &s->total);
	for (size_t i = 0; i < n; i++) {
		if (span_starts(rows[i]->name, ".") &&
		    rows[i]->subs < (unsigned)s->least_subs)
			continue;
		if (s->top > 0 && ++shown > (size_t)s->top)
			break;
		row_print(s, &c, rows[i]);
	}
	free((void *)rows);
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: qshape [-lps] [-b buckets] [-c config_dir] [-m subdomains] "
	    "[-N messages]\n    [-n domains] [-t minutes] [-w width] "
	    "[queue ...]\n");
	exit(EX_USAGE);
}

static void
number(int *to, int least, int most)
{
	if (!number_parse_int(span_str(optarg), least, most, to))
		usage();
}

static void
option_take(struct shape *s, int option)
{
	int passed_over;

	s->senders = s->senders || option == 's';
	s->parents = s->parents || option == 'p';
	s->linear = s->linear || option == 'l';
	switch (option) {
	case 's':
	case 'p':
	case 'l':
		break;
	case 'b':
		number(&s->buckets, 1, BUCKETS_MOST);
		break;
	case 'c':
		s->config_dir = optarg;
		break;
	case 'm':
		number(&s->least_subs, 0, 1000000);
		break;
	case 'N':
		number(&passed_over, 0, 1000000000);
		break;
	case 'n':
		number(&s->top, 0, 1000000000);
		break;
	case 't':
		number(&s->minutes, 1, 1000000);
		break;
	case 'w':
		number(&s->width, 1, 10000);
		break;
	default:
		usage();
	}
}

int
main(int argc, char **argv)
{
	struct shape s = { .least_subs = 5,
		.buckets = 10,
		.minutes = 5,
		.width = 80,
		.top = isatty(STDOUT_FILENO) ? 20 : 0,
		.now = time(NULL) };
	int option;

	while ((option = getopt(argc, argv, "b:c:lm:N:n:pst:w:")) != -1)
		option_take(&s, option);
	tool_open(&tool, argv[0], s.config_dir);
	s.queues = argv + optind;
	s.arena = arena_new();
	s.domains = table_new();
	listing_walk(&tool, take, &s);
	print(&s);
	table_free(&s.domains, NULL);
	arena_free(&s.arena);
	return fflush(stdout) == EOF ? EX_IOERR : EX_OK;
}
