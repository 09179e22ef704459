/*
 * agent_serve.c - the way of a message through all its rc files
 */

#include "rules/agent_serve.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "rules/agent.h"
#include "rules/options.h"
#include "rules/vars.h"

static const char etc_rc[] = "/etc/procmailrc";

/* Where a file of the command line is. A bare name is one of HOME. */
static char *
rc_path(struct agent *a, const struct options *o, const char *name)
{
	if (o->filter || name[0] == '/' || span_starts(span_str(name), "./"))
		return mem_str(name);
	return mem_printf("%s/%s", vars_text(agent_vars(a), "HOME"), name);
}

static enum agent_end
run_one(struct agent *a, const struct options *o, const char *name)
{
	char *path = rc_path(a, o, name);
	char *home = strcmp(path, name) == 0 && name[0] != '/'
	    ? mem_str(".")
	    : mem_str(vars_text(agent_vars(a), "HOME"));
	enum agent_end end = agent_rc(a, path, home, false);

	free(path);
	free(home);
	return end;
}

/* The files of the command line: the first that can be read is run, and the
 * next one only when HOST gave it up. */
static enum agent_end
run_named(struct agent *a, const struct options *o, char **files, size_t count)
{
	enum agent_end end = AGENT_NO_FILE;

	for (size_t i = 0;
	     i < count && (end == AGENT_NO_FILE || end == AGENT_GIVEN_UP);
	     i++) {
		enum agent_end got = run_one(a, o, files[i]);

		if (got != AGENT_NO_FILE || end == AGENT_NO_FILE)
			end = got;
	}
	return end;
}

static enum agent_end
run_usual(struct agent *a, const struct agent_serve *s)
{
	char *home = mem_str(vars_text(agent_vars(a), "HOME"));
	char *own = mem_printf("%s/.procmailrc", home);
	enum agent_end end = AGENT_NO_FILE;

	if (!s->options->keep_environment)
		end = agent_rc(a, etc_rc, home, true);
	if (end == AGENT_FELL_OFF || end == AGENT_GIVEN_UP ||
	    end == AGENT_NO_FILE) {
		if (s->own_next != NULL && s->own_next(s->ctx, own) == -1)
			end = AGENT_STOPPED;
		else
			end = agent_rc(a, own, home, true);
	}
	free(home);
	free(own);
	return end;
}

/* Assignments come first, wherever they stand; what is left are rc files. */
static size_t
take_assignments(struct agent *a, const struct options *o, char **files)
{
	size_t count = 0;

	for (size_t i = 0; i < o->rest_count && !o->deliver; i++)
		if (!agent_assign(a, span_str(o->rest[i])))
			files[count++] = o->rest[i];
	return count;
}

static enum agent_end
run_filter(struct agent *a, const struct options *o)
{
	for (size_t i = 0; i < o->rc_at; i++)
		(void)agent_assign(a, span_str(o->rest[i]));
	return run_named(a, o, o->rest + o->rc_at, 1);
}

static enum agent_end
run_all(struct agent *a, const struct agent_serve *s)
{
	const struct options *o = s->options;
	char **files = mem_array(o->rest_count + 1, sizeof(*files));
	enum agent_end end = AGENT_FELL_OFF;
	size_t count;

	if (o->filter) {
		end = run_filter(a, o);
	} else if ((count = take_assignments(a, o, files)) > 0) {
		vars_set_str(agent_vars(a), "COMSAT", "no");
		end = run_named(a, o, files, count);
	} else {
		end = run_usual(a, s);
	}
	free(files);
	return end;
}

int
agent_serve(struct agent *a, const struct agent_serve *s)
{
	enum agent_end end = run_all(a, s);
	bool done = end == AGENT_DELIVERED || end == AGENT_GIVEN_UP;

	if (!done && end != AGENT_STOPPED)
		done = agent_default(a);
	return agent_finish(a, done ? 0 : s->failure);
}
