/*
 * origin.c - did a form come from a page of ours?
 *
 * A page of another site can make a browser send a form here: to sign its user
 * in under a stranger's name, or to write with the user's own session. Browsers
 * say where a form stood: in Sec-Fetch-Site (Fetch Metadata, over TLS), else in
 * Origin (RFC 6454, section 7), else in Referer. The first that is there
 * decides. A client that says none of them is no browser of today, and has the
 * form's token to show.
 */

#include "webmail-cgi/request.h"

/* "https://HOST[:PORT][/...]" and the Host that was asked for. A proxy may
 * take the TLS off before us, so that the scheme says nothing. */
static bool
is_host(struct span url, struct span host)
{
	size_t scheme = span_istarts(url, "https://") ? 8
	    : span_istarts(url, "http://")            ? 7
						      : 0;
	struct span authority = span_skip(url, scheme);

	authority = span_head(authority, span_find_any(authority, "/?#"));
	return scheme > 0 && host.n > 0 && span_ieq(authority, host);
}

bool
request_from_here(const struct request_env *env)
{
	struct span host = span_str(env->host);

	if (env->fetch_site != NULL && env->fetch_site[0] != '\0')
		return span_is(span_str(env->fetch_site), "same-origin") ||
		    span_is(span_str(env->fetch_site), "none");
	if (env->origin != NULL && env->origin[0] != '\0')
		return is_host(span_str(env->origin), host);
	if (env->referer != NULL && env->referer[0] != '\0')
		return is_host(span_str(env->referer), host);
	return true;
}
