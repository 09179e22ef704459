/*
 * run_bounds.c - what a run may come to, whatever its rc files say
 *
 * rc files can include themselves, make copies of the process that do the same,
 * and double a variable as often as they like. Each of these meets a limit
 * here, which is said in the log; the message then goes on by the rules.
 */

#include <stdlib.h>

#include "base/mem.h"
#include "os/clock.h"
#include "rules/run.h"
#include "rules/vars.h"

enum {
	TIME_S = 3600,
	VARIABLES = 1 << 20,
	PROCESSES = 1000,
	NESTING = 64,
	SHARE_OF_COPY = 8 /* one part in so many of the processes left */
};

void
run_bounds_set(struct agent *a, const struct agent_bounds *given)
{
	struct agent_bounds *b = &a->s.bounds;

	*b = *given;
	if (b->time_s <= 0)
		b->time_s = TIME_S;
	if (b->variables == 0)
		b->variables = VARIABLES;
	if (b->processes == 0)
		b->processes = PROCESSES;
	if (b->nesting == 0)
		b->nesting = NESTING;
	a->until = clock_ms() + b->time_s * 1000;
	a->processes_left = b->processes;
}

int64_t
run_time_left_ms(const struct agent *a)
{
	return a->until - clock_ms();
}

bool
run_late(struct agent *a)
{
	if (run_time_left_ms(a) > 0)
		return false;
	if (!a->late)
		agent_say(a, "Time limit of %llds exceeded by the rules",
		    (long long)a->s.bounds.time_s);
	a->late = true;
	return true;
}

bool
run_may_start(struct agent *a)
{
	if (a->processes_left == 0) {
		agent_say(a, "Limit of %zu processes exceeded by the rules",
		    a->s.bounds.processes);
		return false;
	}
	a->processes_left--;
	return true;
}

/* All copies together never make more than the first process may. */
void
run_bounds_clone(struct agent *a, bool copy)
{
	size_t given = a->processes_left / SHARE_OF_COPY;

	a->processes_left = copy ? given : a->processes_left - given;
}

bool
run_value_fits(struct agent *a, struct span name, struct span value)
{
	const char *old = vars_get(a->vars, name);
	size_t before = old == NULL ? 0 : strlen(old);

	if (vars_bytes(a->vars) - before + value.n <= a->s.bounds.variables)
		return true;
	run_say_name(a, "Variables too large, not assigned:", name);
	vars_set_str(a->vars, "PROCMAIL_OVERFLOW", "yes");
	return false;
}
