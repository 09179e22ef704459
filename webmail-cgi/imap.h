/* imap.h - an IMAP client that blocks: one page's worth of commands */

#ifndef WEBMAIL_CGI_IMAP_H
#define WEBMAIL_CGI_IMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "webmail-cgi/imap_value.h"

struct arena;
struct buf;
struct imap;

enum { IMAP_RESPONSE_MAX = 64 * 1024 * 1024 };

enum imap_status { IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_LOST };

/* An untagged response; its tokens live until the function returns. The first
 * token is behind the "*". */
typedef void imap_fn(void *arg, const struct imap_tokens *tokens);

/* Takes fd, a stream to a server that has not greeted yet, and reads the
 * greeting. NULL: it was no "* PREAUTH" and no "* OK". */
struct imap *imap_open(int fd);
/* Says LOGOUT and closes. */
void imap_close(struct imap **c);

/* Send "TAG format" and read to the tagged answer; fn (may be NULL) gets every
 * untagged one. Arguments that come from outside go through imap_quote(). */
enum imap_status imap_command(struct imap *c, imap_fn *fn, void *arg,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* APPEND: bytes with LF line ends are sent with CRLF. flags: "\\Seen" or "". */
enum imap_status imap_append(
    struct imap *c, struct span folder, const char *flags, struct span bytes);
/* Text of the last tagged answer, as the server worded it. */
struct span imap_text(const struct imap *c);

/* An astring for a command: a quoted string. False (and nothing written) when
 * s holds CR, LF or NUL, or 8-bit bytes. */
bool imap_quote(struct buf *out, struct span s);

#endif
