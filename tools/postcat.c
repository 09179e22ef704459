/*
 * postcat.c - one queue file for people
 *
 * postcat [-behoqr] [-c DIR] FILE|ID...: envelope, header and body, each by its
 * option (-e, -h, -b; all without); with the envelope, each part has a line
 * above it, so that -bh gives the message alone. The message is shown as it
 * will be delivered, header edits applied; with -r as it lies in the file. -o
 * tells where in the file envelope and recipients' states stand. Reads the
 * files itself: root or mail_owner.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/queue_call.h"
#include "message/header.h"
#include "os/file.h"
#include "queue/edits.h"
#include "queue/qread.h"
#include "service/tool.h"

enum {
	SHOW_ENVELOPE = 1,
	SHOW_HEADER = 2,
	SHOW_BODY = 4,
	SHOW_PARTS = 7,
	SHOW_OFFSETS = 8,
	SHOW_RAW = 16
};

static struct tool tool;

static void
print_quoted(const char *name, struct span s)
{
	struct buf out = BUF_EMPTY;

	if (s.n == 0)
		return;
	log_quote(&out, s, 1000);
	printf("%s: %s\n", name, buf_str(&out));
	buf_free(&out);
}

static void
print_time(const char *name, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[64];

	if (localtime_r(&t, &tm) != NULL &&
	    strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm) > 0)
		printf("%s: %s\n", name, text);
}

static const char *
state_name(const struct qfile_rcpt *r)
{
	switch (r->state) {
	case STATE_QUEUED:
		return "recipient";
	case STATE_DONE:
	case STATE_TELL_DONE:
	case STATE_TELL_RELAYED:
		return "done_recipient";
	case STATE_REPLACED:
	case STATE_TELL_REPLACED:
		return "expanded_recipient";
	case STATE_FAILED:
		return "failed_recipient";
	case STATE_TOLD:
		return "returned_recipient";
	}
	return "recipient";
}

static void
print_rcpt(const struct qfile_rcpt *r)
{
	print_quoted("original_recipient", r->orig);
	print_quoted(state_name(r), r->address);
	print_quoted("run_as", r->user);
	print_quoted("sender_for_it", r->owner);
	print_quoted("status", r->status);
	print_quoted("reason", r->reason);
}

static void
print_flags(unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *text;
	} rows[] = {
		{ QUEUE_8BIT, "encoding: 8bit" },
		{ QUEUE_SMTPUTF8, "smtputf8: requested" },
		{ QUEUE_REQUIRETLS, "requiretls: requested" },
		{ QUEUE_TLS_OPTIONAL, "tls_required: no" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((flags & rows[i].flag) != 0)
			printf("named_attribute: %s\n", rows[i].text);
}

static void
print_envelope(const char *path, const struct qfile_envelope *e,
    const struct qfile_closing *first, bool offsets)
{
	printf("*** ENVELOPE RECORDS %s ***\n", path);
	if (offsets)
		printf("%9llu ", (unsigned long long)first->content_size);
	printf("message_size: %llu %zu\n",
	    (unsigned long long)first->content_size, e->rcpt_count);
	print_time("message_arrival_time", e->arrival_us / 1000000);
	if (e->release > 0)
		print_time("release", e->release);
	if (e->next_try > 0)
		print_time("next_try", e->next_try);
	if (e->sender.n == 0)
		printf("sender: \n");
	print_quoted("sender", e->sender);
	print_quoted("dsn_envelope_id", e->envid);
	print_quoted("verp_delimiters", e->verp);
	print_quoted("content_filter", e->filter);
	print_quoted("future_release_request", e->hold);
	print_flags(e->flags);
	print_quoted("named_attribute: client_name", e->client_name);
	print_quoted("named_attribute: client_address", e->client_addr);
	print_quoted("named_attribute: helo_name", e->helo);
	print_quoted("named_attribute: protocol_name", e->proto);
	print_quoted("named_attribute: sasl_method", e->sasl_method);
	print_quoted("named_attribute: sasl_username", e->sasl_username);
	for (size_t i = 0; i < e->rcpt_count; i++) {
		if (offsets)
			printf(
			    "%9llu ", (unsigned long long)e->rcpts[i].state_at);
		print_rcpt(&e->rcpts[i]);
	}
}

/* Header and body as they will be delivered. */
static void
print_message(const char *path, int fd, const struct qfile_envelope *e,
    const struct qfile_closing *first, unsigned show)
{
	struct edited *m = edited_open(fd, first->content_size,
	    (show & SHOW_RAW) != 0 ? SPAN("") : e->edits);
	struct buf all = BUF_EMPTY;
	uint64_t at = 0;
	size_t body = 0;
	ssize_t n;

	if (m == NULL)
		tool_fatal(&tool, EX_DATAERR, "%s: %s", path, strerror(errno));
	if ((show & SHOW_ENVELOPE) != 0)
		printf("*** MESSAGE CONTENTS %s ***\n", path);
	if ((show & (SHOW_ENVELOPE | SHOW_OFFSETS)) ==
	    (SHOW_ENVELOPE | SHOW_OFFSETS))
		printf("%9d message_content\n", 0);
	while (at < edited_size(m)) {
		n = edited_read(m, buf_room(&all, 65536), 65536, at);
		if (n <= 0)
			tool_fatal(
			    &tool, EX_IOERR, "%s: %s", path, strerror(errno));
		all.n += (size_t)n;
		at += (uint64_t)n;
		if (body == 0 && (at >= edited_size(m) || all.n > 1 << 20)) {
			body = header_end(buf_span(&all));
			if ((show & SHOW_HEADER) != 0)
				(void)fwrite(all.p, 1, body, stdout);
			buf_drop(&all, body);
			body = 1;
		}
		if (body != 0) {
			if ((show & SHOW_BODY) != 0)
				(void)fwrite(all.p, 1, all.n, stdout);
			buf_clear(&all);
		}
	}
	if ((show & SHOW_ENVELOPE) != 0)
		printf("*** MESSAGE FILE END %s ***\n", path);
	buf_free(&all);
	edited_free(&m);
}

