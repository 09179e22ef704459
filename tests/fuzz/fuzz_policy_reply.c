/* fuzz_policy_reply.c - answers of policy servers, smtpd/policy_reply.h */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/why.h"
#include "smtpd/conf.h"
#include "smtpd/policy_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* An answer that is whole is the same however much stands behind it; and the
 * same bytes as the text of a server. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct smtpd_conf conf = {
		.smtpd_policy_service_default_action = "DUNNO",
		.smtpd_policy_service_policy_context = "",
	};
	struct span in = span_of((const char *)p, n), action, again;
	struct arena *a = arena_new();
	struct policy_spec spec;
	size_t used, used_again;
	struct why why;

	if (policy_reply_parse(in, &used, &action) == POLICY_REPLY_OK) {
		must(used <= in.n && used <= POLICY_REPLY_MAX);
		must(action.n > 0 && span_find(action, '\n') == action.n);
		must(policy_reply_parse(span_head(in, used), &used_again,
			 &again) == POLICY_REPLY_OK);
		must(used_again == used && span_eq(action, again));
	}
	why_init(&why);
	if (policy_spec_parse(in, &conf, a, &spec, &why))
		must(spec.target != NULL && spec.timeout_ms >= 0);
	why_free(&why);
	arena_free(&a);
	return 0;
}
