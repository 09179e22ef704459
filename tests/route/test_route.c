/* test_route.c - route/route.h: questions and answers, table by table */

#include "route/route.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/route/routing.h"

struct row {
	const char *conf, *sender, *address, *how, *answer;
};

static void
check_rows(const struct row *row)
{
	struct routing x;

	routing_init(&x, row->conf);
	ck_assert_str_eq(
	    routing_ask(&x, row->sender, row->address, row->how), row->answer);
	routing_done(&x);
}

static const struct row classes[] = {
	{ "", "", "root", "",
	    "local: root@ours.test via local:mx.ours.test user root" },
	{ "", "", "ROOT+x@MX.ours.test", "",
	    "local: ROOT+x@mx.ours.test via local:mx.ours.test user root" },
	{ "", "", "root@[127.0.0.1]", "",
	    "local: root@[127.0.0.1] via local:mx.ours.test user root" },
	{ "", "", "root@[192.0.2.1]", "",
	    "other: root@[192.0.2.1] via smtp:[192.0.2.1]" },
	{ "proxy_interfaces = 192.0.2.1", "", "root@[192.0.2.1]", "",
	    "local: root@[192.0.2.1] via local:mx.ours.test user root" },
	{ "proxy_interfaces = 2001:db8::1", "", "root@[IPv6:2001:db8:0::1]", "",
	    "local: root@[ipv6:2001:db8:0::1] via local:mx.ours.test "
	    "user root" },
	{ "", "", "no-such-user@ours.test", "",
	    "local! 5.1.1 unknown user: \"no-such-user\"" },
	{ "", "", "joe@far.test", "", "other: joe@far.test via smtp:far.test" },
	{ "", "", "-joe@far.test", "", "other! 5.1.3 bad address syntax" },
	{ "", "", "\"-joe doe\"@far.test", "v",
	    "other! 5.1.3 bad address syntax" },
	{ "", "", "joe-@far.test", "",
	    "other: joe-@far.test via smtp:far.test" },
	{ "allow_min_user = yes", "", "-joe@far.test", "",
	    "other: -joe@far.test via smtp:far.test" },
	{ "", "", "joe@sub.ours.test", "",
	    "other: joe@sub.ours.test via smtp:sub.ours.test" },
	{ "parent_domain_matches_subdomains = mydestination", "",
	    "root@sub.ours.test", "",
	    "local: root@sub.ours.test via local:mx.ours.test user root" },
	{ "relay_domains = rel.test", "", "joe@sub.rel.test", "",
	    "relay: joe@sub.rel.test via relay:sub.rel.test" },
	{ "relay_domains = rel.test\nparent_domain_matches_subdomains =", "",
	    "joe@sub.rel.test", "",
	    "other: joe@sub.rel.test via smtp:sub.rel.test" },
	{ "virtual_mailbox_domains = box.test", "", "joe@box.test", "",
	    "mailbox: joe@box.test via virtual:box.test" },
	{ "virtual_mailbox_domains = box.test\n"
	  "virtual_transport = lmtp:unix:/run/x",
	    "", "joe@box.test", "",
	    "mailbox: joe@box.test via lmtp:unix:/run/x" },
	{ "virtual_alias_domains = al.test", "", "joe@al.test", "",
	    "alias! 5.1.1 User unknown in virtual alias table" },
	{ "virtual_alias_domains = al.test\n"
	  "show_user_unknown_table_name = no",
	    "", "joe@al.test", "", "alias! 5.1.1 User unknown" },
	/* operators in local parts of ours are followed, so seen as foreign */
	{ "", "", "joe%far.test@ours.test", "",
	    "other: joe@far.test via smtp:far.test" },
	{ "", "", "far.test!joe@ours.test", "",
	    "other: joe@far.test via smtp:far.test" },
	{ "", "", "\"joe@far.test\"@ours.test", "",
	    "other: joe@far.test via smtp:far.test" },
	{ "", "", "root%mx.ours.test@ours.test", "",
	    "local: root@mx.ours.test via local:mx.ours.test user root" },
	{ "", "", "a%b%far.test@ours.test", "v",
	    "other: a%b@far.test via smtp:far.test" },
	{ "relay_domains = rel.test", "", "joe%far.test@rel.test", "v",
	    "other: joe%far.test@rel.test via relay:rel.test" },
	{ "", "", "%@ours.test", "", "local! 5.1.1 unknown user: \"%\"" },
	{ "allow_percent_hack = no", "", "a%b@ours.test", "",
	    "local! 5.1.1 unknown user: \"a%b\"" },
	{ "mydestination = fail:x, ours.test", "", "root@ours.test", "",
	    "other! 4.3.0 table fail:x: fails by its nature" },
	{ "relay_domains = hash:/nonexistent/x", "", "joe@far.test", "v",
	    "other! 4.3.0 table hash:/nonexistent/x: open database "
	    "/nonexistent/x.db: No such file or directory (postmap and "
	    "newaliases make it)" },
};

