/*
 * metrics.c - facteur metrics: counters and the queue, for Prometheus
 *
 * The text format, version 0.0.4: for each name HELP and TYPE, then its
 * samples. Counters are read from the pages that master keeps, which needs no
 * right and asks nobody; the queue is walked as mailq does it. Numbers are
 * whole, or have three decimals.
 */

#include "tools/facteur/metrics.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/metric.h"
#include "calls/showq_call.h"
#include "os/clock.h"
#include "os/file.h"
#include "service/tool.h"
#include "tools/postqueue/listing.h"

enum { PAGES_MAX = 1000, NAME_MAX_BYTES = 200, PAGE_BYTES = 8 * METRICS };

#define MICRO 1000000.0

struct page {
	struct span program, service;
	struct buf bytes;
	uint64_t values[METRICS];
};

struct pages {
	struct page *list;
	size_t count;
};

/* ---- the pages */

/* A label's value: what could end it, or its line, is replaced. */
static bool
label_good(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum((unsigned char)s.p[i]) &&
		    strchr("-._:[]/", s.p[i]) == NULL)
			return false;
	return s.n > 0 && s.n <= NAME_MAX_BYTES;
}

static bool
page_parse(struct page *p)
{
	struct span rest = buf_span(&p->bytes), magic;

	if (rest.n != METRIC_HEADER + PAGE_BYTES)
		return false;
	memcpy(p->values, rest.p + METRIC_HEADER, PAGE_BYTES);
	rest.n = METRIC_HEADER;
	return span_cut(&rest, '\n', &magic) && span_is(magic, METRIC_MAGIC) &&
	    span_cut(&rest, '\n', &p->program) &&
	    span_cut(&rest, '\n', &p->service) && label_good(p->program) &&
	    label_good(p->service);
}

static void
page_read(struct pages *all, int folder, const char *name)
{
	struct page p = { .bytes = BUF_EMPTY };
	int fd = file_open(folder, name, O_RDONLY | O_NONBLOCK, 0);

	if (fd != -1 && all->count < PAGES_MAX &&
	    file_read_all(fd, METRIC_HEADER + PAGE_BYTES, &p.bytes) == 0 &&
	    page_parse(&p)) {
		all->list =
		    mem_resize(all->list, all->count + 1, sizeof(*all->list));
		all->list[all->count++] = p;
	} else {
		buf_free(&p.bytes);
	}
	file_close(&fd);
}

static int
by_name(const void *a, const void *b)
{
	const struct page *x = a, *y = b;
	int got = span_cmp(x->program, y->program);

	return got != 0 ? got : span_cmp(x->service, y->service);
}

/* All of one folder: "metrics", or that of a group of services. */
static void
folder_read(struct pages *all, int parent, const char *name)
{
	int fd = file_open_dir(parent, name, false);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			page_read(all, dirfd(dir), entry->d_name);
	if (dir != NULL)
		closedir(dir);
}

static void
pages_read(const struct tool *t, struct pages *all)
{
	const char *path = tool_value(t, "process_id_directory");
	int fd = file_open_dir(AT_FDCWD, path, true);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, "metrics") == 0 ||
		    strncmp(entry->d_name, "metrics-", 8) == 0)
			folder_read(all, dirfd(dir), entry->d_name);
	if (dir != NULL)
		closedir(dir);
	if (all->count > 1)
		qsort(all->list, all->count, sizeof(*all->list), by_name);
}

/* ---- output */

