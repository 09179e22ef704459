/*
 * vacation.c - facteur vacation: answer mail while its reader is away
 *
 * Called from .forward or a recipe with a message on standard input. An answer
 * is a courtesy: whatever goes wrong with it is told to the log, and neither
 * holds the message up nor sends it back.
 */

#include "tools/facteur/vacation.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/number.h"
#include "message/address.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/users.h"
#include "rules/vacation.h"
#include "rules/vacation_send.h"

enum {
	ALIASES_MAX = 100,
	FILE_MAX = 1 << 20,
	HEAD_MAX = 1 << 20, /* of the message; an answer quotes nothing */
	DAY = 86400
};

extern char **environ;

struct away {
	const char *name; /* ours, in messages */
	struct arena *arena;
	struct account user;
	struct span names[ALIASES_MAX + 1];
	size_t name_count;
	const char *file, *store, *subject, *from;
	int64_t period;
	bool init, anyone, stderr_only;
	struct span message, sender;
};

static int
usage(const struct away *w)
{
	fprintf(stderr,
	    "usage: %s [-djz] [-a alias] [-f store] [-m file] [-r days] "
	    "[-S subject]\n"
	    "           [-s address] [-t time] login < message\n"
	    "       %s -i | -I [-f store] [login]\n",
	    w->name, w->name);
	/* In a .forward file a wrong option must not send mail back. */
	return isatty(STDIN_FILENO) ? EX_USAGE : EX_TEMPFAIL;
}

/* ---- options */

/* "7", days; "infinite" and the like: once for ever. */
static int64_t
days_of(const char *text)
{
	uint64_t days;

	return number_parse(span_str(text), 0, 100000, &days)
	    ? (int64_t)days * DAY
	    : INT64_MAX;
}

/* "36h": seconds, minutes, hours, days, weeks; a number alone is weeks. */
static bool
time_of(const char *text, int64_t *out)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', DAY },
		{ 'w', 7 * DAY } };
	struct span s = span_str(text);
	int64_t unit = 7 * DAY;
	uint64_t n;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units) && s.n > 0; i++)
		if (s.p[s.n - 1] == units[i].letter) {
			unit = units[i].seconds;
			s.n--;
			break;
		}
	if (!number_parse(s, 0, 1000000000, &n))
		return false;
	*out = (int64_t)n * unit;
	return true;
}

static bool
take(struct away *w, int option)
{
	switch (option) {
	case 'a':
		if (w->name_count > ALIASES_MAX - 1)
			return false;
		w->names[w->name_count++] = span_str(optarg);
		return true;
	case 'd':
		w->stderr_only = true;
		return true;
	case 'f':
		w->store = optarg;
		return true;
	case 'i':
	case 'I':
		w->init = true;
		return true;
	case 'j':
		w->anyone = true;
		return true;
	case 'm':
		w->file = optarg;
		return true;
	case 'r':
		w->period = days_of(optarg);
		return true;
	case 'S':
		w->subject = optarg;
		return true;
	case 's':
		w->from = optarg;
		return true;
	case 't':
		return time_of(optarg, &w->period);
	case 'z':
		return true; /* it is always so */
	default:
		return false;
	}
}

static bool
options(struct away *w, int argc, char **argv)
{
	int option;

	optind = 1;
	while ((option = getopt(argc, argv, "+a:df:iIjm:r:S:s:t:z")) != -1)
		if (!take(w, option))
			return false;
	return argc - optind == 1 || (w->init && argc == optind);
}

/* ---- the answer */

/* A path of ours as it is from the home. */
static const char *
at_home(const struct away *w, const char *path)
{
	return *path == '/'
	    ? path
	    : arena_printf(w->arena, "%s/%s", w->user.home, path);
}

/* The domain of an address of ours, or this host's name. */
static struct span
domain_of(struct away *w, struct span from)
{
	char host[256] = "localhost";
	struct span local, domain;

	if (address_split(from, &local, &domain) &&
	    address_domain_valid(domain, 0))
		return domain;
	(void)gethostname(host, sizeof(host) - 1);
	return span_str(arena_str(w->arena, host));
}

/* "Full Name <login>": whoever sends it adds the domain. */
static struct span
own_address(struct away *w)
{
	struct span gecos = span_str(w->user.gecos);
	struct buf out = BUF_EMPTY;
	struct span got;

	gecos = span_head(gecos, span_find(gecos, ','));
	if (gecos.n > 0 && span_find_any(gecos, "\"\\<>\r\n&") == gecos.n)
		buf_printf(&out, "\"%.*s\" ", (int)gecos.n, gecos.p);
	buf_printf(&out, "<%s>", w->user.name);
	got = arena_span(w->arena, buf_span(&out));
	buf_free(&out);
	return got;
}

