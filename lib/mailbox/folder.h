/* folder.h - names of folders: as clients say them and as they lie on disk */

#ifndef MAILBOX_FOLDER_H
#define MAILBOX_FOLDER_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

enum folder_encoding { FOLDER_AUTO, FOLDER_UTF8, FOLDER_UTF7 };

/* How folders are called. Names here are UTF-8 with prefix and separator;
 * modified UTF-7 of the wire is the caller's (message/utf7.h). */
struct folder_conf {
	const char *prefix; /* "INBOX." or "" */
	char separator; /* '.' or '/' */
	enum folder_encoding encoding; /* of names on disk */
	bool alias; /* names without the prefix are folders' too */
};

enum folder_result {
	FOLDER_OK,
	FOLDER_INBOX, /* the top directory: "INBOX" in any case */
	FOLDER_OUTSIDE, /* does not begin with the prefix */
	FOLDER_BAD, /* an empty part, '/', NUL, a control character, no UTF-8 */
	FOLDER_TOO_LONG /* the directory's name would pass 255 bytes */
};

/* Append the directory of a folder, ".Sent.2024" (nothing for INBOX), in the
 * given encoding, which is not FOLDER_AUTO. */
enum folder_result folder_to_dir(const struct folder_conf *c, struct span name,
    enum folder_encoding encoding, struct buf *dir);
/* Append the name of the folder in directory dir, which begins with '.'. A name
 * that is in no encoding is shown in a form that folder_to_dir_raw() takes
 * back. False when dir cannot be a folder's ("..", empty parts, control bytes).
 */
bool
folder_from_dir(const struct folder_conf *c, struct span dir, struct buf *name);
/* As folder_to_dir with FOLDER_UTF8, but characters U+F780 to U+F7FF stand for
 * the bytes 80 to FF of a broken name. */
enum folder_result folder_to_dir_raw(
    const struct folder_conf *c, struct span name, struct buf *dir);
/* True for what the encoding decides: UTF-8 beyond ASCII, or a well-formed
 * "&...-" run. */
enum folder_encoding folder_encoding_of(struct span dir);

/* The name without its last part, empty when it has one part only. */
struct span folder_parent(const struct folder_conf *c, struct span name);

#endif
