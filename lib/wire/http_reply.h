/* http_reply.h - one reply of an HTTP/1.1 server, as a strict client reads it
 *
 * RFC 9112. For clients that fetch one small document and close. What may be
 * read in more than one way is refused: both lengths at once, folded fields,
 * codings other than chunked.
 */

#ifndef WIRE_HTTP_REPLY_H
#define WIRE_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

enum {
	HTTP_LINE_MAX = 8192,
	HTTP_FIELDS_MAX = 100,
	HTTP_INTERIM_MAX = 4 /* replies 1xx passed over */
};

enum http_reply_result {
	HTTP_REPLY_MORE,
	HTTP_REPLY_DONE,
	HTTP_REPLY_BAD /* http_reply_error(): close the connection */
};

struct http_reply;

/* body_max: a larger body is BAD. */
struct http_reply *http_reply_new(size_t body_max);
void http_reply_free(struct http_reply **r);
/* Take all n bytes, whatever of the reply they hold. After DONE more bytes are
 * passed over, after BAD only BAD comes. */
enum http_reply_result
http_reply_feed(struct http_reply *r, const char *p, size_t n);
/* The server has closed: the end of a body without a length. */
enum http_reply_result http_reply_close(struct http_reply *r);
/* Of a reply that is DONE; live until it is freed. type: the Content-Type
 * without its parameters, or empty. */
int http_reply_status(const struct http_reply *r);
struct span http_reply_type(const struct http_reply *r);
struct span http_reply_body(const struct http_reply *r);
const char *http_reply_error(const struct http_reply *r);

#endif