START_TEST(class)
{
	check_rows(&classes[_i]);
}
END_TEST

#define TRANSPORT "transport_maps = inline:{"

static const struct row transports[] = {
	{ "relayhost = [gw.test]", "", "joe@far.test", "",
	    "other: joe@far.test via smtp:[gw.test]" },
	{ "relayhost = [gw.test]\ndefault_transport = uucp:there", "",
	    "joe@far.test", "", "other: joe@far.test via uucp:there" },
	{ "relayhost = [gw.test]\nrelay_domains = rel.test", "", "joe@rel.test",
	    "", "relay: joe@rel.test via relay:[gw.test]" },
	{ "relayhost = [gw.test]", "", "root@ours.test", "",
	    "local: root@ours.test via local:mx.ours.test user root" },
	/* probes go as mail does, but where they are told otherwise */
	{ "relayhost = [gw.test]", "", "joe@far.test", "p",
	    "other: joe@far.test via smtp:[gw.test]" },
	{ "relayhost = [gw.test]\naddress_verify_relayhost =", "",
	    "joe@far.test", "p", "other: joe@far.test via smtp:far.test" },
	{ "relayhost = [gw.test]\naddress_verify_relayhost =", "",
	    "joe@far.test", "", "other: joe@far.test via smtp:[gw.test]" },
	{ "address_verify_default_transport = uucp:there", "", "joe@far.test",
	    "p", "other: joe@far.test via uucp:there" },
	{ "address_verify_relay_transport = smtp:[r]\n"
	  "relay_domains = rel.test",
	    "", "joe@rel.test", "p", "relay: joe@rel.test via smtp:[r]" },
	{ "address_verify_local_transport = lmtp:[l]", "", "root@ours.test",
	    "p", "local: root@ours.test via lmtp:[l]" },
	{ "address_verify_virtual_transport = lmtp:[v]\n"
	  "virtual_mailbox_domains = vm.test",
	    "", "joe@vm.test", "p", "mailbox: joe@vm.test via lmtp:[v]" },
	{ "transport_maps = inline:{far.test=smtp:[m]}\n"
	  "address_verify_transport_maps = inline:{far.test=smtp:[p]}",
	    "", "joe@far.test", "p", "other: joe@far.test via smtp:[p]" },
	{ "sender_dependent_relayhost_maps = inline:{me@a.test=[x]}\n"
	  "address_verify_sender_dependent_relayhost_maps =",
	    "me@a.test", "joe@far.test", "p",
	    "other: joe@far.test via smtp:far.test" },
	{ "address_verify_sender_dependent_default_transport_maps = "
	  "inline:{me@a.test=uucp:u}",
	    "me@a.test", "joe@far.test", "p",
	    "other: joe@far.test via uucp:u" },
	{ "sender_dependent_relayhost_maps = inline:{me@a.test=[x]:587}",
	    "me@a.test", "joe@far.test", "",
	    "other: joe@far.test via smtp:[x]:587" },
	{ "sender_dependent_relayhost_maps = inline:{@a.test=[x]}",
	    "me+q@A.test", "joe@far.test", "",
	    "other: joe@far.test via smtp:[x]" },
	{ "", "", "joe@192.0.2.9", "",
	    "other! 5.1.3 bad address syntax: numeric domain" },
	{ "relayhost = [gw]", "", "joe@192.0.2.9", "",
	    "other! 5.1.3 bad address syntax: numeric domain" },
	{ "", "", "joe@", "", "other! 5.1.3 bad address syntax: null domain" },
	{ "", "", "joe@.", "", "other! 5.1.3 bad address syntax: null domain" },
	{ "resolve_null_domain = yes\nlocal_transport = lmtp:unix:x", "",
	    "joe@", "", "local: joe@mx.ours.test via lmtp:unix:x" },
	{ "resolve_numeric_domain = yes", "", "joe@192.0.2.9", "",
	    "other: joe@192.0.2.9 via smtp:[192.0.2.9]" },
	{ "", "", "joe@[192.0.2.9]", "",
	    "other: joe@[192.0.2.9] via smtp:[192.0.2.9]" },
	{ "sender_dependent_relayhost_maps = inline:{<>=[x], none=[y]}\n"
	  "empty_address_relayhost_maps_lookup_key = none",
	    "", "you@b.test", "", "other: you@b.test via smtp:[y]" },
	{ "sender_dependent_default_transport_maps = inline:{<>=x:, none=y:}\n"
	  "empty_address_default_transport_maps_lookup_key = none",
	    "", "you@b.test", "", "other: you@b.test via y:b.test" },
	{ "sender_dependent_relayhost_maps = inline:{<>=[x]}", "",
	    "joe@far.test", "", "other: joe@far.test via smtp:[x]" },
	{ "sender_dependent_relayhost_maps = inline:{@a.test=DUNNO}\n"
	  "relayhost = [gw]",
	    "me@a.test", "joe@far.test", "",
	    "other: joe@far.test via smtp:[gw]" },
	{ "sender_dependent_default_transport_maps = inline:{@a.test=lmtp:q}",
	    "me@a.test", "joe@far.test", "", "other: joe@far.test via lmtp:q" },
	{ "sender_dependent_relayhost_maps = fail:x", "me@a.test",
	    "joe@far.test", "",
	    "other! 4.3.0 table fail:x: fails by its nature" },
	{ TRANSPORT "far.test=smtp:[n]}", "", "joe@far.test", "",
	    "other: joe@far.test via smtp:[n]" },
	{ TRANSPORT "far.test=smtp:[n]}", "", "joe@sub.far.test", "",
	    "other: joe@sub.far.test via smtp:sub.far.test" },
	{ TRANSPORT ".far.test=smtp:[n]}", "", "joe@a.b.far.test", "",
	    "other: joe@a.b.far.test via smtp:[n]" },
	{ TRANSPORT "far.test=smtp:[n]}\n"
		    "parent_domain_matches_subdomains = transport_maps",
	    "", "joe@a.far.test", "", "other: joe@a.far.test via smtp:[n]" },
	{ TRANSPORT "*=smtp:[n], far.test=:}", "", "joe@far.test", "",
	    "other: joe@far.test via smtp:far.test" },
	{ TRANSPORT "*=smtp:[n], far.test=:}", "", "joe@x.test", "",
	    "other: joe@x.test via smtp:[n]" },
	{ TRANSPORT "far.test=:[n]}\nrelayhost = [gw]", "", "joe@far.test", "",
	    "other: joe@far.test via smtp:[n]" },
	{ TRANSPORT "far.test=smtp:}\nrelayhost = [gw]", "", "joe@far.test", "",
	    "other: joe@far.test via smtp:far.test" },
	{ TRANSPORT "joe@far.test=lmtp:x, far.test=smtp:y}", "", "joe@far.test",
	    "", "other: joe@far.test via lmtp:x" },
	{ TRANSPORT "joe@far.test=lmtp:x, far.test=smtp:y}", "",
	    "Joe+a@far.test", "", "other: Joe+a@far.test via lmtp:x" },
	{ "transport_maps = regexp:{{/^far/ lmtp:x}}", "", "joe@far.test", "",
	    "other: joe@far.test via smtp:far.test" },
	{ "transport_maps = regexp:{{/@far/ lmtp:x}}", "", "joe@far.test", "",
	    "other: joe@far.test via lmtp:x" },
	{ TRANSPORT "{far.test = error:5.7.1 go away}}", "", "joe@far.test",
	    "v", "other! 5.7.1 go away" },
	{ TRANSPORT "{far.test = error:go away}}", "", "joe@far.test", "",
	    "other! 5.0.0 go away" },
	{ TRANSPORT "{far.test = error:}}", "", "joe@far.test", "",
	    "other! 5.0.0 Address is undeliverable" },
	{ TRANSPORT "{far.test = retry:4.2.1 later}}", "", "joe@far.test", "",
	    "other! 4.2.1 later" },
	{ TRANSPORT "{far.test = discard:bye}}", "", "joe@far.test", "",
	    "other: joe@far.test via discard:bye" },
	{ TRANSPORT "ours.test=lmtp:x}", "", "root@ours.test", "",
	    "local: root@ours.test via lmtp:x" },
	{ TRANSPORT "far.test=local:}", "", "root@far.test", "",
	    "other: root@far.test via local:mx.ours.test user root" },
	{ "local_transport = lmtp:unix:/x", "", "whoever@ours.test", "",
	    "local: whoever@ours.test via lmtp:unix:/x" },
	{ "transport_maps = fail:x", "", "joe@far.test", "",
	    "other! 4.3.0 table fail:x: fails by its nature" },
	{ "relocated_maps = inline:{joe@far.test=j@new.test}", "",
	    "joe@far.test", "", "other! 5.1.6 User has moved to j@new.test" },
	{ "mailbox_transport = lmtp:unix:/d", "", "whoever@ours.test", "",
	    "local: whoever@ours.test via lmtp:unix:/d" },
	{ "mailbox_transport_maps = inline:{root=lmtp:m}", "", "Root+x", "",
	    "local: Root+x@ours.test via lmtp:m" },
	{ "mailbox_transport_maps = inline:{root=lmtp:m}", "", "daemon", "",
	    "local: daemon@ours.test via local:mx.ours.test user daemon" },
	{ "fallback_transport = smtp:[old]", "", "no-such-user", "",
	    "local: no-such-user@ours.test via smtp:[old]" },
	{ "fallback_transport = smtp:[old]", "", "root", "",
	    "local: root@ours.test via local:mx.ours.test user root" },
	{ "fallback_transport_maps = inline:{gone=smtp:[old]}", "", "gone", "",
	    "local: gone@ours.test via smtp:[old]" },
};

