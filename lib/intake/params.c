/* params.c - the parameters of every program that looks at what comes in */

#include "intake/params.h"

#include "base/arena.h"
#include "intake/checks.h"

const struct checks_conf *
check_params_conf(struct arena *a, const struct check_params *params)
{
	struct checks_conf *c = arena_alloc(a, sizeof(*c));

	c->wanted[CHECK_HEADER] = params->header_checks[0] != '\0';
	c->wanted[CHECK_BODY] = params->body_checks[0] != '\0';
	if (!params->disable_mime_input_processing) {
		c->wanted[CHECK_MIME] = params->mime_header_checks[0] != '\0';
		c->wanted[CHECK_NESTED] =
		    params->nested_header_checks[0] != '\0';
		c->depth_max = (unsigned)params->mime_nesting_limit;
	}
	c->field_max = (size_t)params->header_size_limit;
	c->line_max = (size_t)params->line_length_limit;
	c->body_max = params->body_checks_size_limit;
	for (unsigned i = 0; i < CHECK_TABLES; i++)
		if (c->wanted[i])
			return c;
	return NULL;
}
