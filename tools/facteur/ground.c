/*
 * ground.c - what the mail system stands on: for facteur check and status
 *
 * Each line names the file, what is wrong with it and what to do: it is read by
 * somebody who was woken by it.
 */

#include "tools/facteur/ground.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/table.h"
#include "base/why.h"
#include "config/param.h"
#include "os/file.h"
#include "os/own_dir.h"
#include "os/users.h"
#include "service/tool.h"

__attribute__((format(printf, 3, 4))) static void
tell(ground_fn *say, bool problem, const char *format, ...)
{
	struct buf text = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	say(problem, buf_str(&text));
	buf_free(&text);
}

/* Folders of the spool; owner and mode as master makes them. */
static const struct {
	const char *name;
	mode_t mode;
	bool roots; /* else mail_owner's */
} folders[] = { { "incoming", 0700, false }, { "active", 0700, false },
	{ "deferred", 0700, false }, { "hold", 0700, false },
	{ "corrupt", 0700, false }, { "accept", 0700, false },
	{ "maildrop", 01730, false }, { "public", 0755, true },
	{ "jail", 0755, true } };

static void
folder_check(const char *path, mode_t mode, uid_t owner, ground_fn *say)
{
	struct stat st;

	if (lstat(path, &st) == -1) {
		if (errno != EACCES)
			tell(say, true,
			    "%s: %s: facteur reload makes the spool's folders",
			    path, strerror(errno));
	} else if (!S_ISDIR(st.st_mode)) {
		tell(say, true, "%s: not a folder: move it away", path);
	} else if (st.st_uid != owner || (st.st_mode & 07777) != mode) {
		tell(say, true,
		    "%s: owner %u, mode %o; wanted owner %u, mode %o: facteur "
		    "reload sets them right",
		    path, (unsigned)st.st_uid, (unsigned)st.st_mode & 07777,
		    (unsigned)owner, (unsigned)mode);
	}
}

/* A value in octets, 0 when it makes no sense: that is told elsewhere. */
static uint64_t
octets(const struct tool *t, const char *name)
{
	uint64_t value = 0;

	(void)number_parse(
	    span_str(tool_value(t, name)), 0, UINT64_MAX / 4, &value);
	return value;
}

static void
room_check(const struct tool *t, const char *queue, ground_fn *say)
{
	uint64_t least = octets(t, "queue_minfree");
	uint64_t largest = octets(t, "message_size_limit");
	struct statvfs f;
	uint64_t room;

	if (statvfs(queue, &f) == -1)
		return;
	if (least < largest + largest / 2)
		least = largest + largest / 2;
	room = (uint64_t)f.f_bavail * f.f_frsize;
	if (room < least)
		tell(say, true,
		    "%s: %llu MB are free; below %llu MB (1.5 times "
		    "message_size_limit, or queue_minfree) mail may be "
		    "refused: "
		    "make room on that disk",
		    queue, (unsigned long long)(room >> 20),
		    (unsigned long long)(least >> 20));
	if (f.f_files > 0 && f.f_favail < 1000)
		tell(say, true,
		    "%s: %llu files more can be made on that disk: remove some",
		    queue, (unsigned long long)f.f_favail);
}

/* What lies in the folders of the queue and is not qmgr's: it cannot be read,
 * or was set aside. It is counted. */
static void
files_check(const char *queue, const char *name, uid_t owner, ground_fn *say)
{
	char *path = mem_printf("%s/%s", queue, name);
	int fd = file_open_dir(AT_FDCWD, path, false);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	bool corrupt = strcmp(name, "corrupt") == 0;
	unsigned damaged = 0, foreign = 0;
	struct dirent *entry;
	struct stat st;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    fstatat(dirfd(dir), entry->d_name, &st,
			AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		damaged += corrupt;
		foreign += st.st_uid != owner;
	}
	if (damaged > 0)
		tell(say, false,
		    "%s: %u damaged messages: look at them with postcat, and "
		    "remove them with postsuper -d ALL corrupt",
		    path, damaged);
	if (foreign > 0)
		tell(say, true,
		    "%s: %u files are not owned by mail_owner, and wait for "
		    "ever: chown them",
		    path, foreign);
	if (dir != NULL)
		closedir(dir);
	free(path);
}

void
ground_spool(const struct tool *t, ground_fn *say)
{
	const char *queue = tool_value(t, "queue_directory");
	const char *name = tool_value(t, "mail_owner");
	struct arena *a = arena_new();
	struct account owner;

	if (users_find(a, span_str(name), &owner) != USERS_FOUND) {
		tell(say, true,
		    "mail_owner = %s: no such account: make it "
		    "(systemd-sysusers), or set mail_owner",
		    name);
		arena_free(&a);
		return;
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *path = mem_printf("%s/%s", queue, folders[i].name);

		folder_check(path, folders[i].mode,
		    folders[i].roots ? 0 : owner.uid, say);
		free(path);
		if (folders[i].mode == 0700)
			files_check(queue, folders[i].name, owner.uid, say);
	}
	room_check(t, queue, say);
	arena_free(&a);
}

/* Parameters that name one PEM file. */
static const char *const pem[] = { "smtpd_tls_cert_file", "smtpd_tls_key_file",
	"smtp_tls_cert_file", "smtp_tls_key_file", "smtpd_tls_CAfile",
	"smtp_tls_CAfile" };

static void
pem_check(const struct tool *t, const char *name, ground_fn *say)
{
	const char *path = tool_value(t, name);

	if (path[0] == '\0' || strcmp(path, "none") == 0 ||
	    access(path, R_OK) == 0 || errno == EACCES)
		return;
	tell(say, true, "%s = %s: %s: there is no TLS without it", name, path,
	    strerror(errno));
}