START_TEST(transport)
{
	check_rows(&transports[_i]);
}
END_TEST

static const struct row locals[] = {
	{ "", "", "postmaster", "", "local: [root@ours.test]" },
	{ "", "", "", "", "local: [postmaster@ours.test]" },
	{ "", "", "MAILER-DAEMON@ours.test", "",
	    "local: [postmaster@ours.test]" },
	{ "", "", "double-bounce@ours.test", "",
	    "local: double-bounce@ours.test via discard:undeliverable "
	    "postmaster notification discarded" },
	{ "luser_relay = admin+$local@far.test", "", "gone+x@ours.test", "",
	    "local: [admin+gone+x@far.test]" },
	{ "luser_relay = ${user}@$mydomain.far.test", "", "gone+x", "",
	    "local: [gone@ours.test.far.test]" },
	{ "luser_relay = $extension@$domain.far.test", "", "gone+x", "",
	    "local: [x@ours.test.far.test]" },
	/* no word of a stranger is expanded */
	{ "luser_relay = x-$local@far.test", "", "$mydomain", "",
	    "local: [x-$mydomain@far.test]" },
	{ "luser_relay = root", "", "gone", "", "local: [root@ours.test]" },
	{ "luser_relay = nobody-here", "", "nobody-here", "",
	    "local! 5.1.1 unknown user: \"nobody-here\"" },
	{ "luser_relay = nobody-here+$local", "", "nobody-here+a", "",
	    "local! 5.1.1 unknown user: \"nobody-here+a\"" },
	{ "recipient_delimiter = +-", "", "root-x", "",
	    "local: root-x@ours.test via local:mx.ours.test user root" },
	{ "recipient_delimiter =", "", "root+x", "",
	    "local! 5.1.1 unknown user: \"root+x\"" },
};

