/* fuzz_acl.c - mailbox/acl.h: lists of rights, and what clients say of them
 *
 * The first byte says whose form it is. Who is not named gets nothing but what
 * anyone does, and what is read, written and read again says the same.
 */

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/must.h"
#include "mailbox/acl.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
check_again(struct arena *a, const struct acl *acl)
{
	const struct span groups[] = { SPAN("staff"), SPAN("administrators") };
	const struct acl_who who[] = {
		{ SPAN("bob"), false, groups, 2 },
		{ SPAN("owner"), true, NULL, 0 },
		{ SPAN("nobody"), false, NULL, 0 },
	};
	struct buf out = BUF_EMPTY;
	struct acl again;

	acl_put(&out, acl);
	must(out.n > ACL_TEXT_MAX ||
	    acl_parse(a, buf_span(&out), ACL_FORM_OWN, &again));
	for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++)
		must(out.n > ACL_TEXT_MAX ||
		    acl_rights(acl, &who[i]) == acl_rights(&again, &who[i]));
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct span s = span_of((const char *)p, n);
	struct acl_entry e = { .rights = 0 };
	struct acl acl, changed;
	struct buf out = BUF_EMPTY;

	if (n > 0 && acl_parse(a, span_skip(s, 1), p[0] % 3, &acl)) {
		check_again(a, &acl);
		if (acl.count > 0 &&
		    acl_change(a, &acl, ACL_FORGET, &acl.list[0], &changed))
			must(acl_find(&changed, acl.list[0].id,
				 acl.list[0].minus) == NULL);
	}
	if (acl_id_take(a, s, &e.id, &e.minus))
		acl_id_put(&out, &e);
	(void)acl_rights_parse(s, &e.rights);
	buf_free(&out);
	arena_free(&a);
	return 0;
}
