/*
 * authorities.c - whose certificates are believed
 *
 * All files are read at once: a process in a jail cannot look for them by hash
 * later.
 */

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/buf.h"
#include "base/why.h"
#include "tls/context_ssl.h"

/* Every file of the folder, as far as it is one of certificates. */
static bool
folder_read(struct tls_context *t, const char *path, struct why *why)
{
	DIR *d = opendir(path);
	struct buf name = BUF_EMPTY;
	struct dirent *e;

	if (d == NULL) {
		why_set(why, "4.3.5", "%s: %s", path, strerror(errno));
		return false;
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		buf_clear(&name);
		buf_printf(&name, "%s/%s", path, e->d_name);
		SSL_CTX_load_verify_file(t->ctx, buf_str(&name));
	}
	ERR_clear_error();
	closedir(d);
	buf_free(&name);
	return true;
}

bool
tls_context_authorities(struct tls_context *t, const char *file,
    const char *folder, struct why *why)
{
	struct buf text = BUF_EMPTY;

	if (file != NULL && file[0] != '\0' &&
	    SSL_CTX_load_verify_file(t->ctx, file) != 1) {
		tls_error_take(&text);
		why_set(
		    why, "4.3.5", "authorities %s: %s", file, buf_str(&text));
		buf_free(&text);
		return false;
	}
	return folder == NULL || folder[0] == '\0' ||
	    folder_read(t, folder, why);
}