START_TEST(local)
{
	check_rows(&locals[_i]);
}
END_TEST

#define ALIASES "alias_maps = inline:{"

static const struct row aliases[] = {
	{ ALIASES "joe=root}", "", "Joe", "", "local: [root@ours.test final]" },
	{ ALIASES "joe=root}", "", "joe", "f",
	    "local! 5.1.1 unknown user: \"joe\"" },
	{ ALIASES "{list = a@far.test, b, root}}", "", "list@mx.ours.test", "",
	    "local: [a@far.test, b@ours.test final, root@ours.test final]" },
	{ ALIASES "joe=root,joe+x=daemon}", "", "joe+x", "",
	    "local: [daemon@ours.test final]" },
	{ ALIASES "joe=root,joe+x=daemon}", "", "joe+y", "",
	    "local: [root@ours.test final]" },
	{ ALIASES "joe=root}\npropagate_unmatched_extensions = alias", "",
	    "joe+y", "", "local: [root+y@ours.test final]" },
	/* a name within its own alias is the user */
	{ ALIASES "{root = root, a@far.test}}", "", "root", "",
	    "local: [root@ours.test final, a@far.test]" },
	{ ALIASES "{root = root}}", "", "root", "f",
	    "local: root@ours.test via local:mx.ours.test user root" },
	{ ALIASES "{root = \\root, \\\\daemon}}", "", "root", "",
	    "local: [root@ours.test final, \"\\\\daemon\"@ours.test final]" },
	{ ALIASES "{root = root+q}}", "", "root", "",
	    "local: [root+q@ours.test final]" },
	{ ALIASES "a=b, b=c, c=a}", "", "a", "", "local: [a@ours.test final]" },
	{ ALIASES "a=b, b=c, c=a}", "", "b", "", "local: [b@ours.test final]" },
	/* twice the same, by two ways, is once */
	{ ALIASES "{a = b, c}, b=d, c=d, d=root}", "", "a", "",
	    "local: [root@ours.test final]" },
	{ ALIASES "{a = x@far.test, X@far.test, x@far.test}}", "", "a", "",
	    "local: [x@far.test, X@far.test]" },
	{ ALIASES "list=a@far.test, owner-list=me@far.test}", "", "list", "",
	    "local: [a@far.test] from owner-list@ours.test" },
	{ ALIASES "list=a@far.test, owner-list=me@far.test}\n"
		  "expand_owner_alias = yes",
	    "", "list", "", "local: [a@far.test] from me@far.test" },
	{ ALIASES "list=a@far.test, owner-list=me@far.test}\n"
		  "owner_request_special = no",
	    "", "list", "", "local: [a@far.test]" },
	{ "recipient_delimiter = -\n" ALIASES "list=root}", "", "list-request",
	    "", "local! 5.1.1 unknown user: \"list-request\"" },
	{ ALIASES "owner-list=me@far.test, owner-owner-list=x}", "",
	    "owner-list", "", "local: [me@far.test]" },
	{ ALIASES "all=list,list=a@far.test,owner-list=x}", "", "all", "",
	    "local: [list@ours.test]" },
	{ "recipient_delimiter = -\n" ALIASES "owner-list=root, owner=x}", "",
	    "owner-list", "", "local: [root@ours.test final]" },
	{ ALIASES "{c = \"|/bin/x a, b\"}}", "", "c", "",
	    "local: [command |/bin/x a, b as nobody]" },
	{ ALIASES "{c = |/bin/x a, /var/f}}\ndefault_privs = daemon", "", "c",
	    "", "local: [command |/bin/x a as daemon, file /var/f as daemon]" },
	{ ALIASES "{c = :include:/etc/l, x@far.test}}", "", "c", "",
	    "local: [include :include:/etc/l as nobody, x@far.test]" },
	{ ALIASES "{c = Joe X <x@far.test>, (note) y@far.test}}", "", "c", "",
	    "local: [x@far.test, y@far.test]" },
	{ ALIASES "{c = |}}", "", "c", "",
	    "local! 4.3.0 alias c: nothing stands for it" },
	{ "alias_maps = regexp:{{/^l-(.*)$$/ |/bin/$$1}, {/^m-/ root}}", "",
	    "l-x", "", "local! 5.1.1 unknown user: \"l-x\"" },
	{ "alias_maps = regexp:{{/^m-/ root}}", "", "m-x", "",
	    "local: [root@ours.test final]" },
	{ ALIASES "joe=root}", "", "joe@far.test", "",
	    "other: joe@far.test via smtp:far.test" },
	{ ALIASES "postmaster=daemon}", "", "postmaster", "",
	    "local: [daemon@ours.test final]" },
	{ "alias_maps = fail:x", "", "root", "",
	    "local! 4.3.0 table fail:x: fails by its nature" },
	{ "alias_maps = hash:/nonexistent/al", "", "root", "",
	    "local! 4.3.0 table hash:/nonexistent/al: open database "
	    "/nonexistent/al.db: No such file or directory (postmap and "
	    "newaliases make it)" },
	{ ALIASES "joe=a%far.test@ours.test}", "", "joe", "",
	    "local: [a%far.test@ours.test]" },
};