static bool
read_file(struct away *w, struct vacation_file *out)
{
	const char *path = at_home(w, w->file);
	struct buf text = BUF_EMPTY;
	bool good = file_read_path(path, FILE_MAX, &text) == 0;

	if (!good)
		log_warning("%s: no answer: %s: %s", w->user.name, path,
		    strerror(errno));
	else
		vacation_file_parse(w->arena,
		    arena_span(w->arena, buf_span(&text)),
		    vacation_subject(w->arena, w->message), out);
	buf_free(&text);
	return good;
}

static bool
compose(struct away *w, struct buf *out)
{
	struct vacation_file file;
	struct vacation_answer v = {
		.message = w->message, .to = w->sender, .now = clock_wall()
	};

	if (!read_file(w, &file))
		return false;
	v.from = file.from.n > 0 ? file.from : own_address(w);
	if (w->from != NULL)
		v.from = span_str(w->from);
	v.subject = w->subject != NULL ? span_str(w->subject) : file.subject;
	v.fields = file.fields;
	v.text = file.text;
	v.entity = file.entity;
	v.domain = domain_of(w, v.from);
	if (vacation_compose(w->arena, &v, out))
		return true;
	log_warning("%s: no answer: %s gives no message that can be sent",
	    w->user.name, at_home(w, w->file));
	return false;
}

static void
send_once(struct away *w, struct span message)
{
	const char *path = getenv("SENDMAIL");
	struct vacation_send v = { .caller = w->name,
		.sendmail = path == NULL ? "/usr/sbin/sendmail" : path,
		.env = environ,
		.error_fd = STDERR_FILENO,
		.to = w->sender,
		.message = message,
		.store = at_home(w, w->store),
		.now = clock_wall(),
		.period = w->period };

	switch (vacation_send(w->arena, &v)) {
	case VACATION_SENT:
		log_info("%s: answered", w->user.name);
		break;
	case VACATION_SENT_BEFORE:
		log_debug("%s: answered already", w->user.name);
		break;
	case VACATION_NOT_SENT:
		log_warning("%s: no answer: %s ended with %d", w->user.name,
		    v.sendmail, v.status);
		break;
	case VACATION_NO_STORE:
		log_warning("%s: no answer: %s: %s", w->user.name, v.store,
		    errno == EINVAL ? "it is another program's; remove it, or "
				      "use vacation -i"
				    : strerror(errno));
		break;
	}
}

static void
answer(struct away *w)
{
	const struct vacation_names names = {
		.list = w->names, .count = w->name_count, .delimiters = "+"
	};
	struct buf out = BUF_EMPTY;
	const char *why;

	if (!vacation_sender(w->arena, w->message, &w->sender)) {
		log_warning("%s: no answer: no From line and no Return-Path "
			    "tell the sender",
		    w->user.name);
		return;
	}
	why = vacation_refused(
	    w->arena, w->message, w->sender, &names, w->anyone);
	if (why != NULL)
		log_debug("%s: no answer: %s", w->user.name, why);
	else if (compose(w, &out))
		send_once(w, buf_span(&out));
	buf_free(&out);
}

/* The front of the message; all is read, since who writes it may mind. */
static void
read_message(struct away *w)
{
	static char block[65536];
	struct buf front = BUF_EMPTY;
	ssize_t n;

	while ((n = read(STDIN_FILENO, block, sizeof(block))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			break;
		if (front.n < HEAD_MAX)
			buf_add(&front, block, (size_t)n);
	}
	w->message = arena_span(w->arena, buf_span(&front));
	buf_free(&front);
}

static int
init(struct away *w)
{
	const char *path = at_home(w, w->store);

	if (vacation_store_init(AT_FDCWD, path) == 0)
		return EX_OK;
	fprintf(stderr, "%s: %s: %s\n", w->name, path, strerror(errno));
	return EX_CANTCREAT;
}

static int
run(struct away *w, const char *login)
{
	enum users_result got = login == NULL
	    ? users_find_uid(w->arena, getuid(), &w->user)
	    : users_find(w->arena, span_str(login), &w->user);

	if (got != USERS_FOUND) {
		log_warning(
		    "no account \"%s\": no answer", login == NULL ? "" : login);
		return w->init ? EX_NOUSER : EX_OK;
	}
	if (w->init)
		return init(w);
	w->names[w->name_count++] = span_str(w->user.name);
	read_message(w);
	answer(w);
	return EX_OK;
}

int
vacation_main(int argc, char **argv)
{
	struct away w = { .name = argv[0],
		.file = ".vacation.msg",
		.store = VACATION_STORE,
		.period = 7 * (int64_t)DAY };
	int code;

	if (!options(&w, argc, argv))
		return usage(&w);
	w.arena = arena_new();
	(void)signal(SIGPIPE, SIG_IGN);
	log_to(w.stderr_only || w.init ? -1 : log_syslog_open(), false,
	    "vacation");
	log_verbose_set(w.stderr_only);
	code = run(&w, argv[optind]);
	arena_free(&w.arena);
	return code;
}
