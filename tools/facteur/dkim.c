/*
 * dkim.c - facteur dkim-key: a new key and the record that tells of it
 *
 * The key goes to dkim/DOMAIN/SELECTOR.pem of the configuration's folder, for
 * root alone: `keys` reads it while it is root. A key that is there is never
 * written over.
 */

#include "tools/facteur/dkim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "mauth/key_make.h"
#include "mauth/key_table.h"
#include "os/file.h"
#include "service/tool.h"

enum { STRING_MAX = 200 }; /* octets of one string of the record */

/* The folder dkim/DOMAIN; ends the process on trouble. */
static int
folder_open(const struct tool *t, const char *domain)
{
	struct buf path = BUF_EMPTY;
	int top = file_open_dir(AT_FDCWD, t->folder, true), fd = -1;

	buf_printf(&path, "dkim/%s", domain);
	if (top != -1 && file_make_dirs(top, buf_str(&path), 0700) == 0)
		fd = file_open_dir(top, buf_str(&path), false);
	if (fd == -1)
		tool_fatal(t, EX_CANTCREAT, "%s/%s: %s", t->folder,
		    buf_str(&path), strerror(errno));
	buf_free(&path);
	file_close(&top);
	return fd;
}

static void
key_write(const struct tool *t, int folder, const char *name, struct span pem)
{
	int fd = file_open(folder, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd == -1)
		tool_fatal(t, EX_CANTCREAT, "%s: %s", name,
		    errno == EEXIST ? "there is a key of that name already"
				    : strerror(errno));
	if (file_write(fd, pem) == -1 || file_sync(fd) == -1 ||
	    file_close(&fd) == -1 || file_sync(folder) == -1) {
		int error = errno;

		unlinkat(folder, name, 0);
		tool_fatal(t, EX_IOERR, "%s: %s", name, strerror(error));
	}
}

/* As a zone file has it: strings of at most 255 octets. */
static void
record_print(const char *selector, const char *domain, struct span record)
{
	printf("%s._domainkey.%s. IN TXT (", selector, domain);
	for (; record.n > 0; record = span_skip(record, STRING_MAX))
		printf("\n\t\"%.*s\"",
		    (int)(record.n > STRING_MAX ? STRING_MAX : record.n),
		    record.p);
	printf(" )\n");
}

/* The row of dkim_key_table, read back as the daemons will read it. */
static struct key_row
row_make(const struct tool *t, struct arena *a, int count, char **words)
{
	struct buf line = BUF_EMPTY;
	struct key_table *table;
	struct why why;

	why_init(&why);
	buf_printf(&line, "%s %s %s/dkim/%s/%s.pem %s", words[0], words[1],
	    t->folder, words[0], words[1], count == 3 ? words[2] : "rsa");
	table = key_table_parse(buf_span(&line), "dkim-key", a, &why);
	if (table == NULL || table->count != 1 || table->rows[0].below ||
	    strchr(words[0], '/') != NULL || strchr(words[1], '/') != NULL)
		tool_fatal(t, EX_USAGE, "%s",
		    table == NULL ? why_text(&why) : "ill-formed domain");
	buf_free(&line);
	why_free(&why);
	return table->rows[0];
}

int
dkim_key_main(const struct tool *t, int count, char **words)
{
	struct arena *a = arena_new();
	struct buf pem = BUF_EMPTY, record = BUF_EMPTY, name = BUF_EMPTY;
	struct key_row row;
	int folder;

	if (count < 2 || count > 3)
		return EX_USAGE;
	row = row_make(t, a, count, words);
	if (!key_make(row.algorithm, &pem, &record))
		tool_fatal(t, EX_SOFTWARE, "cannot make a key");
	folder = folder_open(t, words[0]);
	buf_printf(&name, "%s.pem", words[1]);
	key_write(t, folder, buf_str(&name), buf_span(&pem));
	buf_wipe(&pem);
	printf("; for the zone of %s, then for dkim_key_table:\n"
	       "; %s %s %.*s %s\n",
	    words[0], words[0], words[1], (int)row.file.n, row.file.p,
	    row.algorithm == MAUTH_RSA_SHA256 ? "rsa" : "ed25519");
	record_print(words[1], words[0], buf_span(&record));
	file_close(&folder);
	buf_free(&record);
	buf_free(&name);
	arena_free(&a);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