START_TEST(alias)
{
	check_rows(&aliases[_i]);
}
END_TEST

#define VIRTUAL "virtual_alias_maps = inline:{"

static const struct row virtuals[] = {
	{ VIRTUAL "joe@al.test=x@far.test}", "", "Joe@al.test", "",
	    "other: [x@far.test]" },
	{ VIRTUAL "joe@al.test=x@far.test}", "", "Joe@al.test", "f",
	    "other: Joe@al.test via smtp:al.test" },
	{ VIRTUAL "joe@al.test=x@far.test}", "", "joe+q@al.test", "",
	    "other: [x+q@far.test]" },
	{ VIRTUAL "joe@al.test=x@far.test}\npropagate_unmatched_extensions =",
	    "", "joe+q@al.test", "", "other: [x@far.test]" },
	{ VIRTUAL "joe+q@al.test=x@far.test}", "", "joe+q@al.test", "",
	    "other: [x@far.test]" },
	{ VIRTUAL "@al.test=x@far.test}", "", "any@al.test", "",
	    "other: [x@far.test]" },
	{ VIRTUAL "@al.test=@far.test}", "", "any+q@al.test", "",
	    "other: [any+q@far.test]" },
	{ VIRTUAL "joe=x@far.test}", "", "joe@ours.test", "",
	    "local: [x@far.test]" },
	{ VIRTUAL "joe=x@far.test}", "", "joe@al.test", "",
	    "other: joe@al.test via smtp:al.test" },
	{ VIRTUAL "{joe@al.test = a@far.test, b}}", "", "joe@al.test", "",
	    "other: [a@far.test, b@ours.test]" },
	{ VIRTUAL "a@al.test=b@al.test, {b@al.test = c@far.test d, e}}", "",
	    "a@al.test", "", "other: [c@far.test, d@ours.test, e@ours.test]" },
	/* itself alone is as nothing; itself among others is final */
	{ VIRTUAL "root@ours.test=root@ours.test}", "", "root@ours.test", "",
	    "local: root@ours.test via local:mx.ours.test user root" },
	{ VIRTUAL "{x@far.test = x@far.test, y@far.test}}", "", "x@far.test",
	    "", "other: [x@far.test final, y@far.test]" },
	{ VIRTUAL "a@f.test=b@f.test, b@f.test=a@f.test}", "", "a@f.test", "",
	    "other: a@f.test via smtp:f.test" },
	{ VIRTUAL "a@f.test=b@f.test, {b@f.test = a@f.test, c@f.test}}", "",
	    "b@f.test", "", "other: [c@f.test, b@f.test final]" },
	{ VIRTUAL "{joe@ours.test = joe@ours.test, y@far.test}}\n" ALIASES
		  "joe=root}",
	    "", "joe@ours.test", "",
	    "local: [root@ours.test final, y@far.test]" },
	{ VIRTUAL "joe@ours.test=list@ours.test}\n" ALIASES "list=joe}", "",
	    "joe", "", "local: [list@ours.test]" },
	{ VIRTUAL "joe@ours.test=list@ours.test}\n" ALIASES "list=joe}", "",
	    "list", "", "local: [joe@ours.test final]" },
	{ "virtual_alias_maps = regexp:{{/^(.*)@al\\.test$$/ $$1@far.test}}",
	    "", "joe+q@al.test", "", "other: [joe+q@far.test]" },
	{ "virtual_alias_maps = regexp:{{/^(.*)@f$$/ x$$1@f}}\n"
	  "virtual_alias_recursion_limit = 5",
	    "", "joe@f", "",
	    "other! 4.6.0 virtual_alias_maps: joe@f: too deep "
	    "(virtual_alias_recursion_limit)" },
	{ "virtual_alias_maps = inline:{a@f=b@f, b@f=cc@f}\n"
	  "virtual_alias_address_length_limit = 3",
	    "", "a@f", "",
	    "other! 4.6.0 virtual_alias_maps: a@f: too long "
	    "(virtual_alias_address_length_limit)" },
	{ VIRTUAL "{a@f = b@f, c@f, d@f}}\n"
		  "virtual_alias_expansion_limit = 2",
	    "", "a@f", "",
	    "other! 4.6.0 virtual_alias_maps: a@f: too many "
	    "(virtual_alias_expansion_limit)" },
	{ VIRTUAL "{a@f = ,}}", "", "a@f", "",
	    "other! 4.6.0 virtual_alias_maps: a@f: no address at all" },
	{ "virtual_alias_maps = inline:{b=c}, fail:x", "", "a@f", "",
	    "other! 4.3.0 table fail:x: fails by its nature" },
	{ VIRTUAL "joe=x, {\"a b\"@f = y}, {c d@f = z}}", "", "\"a b\"@f", "",
	    "other: [y@ours.test]" },
	{ VIRTUAL "joe=x, {\"a b\"@f = y}, {c d@f = z}}", "", "\"c d\"@f", "",
	    "other: [z@ours.test]" },
	{ VIRTUAL "a@al.test=x}\nvirtual_alias_domains = al.test", "",
	    "a@al.test", "", "alias: [x@ours.test]" },
	/* receive_override_options, and what goes to a content filter */
	{ VIRTUAL "a@al.test=x}", "", "a@al.test", "n",
	    "other: a@al.test via smtp:al.test" },
	{ "canonical_maps = inline:{a@al.test=x}", "", "a@al.test", "n",
	    "other: a@al.test via smtp:al.test" },
	{ VIRTUAL "a@al.test=x}", "", "a@al.test", "c",
	    "other: [x@ours.test]" },
	{ ALIASES "list=joe, far@far.test}", "", "list", "c",
	    "local: list@ours.test via :" },
	{ VIRTUAL "{joe@ours.test = joe@ours.test, y@far.test}}\n" ALIASES
		  "joe=root}",
	    "", "joe@ours.test", "c",
	    "local: [joe@ours.test final, y@far.test]" },
	{ VIRTUAL "al.test=y,a@al.test=x}", "", "b@al.test", "",
	    "alias! 5.1.1 User unknown in virtual alias table" },
};

