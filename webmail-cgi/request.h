/* request.h - what the browser asks, as the web server hands it to a CGI
 * program (RFC 3875; forms: RFC 7578 and application/x-www-form-urlencoded)
 */

#ifndef WEBMAIL_CGI_REQUEST_H
#define WEBMAIL_CGI_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;
struct buf;

enum {
	REQUEST_BODY_MAX = 36 * 1024 * 1024,
	REQUEST_FIELDS_MAX = 2000,
	REQUEST_QUERY_MAX = 8192,
	REQUEST_COOKIE_MAX = 8192
};

enum request_method { METHOD_GET, METHOD_HEAD, METHOD_POST };

enum request_result {
	REQUEST_OK,
	REQUEST_BAD, /* 400 */
	REQUEST_METHOD, /* 405 */
	REQUEST_TOO_LARGE /* 413 */
};

/* A name and its value; of a file of a form also its name and type. */
struct request_field {
	struct span name, value;
	bool is_file;
	struct span filename, type;
};

/* The environment's variables that matter; NULL where they are not set. */
struct request_env {
	const char *method, *path_info, *query_string, *content_type;
	const char *cookie, *script_name, *remote_addr, *https, *language;
	const char *host, *origin, *referer, *fetch_site;
};

/* All spans live in the arena, in the environment or in what was parsed. */
struct request {
	enum request_method method;
	struct span path; /* "/list"; "/" when there is none */
	struct span language; /* Accept-Language */
	/* what the web server itself says: request_place() */
	struct span script; /* where we are: "/messagerie" */
	struct span remote_addr;
	bool https;
	size_t field_count;
	struct request_field *fields; /* of the query, then of the form */
	size_t cookie_count;
	struct request_field *cookies;
};

/* What the web server itself says of the request. False when it says where we
 * are in a way that no link can be made of: script is empty then. */
bool request_place(const struct request_env *env, struct request *out);
/* What the browser says; body: what came on standard input, whole. Pure. */
enum request_result request_parse(struct arena *a,
    const struct request_env *env, struct span body, struct request *out);
/* The same by a child that has no rights and ends: what it found comes back in
 * packed, into which the spans point. A child that dies of it has read a
 * request that is REQUEST_BAD. */
struct request_job {
	struct arena *arena;
	const struct request_env *env;
	struct span body;
	bool strict; /* as for sandbox_enter() */
};
enum request_result request_by_child(
    const struct request_job *job, struct buf *packed, struct request *out);

/* What was parsed (without the place) as bytes for another process. */
void request_pack(
    struct buf *out, enum request_result result, const struct request *r);
/* False for what request_pack() does not write. Spans point into packed. */
bool request_unpack(struct arena *a, struct span packed,
    enum request_result *result, struct request *out);

/* False: the browser says that the form stands on a page of another site. */
bool request_from_here(const struct request_env *env);

/* The first field's value; empty when there is none. */
struct span request_get(const struct request *r, const char *name);
bool request_has(const struct request *r, const char *name);
/* The fields of that name in turn: *at begins at 0. NULL at the end. */
const struct request_field *
request_next(const struct request *r, const char *name, size_t *at);
struct span request_cookie(const struct request *r, const char *name);

#endif
