/*
 * php_load.c - config.php with the files that it includes
 *
 * What is included is read after the file, and wins, as config_local.php does.
 * A name that leads nowhere is looked for beside config.php too: Debian's
 * squirrelmail had links there from its own folder, which goes when the package
 * goes.
 */

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/why.h"
#include "config/php_conf.h"
#include "os/file.h"

enum { FILE_MAX = 1 << 20, INCLUDES_MAX = 16 };

/* 1: read. 0: there is none. -1: why. */
static int
bytes_read(const char *path, struct buf *out, struct why *why)
{
	buf_clear(out);
	if (file_read_path(path, FILE_MAX, out) == 0)
		return 1;
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	why_set(why, "4.3.5", "%s: %s", path, strerror(errno));
	return -1;
}

/* The folder of path, with its '/', and a name. */
static void
beside(struct buf *out, const char *path, struct span name)
{
	struct span folder = span_str(path);

	buf_clear(out);
	buf_add_span(out, span_head(folder, span_rfind(folder, '/') + 1));
	buf_add_span(out, name);
}

static bool
include(struct php_conf *c, const char *path, const char *file, struct why *why)
{
	struct buf name = BUF_EMPTY, bytes = BUF_EMPTY;
	struct span s = span_str(file);
	int got;

	if (file[0] == '/')
		buf_add_str(&name, file);
	else
		beside(&name, path, s);
	got = bytes_read(buf_str(&name), &bytes, why);
	if (got == 0 && span_rfind(s, '/') < s.n) {
		beside(&name, path, span_skip(s, span_rfind(s, '/') + 1));
		got = bytes_read(buf_str(&name), &bytes, why);
	}
	if (got == 1 && !php_conf_add(c, buf_span(&bytes), buf_str(&name), why))
		got = -1;
	buf_free(&name);
	buf_free(&bytes);
	return got != -1;
}

struct php_conf *
php_conf_load(const char *path, const char *sm_path, struct why *why)
{
	struct buf bytes = BUF_EMPTY;
	struct php_conf *c = NULL;
	const char *file;
	size_t at = 0;

	if (bytes_read(path, &bytes, why) != -1)
		c = php_conf_parse(buf_span(&bytes), path, sm_path, why);
	buf_free(&bytes);
	while (c != NULL && at < INCLUDES_MAX &&
	    php_conf_include_next(c, &at, &file))
		if (!include(c, path, file, why))
			php_conf_free(&c);
	return c;
}