START_TEST(virtual)
{
	check_rows(&virtuals[_i]);
}
END_TEST

static const struct row canonicals[] = {
	{ "canonical_maps = inline:{joe@ours.test=root@ours.test}", "", "joe",
	    "", "local: root@ours.test via local:mx.ours.test user root" },
	{ "recipient_canonical_maps = inline:{joe=root}", "", "joe+q", "",
	    "local: root+q@ours.test via local:mx.ours.test user root" },
	{ "canonical_maps = inline:{joe=root}\n"
	  "canonical_classes = header_sender",
	    "", "joe", "", "local! 5.1.1 unknown user: \"joe\"" },
	{ "canonical_maps = inline:{@a.test=@b.test,@b.test=@far.test}", "",
	    "x@a.test", "", "other: x@far.test via smtp:far.test" },
	{ "canonical_maps = inline:{a=b,b=a}", "", "a", "",
	    "other! 4.6.0 canonical_maps: no end to them at a@ours.test" },
	{ "canonical_maps = fail:x", "", "a", "",
	    "other! 4.3.0 table fail:x: fails by its nature" },
	{ "canonical_maps = inline:{joe=root}", "", "joe", "f",
	    "local! 5.1.1 unknown user: \"joe\"" },
};

START_TEST(canonical)
{
	check_rows(&canonicals[_i]);
}
END_TEST