/* hash:PATH, or btree: and the like, that have a compiled file. */
static void
table_check(struct span item, const char *parameter, ground_fn *say)
{
	struct span type;
	struct stat source, compiled;
	const char *tool;
	char *path;

	if (span_starts(item, "proxy:"))
		item = span_skip(item, strlen("proxy:"));
	if (!span_cut(&item, ':', &type) || item.p == NULL ||
	    (!span_is(type, "hash") && !span_is(type, "btree")) ||
	    span_at(item, 0) != '/')
		return;
	tool = strncmp(parameter, "alias_", 6) == 0 ? "postalias" : "postmap";
	path = mem_printf("%.*s.db", (int)item.n, item.p);
	if (stat(path, &compiled) == -1) {
		if (errno == ENOENT)
			tell(say, true, "%s: %s is not there: run %s %.*s:%.*s",
			    parameter, path, tool, (int)type.n, type.p,
			    (int)item.n, item.p);
		free(path);
		return;
	}
	path[strlen(path) - strlen(".db")] = '\0';
	if (stat(path, &source) == 0 && source.st_mtime > compiled.st_mtime)
		tell(say, false,
		    "%s: %s was changed after its table was made: run %s "
		    "%.*s:%.*s",
		    parameter, path, tool, (int)type.n, type.p, (int)item.n,
		    item.p);
	free(path);
}

static void
value_check(const struct tool *t, struct table *seen, const char *parameter,
    ground_fn *say)
{
	static char mark;
	struct span rest, item;

	rest = span_str(tool_value(t, parameter));
	while (param_list_next(&rest, &item))
		if (table_put(seen, item, &mark) == NULL)
			table_check(item, parameter, say);
}

static void
facility_check(const struct tool *t, ground_fn *say)
{
	const char *name = tool_value(t, "syslog_facility");

	if (!log_facility_set(span_trim(span_str(name))))
		tell(say, true, "syslog_facility = %s: no facility", name);
}

/* Mail is read without it, but slowly. */
static void
index_check(const struct tool *t, ground_fn *say)
{
	const char *root = tool_value(t, "index_directory");

	if (*root == '\0' || own_dir_check(root) == 0)
		return;
	if (errno == EACCES)
		tell(say, false,
		    "index_directory = %s: not used while others than root may "
		    "write there: chown root and chmod 755 (or 1777)",
		    root);
	else
		tell(say, errno == EINVAL, "index_directory = %s: %s", root,
		    errno == EINVAL ? "it must begin with /" : strerror(errno));
}

void
ground_files(const struct tool *t, ground_fn *say)
{
	struct table *seen = table_new();
	const char *name, *value;
	size_t at = 0;

	for (size_t i = 0; i < sizeof(pem) / sizeof(pem[0]); i++)
		pem_check(t, pem[i], say);
	facility_check(t, say);
	index_check(t, say);
	value_check(t, seen, "alias_maps", say);
	/* caches are made by their owners */
	while (main_cf_next(t->cf, &at, &name, &value)) {
		const struct param *row = param_find(span_str(name));
		struct span word = span_str(name);

		if ((row == NULL || row->type != PARAM_RAW) &&
		    !span_ends(word, "_database") &&
		    !span_is(word, "address_verify_map") &&
		    !span_ends(word, "_cache_map"))
			value_check(t, seen, name, say);
	}
	table_free(&seen, NULL);
}

/* The name of the program, when pid is a child of master's. */
static bool
child_name(int proc, const char *pid, pid_t master, struct buf *name)
{
	char *path = mem_printf("%s/stat", pid);
	int fd = file_open(proc, path, O_RDONLY, 0), parent = 0;
	struct buf text = BUF_EMPTY;
	struct span rest, word;
	size_t end;
	bool stated, ours = false;

	free(path);
	if (fd == -1 || file_read_all(fd, 4096, &text) == -1) {
		file_close(&fd);
		return false;
	}
	file_close(&fd);
	rest = buf_span(&text);
	end = span_rfind(rest, ')');
	buf_clear(name);
	buf_add_span(
	    name, span_skip(span_head(rest, end), span_find(rest, '(') + 1));
	rest = span_skip(rest, end + 1);
	stated = span_word(&rest, " ", &word); /* the parent follows */
	if (stated && span_word(&rest, " ", &word))
		ours = number_parse_int(word, 0, INT32_MAX, &parent) &&
		    parent == master;
	buf_free(&text);
	return ours;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *
names_join(char **names, size_t n)
{
	struct buf out = BUF_EMPTY;

	if (n > 1)
		qsort((void *)names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n;) {
		size_t same = i + 1;

		while (same < n && strcmp(names[same], names[i]) == 0)
			same++;
		buf_printf(
		    &out, "%s%zu %s", i == 0 ? "" : ", ", same - i, names[i]);
		i = same;
	}
	return buf_take(&out);
}

char *
ground_processes(pid_t master)
{
	int proc = file_open_dir(AT_FDCWD, "/proc", false);
	DIR *dir = proc == -1 ? NULL : fdopendir(proc);
	struct dirent *entry;
	struct buf name = BUF_EMPTY;
	char **names = NULL, *text;
	size_t n = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (!ascii_digit(entry->d_name[0]) ||
		    !child_name(dirfd(dir), entry->d_name, master, &name))
			continue;
		names = mem_resize(names, n + 1, sizeof(*names));
		names[n++] = mem_str(buf_str(&name));
	}
	if (dir != NULL)
		closedir(dir);
	text = names_join(names, n);
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free((void *)names);
	buf_free(&name);
	return text;
}
