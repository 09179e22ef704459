/* match_list.h - lists of domains, hosts and addresses: mydestination,
 * relay_domains, mynetworks
 *
 * Items, parted by blanks and commas, decide in order; '!' before one turns it
 * round; "type:name" is a table, of which only the keys count; "/file" stands
 * for the items in that file.
 */

#ifndef MAPS_MATCH_LIST_H
#define MAPS_MATCH_LIST_H

#include <stdbool.h>

#include "base/span.h"

struct map_pool;
struct match_list;
struct why;

enum match_kind {
	MATCH_STRINGS, /* whole strings (virtual_alias_domains) */
	MATCH_DOMAINS, /* a domain: ".example.com" holds for all below */
	MATCH_HOSTS /* a host by name or address (mynetworks) */
};

enum match_result { MATCH_YES, MATCH_NO, MATCH_ERROR };

/* parents: "example.com" holds for all below too, as
 * parent_domain_matches_subdomains may want it for this parameter. name is
 * the parameter's, for messages. Never NULL: an item that cannot be read (a
 * file, a network) is logged and makes each question that comes to it fail. */
struct match_list *match_list_new(struct map_pool *pool, const char *name,
    struct span text, enum match_kind kind, bool parents);
void match_list_free(struct match_list **l);
bool match_list_empty(const struct match_list *l);

/* MATCH_STRINGS, MATCH_DOMAINS. Letters' case does not count. */
enum match_result match_list_test(const struct match_list *l, struct span name,
    struct why *why) __attribute__((warn_unused_result));
/* The same for a name of two forms: each item is held against both before the
 * next decides. other may be empty. */
enum match_result
match_list_test_either(const struct match_list *l, struct span name,
    struct span other, struct why *why) __attribute__((warn_unused_result));
/* MATCH_HOSTS: name may be empty (unknown); address without brackets. */
enum match_result match_list_host(const struct match_list *l, struct span name,
    struct span address, struct why *why) __attribute__((warn_unused_result));

#endif