static const struct row verifies[] = {
	{ "", "", "root+x@ours.test", "v",
	    "local: root+x@ours.test via local:mx.ours.test" },
	{ "", "", "gone@ours.test", "v",
	    "local! 5.1.1 User unknown in local recipient table" },
	{ "show_user_unknown_table_name = no", "", "gone@ours.test", "v",
	    "local! 5.1.1 User unknown" },
	{ "local_recipient_maps =", "", "gone@ours.test", "v",
	    "local: gone@ours.test via local:mx.ours.test" },
	{ ALIASES "joe=root}", "", "joe@ours.test", "v",
	    "local: joe@ours.test via local:mx.ours.test" },
	{ VIRTUAL "gone=x}", "", "gone@ours.test", "v",
	    "local: gone@ours.test via :" },
	{ "canonical_maps = inline:{gone=x}", "", "gone@ours.test", "v",
	    "local: gone@ours.test via :" },
	{ "", "", "postmaster@ours.test", "v",
	    "local: postmaster@ours.test via local:mx.ours.test" },
	{ "virtual_alias_domains = al.test\n" VIRTUAL "a@al.test=x}", "",
	    "a@al.test", "v", "alias: a@al.test via :" },
	{ "virtual_alias_domains = al.test\n" VIRTUAL "a@al.test=x}", "",
	    "b@al.test", "v",
	    "alias! 5.1.1 User unknown in virtual alias table" },
	{ "virtual_mailbox_domains = box.test\n"
	  "virtual_mailbox_maps = inline:{a@box.test=a/}",
	    "", "a+q@box.test", "v",
	    "mailbox: a+q@box.test via virtual:box.test" },
	{ "virtual_mailbox_domains = box.test\n"
	  "virtual_mailbox_maps = inline:{a@box.test=a/}",
	    "", "b@box.test", "v",
	    "mailbox! 5.1.1 User unknown in virtual mailbox table" },
	{ "virtual_mailbox_domains = box.test", "", "b@box.test", "v",
	    "mailbox: b@box.test via virtual:box.test" },
	{ "relay_domains = rel.test\n"
	  "relay_recipient_maps = inline:{a@rel.test=x}",
	    "", "A@rel.test", "v", "relay: A@rel.test via relay:rel.test" },
	{ "relay_domains = rel.test\n"
	  "relay_recipient_maps = inline:{a@rel.test=x}",
	    "", "b@rel.test", "v",
	    "relay! 5.1.1 User unknown in relay recipient table" },
	{ "relay_domains = rel.test\nrelay_recipient_maps = fail:x", "",
	    "b@rel.test", "v",
	    "relay! 4.3.0 table fail:x: fails by its nature" },
	{ "local_recipient_maps = fail:x", "", "b@far.test", "v",
	    "other: b@far.test via smtp:far.test" },
	{ "", "", "root@[127.0.0.1]", "v",
	    "local: root@[127.0.0.1] via local:mx.ours.test" },
};

