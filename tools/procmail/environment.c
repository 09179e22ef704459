/*
 * environment.c - the variables a run begins with
 *
 * Built anew from the password file; the caller's environment counts for its
 * time zone only, unless -p asks for it, and even then not for what changes how
 * programs are loaded or read by a shell.
 */

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "rules/options.h"
#include "rules/vars.h"
#include "tools/procmail/procmail.h"

extern char **environ;

static bool
dangerous(struct span name)
{
	static const char *const names[] = { "IFS", "ENV", "PWD", "BASH_ENV",
		"SHELLOPTS", "BASHOPTS", "PS4", "CDPATH", "GLOBIGNORE",
		"LIBPATH", "SHLIB_PATH", "GCONV_PATH", "LOCPATH", "NLSPATH",
		"RES_OPTIONS", "HOSTALIASES", "LOCALDOMAIN", "MALLOC_TRACE",
		"RESOLV_HOST_CONF", "GETCONF_DIR", "TMPDIR" };

	if (span_starts(name, "LD_") || span_starts(name, "_RLD") ||
	    span_starts(name, "BASH_FUNC_"))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (span_is(name, names[i]))
			return true;
	return !vars_is_name(name);
}

static void
keep_environment(struct vars *v)
{
	for (char **e = environ; *e != NULL; e++) {
		struct span value = span_str(*e), name;

		if (span_cut(&value, '=', &name) && value.p != NULL &&
		    !dangerous(name))
			vars_set(v, name, value);
	}
}

static void
set_path(struct service *s, struct vars *v)
{
	struct buf path = BUF_EMPTY;

	/* Root runs nothing of the user's. */
	if (!s->privileged)
		buf_printf(&path, "%s/bin:", s->user.home);
	buf_add_str(&path, "/usr/local/bin:/usr/bin:/bin");
	vars_set(v, SPAN("PATH"), buf_span(&path));
	buf_free(&path);
}

struct vars *
environment_make(struct service *s)
{
	struct vars *v = vars_new();
	const char *zone = getenv("TZ");
	char host[256] = "localhost";

	if (s->options->keep_environment)
		keep_environment(v);
	else if (zone != NULL)
		vars_set_str(v, "TZ", zone);
	(void)gethostname(host, sizeof(host) - 1);
	vars_set_str(v, "HOST", host);
	vars_set_str(v, "LOGNAME", s->user.name);
	vars_set_str(v, "HOME", s->user.home);
	vars_set_str(
	    v, "SHELL", *s->user.shell == '\0' ? "/bin/sh" : s->user.shell);
	set_path(s, v);
	if (s->orgmail != NULL) {
		vars_set_str(v, "ORGMAIL", s->orgmail);
		vars_set_str(v, "DEFAULT", s->orgmail);
	}
	return v;
}