static void
head(const char *name, const char *help, const char *type)
{
	printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* What nobody of that program counts is not shown. */
static bool
shown(const struct page *p, enum metric m)
{
	bool smtpd = span_is(p->program, "smtpd");
	bool login = span_is(p->program, "login");

	if (m <= METRIC_FAILURES)
		return true;
	if (m <= METRIC_DISCONNECTIONS)
		return smtpd || login;
	if (m <= METRIC_LOGINS_FAILED)
		return smtpd || login || span_is(p->program, "imapd") ||
		    span_is(p->program, "pop3d") ||
		    span_is(p->program, "managesieve");
	if (m <= METRIC_REJECT_CONTENT)
		return smtpd;
	if (m <= METRIC_REMOVED)
		return span_is(p->program, "qmgr");
	if (m < METRIC_FLUSH_SUM)
		return span_is(p->program, "qmgr") ||
		    span_is(p->program, "smtp") ||
		    span_is(p->program, "deliver");
	return span_is(p->program, "qmgr");
}

static void
labels(const struct page *p, const char *more)
{
	printf("{program=\"%.*s\",service=\"%.*s\"%s%s}", (int)p->program.n,
	    p->program.p, (int)p->service.n, p->service.p,
	    more[0] == '\0' ? "" : ",", more);
}

static void
counters_print(const struct pages *all)
{
	for (size_t i = 0; i < metric_row_count; i++) {
		const struct metric_row *row = &metric_rows[i];

		/* rows of a name stand together, the first has the help */
		if (row->help != NULL)
			head(row->name, row->help,
			    row->gauge ? "gauge" : "counter");
		for (size_t j = 0; j < all->count; j++) {
			const struct page *p = &all->list[j];

			if (!shown(p, row->metric))
				continue;
			fputs(row->name, stdout);
			labels(p, row->labels);
			printf(" %" PRIu64 "\n", p->values[row->metric]);
		}
	}
}

/* What has begun and not ended. */
static void
sessions_print(const struct pages *all)
{
	head("facteur_sessions", "Sessions that are open now.", "gauge");
	for (size_t i = 0; i < all->count; i++) {
		const struct page *p = &all->list[i];
		bool user = span_is(p->program, "imapd") ||
		    span_is(p->program, "pop3d") ||
		    span_is(p->program, "managesieve");
		uint64_t begun =
		    p->values[user ? METRIC_LOGINS_OK : METRIC_CONNECTIONS];
		uint64_t ended = p->values[METRIC_DISCONNECTIONS];

		if (!user && !shown(p, METRIC_CONNECTIONS))
			continue;
		printf("facteur_sessions");
		labels(p, "");
		printf(" %" PRIu64 "\n", begun > ended ? begun - ended : 0);
	}
}

static void
histogram_page(const struct page *p, const char *name, enum metric first)
{
	const int64_t *bounds = metric_bounds(first);
	uint64_t sum = 0;
	char le[64];

	for (unsigned i = 0; i < METRIC_BUCKETS; i++) {
		sum += p->values[(unsigned)first + i];
		if (i < METRIC_BUCKETS - 1)
			snprintf(le, sizeof(le), "le=\"%g\"",
			    (double)bounds[i] / MICRO);
		else
			snprintf(le, sizeof(le), "le=\"+Inf\"");
		printf("%s_bucket", name);
		labels(p, le);
		printf(" %" PRIu64 "\n", sum);
	}
	printf("%s_sum", name);
	labels(p, "");
	printf(" %.3f\n", (double)p->values[(unsigned)first - 1] / MICRO);
	printf("%s_count", name);
	labels(p, "");
	printf(" %" PRIu64 "\n", sum);
}

static void
histogram_print(const struct pages *all, const char *name, const char *help,
    enum metric first)
{
	head(name, help, "histogram");
	for (size_t i = 0; i < all->count; i++)
		if (shown(&all->list[i], first))
			histogram_page(&all->list[i], name, first);
}

/* ---- the queue */

static const char *const folders[] = { "incoming", "active", "deferred",
	"hold" };

enum { FOLDERS = sizeof(folders) / sizeof(folders[0]) };

struct queue {
	uint64_t messages[FOLDERS], bytes[FOLDERS];
	int64_t oldest[FOLDERS]; /* arrival, wall clock; 0: none */
};

static void
queue_line(void *arg, const struct showq_line *line)
{
	struct queue *q = arg;

	for (size_t i = 0; i < FOLDERS && !line->rcpt; i++) {
		if (!span_is(line->queue_name, folders[i]))
			continue;
		q->messages[i]++;
		q->bytes[i] += line->size;
		if (q->oldest[i] == 0 || line->arrival < q->oldest[i])
			q->oldest[i] = line->arrival;
	}
}

static void
queue_gauge(const char *name, const char *help, const uint64_t *values)
{
	head(name, help, "gauge");
	for (size_t i = 0; i < FOLDERS; i++)
		printf("%s{queue=\"%s\"} %" PRIu64 "\n", name, folders[i],
		    values[i]);
}

/* Whoever may not see the queue of a stopped system sees the rest. */
static void
queue_print(const struct tool *t)
{
	struct queue q = { .messages = { 0 } };
	uint64_t ages[FOLDERS];
	int64_t now = clock_wall();
	int fd = tool_connect(t, "showq");

	if (fd == -1 && geteuid() != 0)
		return;
	file_close(&fd);
	listing_walk(t, queue_line, &q);
	for (size_t i = 0; i < FOLDERS; i++)
		ages[i] = q.oldest[i] == 0 || q.oldest[i] > now
		    ? 0
		    : (uint64_t)(now - q.oldest[i]);
	queue_gauge(
	    "facteur_queue_messages", "Messages in the queue.", q.messages);
	queue_gauge(
	    "facteur_queue_bytes", "Octets of messages in the queue.", q.bytes);
	queue_gauge("facteur_queue_oldest_seconds",
	    "Age of the oldest message; 0: there is none.", ages);
}

int
metrics_main(const struct tool *t, bool running)
{
	struct pages all = { .count = 0 };

	head("facteur_up", "Does the mail system run?", "gauge");
	printf("facteur_up %d\n", running);
	pages_read(t, &all);
	counters_print(&all);
	sessions_print(&all);
	histogram_print(&all, "facteur_delivery_delay_seconds",
	    "From arrival to delivery, of recipients who were delivered to.",
	    METRIC_DELAY);
	histogram_print(&all, "facteur_flush_seconds",
	    "How long flushes to the disk take.", METRIC_FLUSH);
	queue_print(t);
	for (size_t i = 0; i < all.count; i++)
		buf_free(&all.list[i].bytes);
	free(all.list);
	return fflush(stdout) == EOF ? EX_IOERR : EX_OK;
}