START_TEST(verify)
{
	check_rows(&verifies[_i]);
}
END_TEST

/* As many members as an answer holds, and one more; virtual_alias_maps have a
 * limit of their own. */
static const struct {
	const char *maps, *asked;
	int most;
} lists[] = {
	{ "alias_maps", "list", LOOKUP_EXPAND_MAX },
	{ "virtual_alias_expansion_limit = 5000\nvirtual_alias_maps", "list",
	    5000 },
};

START_TEST(many)
{
	for (int extra = 0; extra < 2; extra++) {
		char path[] = "/tmp/facteur-route-XXXXXX";
		struct buf text = BUF_EMPTY;
		struct routing x;
		int fd = mkstemp(path);

		ck_assert_int_ne(fd, -1);
		buf_add_str(&text, "list ");
		for (int i = 0; i < lists[_i].most + extra; i++)
			buf_printf(&text, "u%d@f.test, ", i);
		buf_add_str(&text, "\n");
		ck_assert_int_eq(write(fd, text.p, text.n), (ssize_t)text.n);
		buf_clear(&text);
		buf_printf(&text, "%s = texthash:%s", lists[_i].maps, path);
		routing_init(&x, buf_str(&text));
		ck_assert_int_eq(routing_ask(&x, "", lists[_i].asked, "")[5],
		    extra ? '!' : ':');
		routing_done(&x);
		buf_free(&text);
		close(fd);
		unlink(path);
	}
}
END_TEST

/* Commands of a table run as who owns its file. */
START_TEST(owner)
{
	char conf[256], path[] = "/tmp/facteur-route-XXXXXX";
	static const char text[] = "c \"|prog\"\n";
	struct routing x;
	int fd = mkstemp(path);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	snprintf(conf, sizeof(conf), "alias_maps = texthash:%s", path);
	if (fchown(fd, 1, 1) == 0) { /* daemon, in every Debian */
		routing_init(&x, conf);
		ck_assert_str_eq(routing_ask(&x, "", "c", ""),
		    "local: [command |prog as daemon]");
		routing_done(&x);
		ck_assert_int_eq(fchown(fd, 4242424, 1), 0);
		routing_init(&x, conf);
		ck_assert_str_eq(routing_ask(&x, "", "c", ""),
		    "local! 4.3.0 alias c: the table's owner has no account");
		routing_done(&x);
	}
	close(fd);
	unlink(path);
}
END_TEST

/* The keys that an address has, in their order. */
START_TEST(find)
{
	static const struct {
		const char *address, *moved;
	} rows[] = {
		{ "a+x@ours.test", "1" },
		{ "a+y@ours.test", "2" },
		{ "b+x@ours.test", "3" },
		{ "b@ours.test", "4" },
		{ "c@ours.test", "5" },
		{ "a+x@far.test", NULL },
		{ "any@d.test", "6" },
	};
	struct routing x;

	routing_init(&x,
	    "relocated_maps = inline:{a+x@ours.test=1,a@ours.test=2,b+x=3,b=4,"
	    "@ours.test=5,@d.test=6}");
	for (int i = 0; i < UNIT_COUNT(rows); i++) {
		const char *answer = routing_ask(&x, "", rows[i].address, "");
		const char *moved = strstr(answer, "moved to ");

		ck_assert_msg(
		    (moved != NULL) == (rows[i].moved != NULL), "%s", answer);
		if (moved != NULL)
			ck_assert_str_eq(moved + 9, rows[i].moved);
	}
	routing_done(&x);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, class, 0, UNIT_COUNT(classes));
	tcase_add_loop_test(t, transport, 0, UNIT_COUNT(transports));
	tcase_add_loop_test(t, local, 0, UNIT_COUNT(locals));
	tcase_add_loop_test(t, alias, 0, UNIT_COUNT(aliases));
	tcase_add_loop_test(t, virtual, 0, UNIT_COUNT(virtuals));
	tcase_add_loop_test(t, canonical, 0, UNIT_COUNT(canonicals));
	tcase_add_loop_test(t, verify, 0, UNIT_COUNT(verifies));
	tcase_add_loop_test(t, many, 0, UNIT_COUNT(lists));
	tcase_add_test(t, owner);
	tcase_add_test(t, find);
}

int
main(void)
{
	return unit_main("route/route", fill);
}