static void
show_file(const char *path, int fd, unsigned show)
{
	struct arena *a = arena_new();
	struct qfile_envelope e;
	struct qfile_closing first;
	uint64_t whole;

	if (qread(fd, a, &e, &first, &whole) == -1)
		tool_fatal(&tool, EX_DATAERR, "%s: %s", path,
		    errno == EBADMSG ? "no whole queue file" : strerror(errno));
	if ((show & SHOW_ENVELOPE) != 0)
		print_envelope(path, &e, &first, (show & SHOW_OFFSETS) != 0);
	if ((show & (SHOW_HEADER | SHOW_BODY)) != 0)
		print_message(path, fd, &e, &first, show);
	arena_free(&a);
}

static int
open_id(const char *id, char **path)
{
	const char *folder, *queue = tool_value(&tool, "queue_directory");

	if (!qread_id_ok(span_str(id)))
		tool_fatal(&tool, EXIT_FAILURE, "bad mail queue id");
	for (unsigned i = 0; (folder = qread_folder(i)) != NULL; i++) {
		int fd;

		*path = mem_printf("%s/%s/%s", queue, folder, id);
		fd = file_open(AT_FDCWD, *path, O_RDONLY | O_NONBLOCK, 0);
		if (fd != -1)
			return fd;
		if (errno != ENOENT)
			tool_fatal(&tool, EXIT_FAILURE, "open %s: %s", *path,
			    strerror(errno));
		mem_free(path);
	}
	tool_fatal(&tool, EXIT_FAILURE, "open queue file %s: %s", id,
	    strerror(ENOENT));
}

static int
usage(void)
{
	fprintf(stderr,
	    "postcat: fatal: usage: postcat [-behoqr] [-c config_dir] "
	    "file...\n");
	return EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	const char *dir = NULL;
	unsigned show = 0;
	bool by_id = false;
	int option;

	while ((option = getopt(argc, argv, "bc:dehoqrs:v")) != -1) {
		switch (option) {
		case 'b':
			show |= SHOW_BODY;
			break;
		case 'c':
			dir = optarg;
			break;
		case 'e':
			show |= SHOW_ENVELOPE;
			break;
		case 'h':
			show |= SHOW_HEADER;
			break;
		case 'q':
			by_id = true;
			break;
		case 'o':
			show |= SHOW_OFFSETS;
			break;
		case 'r':
			show |= SHOW_RAW;
			break;
		case 'd':
		case 's':
		case 'v':
			break;
		default:
			return usage();
		}
	}
	tool_open(&tool, argv[0], dir);
	if ((show & SHOW_PARTS) == 0)
		show |= SHOW_PARTS;
	if (optind == argc)
		show_file("stdin", STDIN_FILENO, show);
	for (int i = optind; i < argc; i++) {
		char *path = by_id ? NULL : mem_str(argv[i]);
		int fd = by_id ? open_id(argv[i], &path)
			       : file_open(AT_FDCWD, path, O_RDONLY, 0);

		if (fd == -1)
			tool_fatal(&tool, EXIT_FAILURE, "open %s: %s", path,
			    strerror(errno));
		show_file(path, fd, show);
		file_close(&fd);
		free(path);
	}
	return EX_OK;
}
