#!/bin/sh
# params.sh - each parameter that a program's table names is in the shared
# table, and each of the shared table is in main.cf(5)
#
# The shared rows begin with P(KIND, name, N(name or T(name; a program's are
# { P(KIND, name) or name it in .name = "name". A default in a program's table
# is the shared one: postconf -d tells that one.
set -u
export LC_ALL=C
bad=0
page=man/main.cf.5
shared=$(tests/lint/files 'lib/config/params*.h')
[ -n "$shared" ] || { echo "lib/config/params*.h: no shared rows"; exit 1; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# shellcheck disable=SC2086
sed -nE 's/^[PNT]\(([A-Z_]+, *)?([A-Za-z0-9_]+).*/\2/p' $shared |
	sort -u >"$dir/shared"
# names FILE: the parameters of a program's table
names() {
	grep -v '^#define' "$1" | tr '\n\t' '  ' | grep -oE \
		'\bP\([A-Z_]+, *[A-Za-z0-9_]+|\.name = "[A-Za-z0-9_]+"' |
		sed -E 's/^.*[", ]([A-Za-z0-9_]+)"?$/\1/' | sort -u
}
for f in $(tests/lint/files '*conf.c' | xargs grep -l PARAM_); do
	names "$f" | comm -23 - "$dir/shared" |
		sed "s|^|$f: not in the shared table: |" | grep . && bad=1
done
# defaults: "name<TAB>value" of the rows on standard input
defaults() {
	tr '\n\t' '  ' | grep -oE "$1"'("([^"\\]|\\.)*" *)+' |
		sed -E 's/^[A-Z]\(([A-Z_]+, *)?//; s/, *"[smhdw]", *"/, "/
			s/^([A-Za-z0-9_]+)\)?, */\1\t/; s/" *"//g; s/"//g; s/ *$//'
}
# shellcheck disable=SC2086
cat $shared | defaults '\b[PNT]\(([A-Z_]+, *)?[A-Za-z0-9_]+, *("[smhdw]", *)?' |
	sort -u >"$dir/defaults"
for f in $(tests/lint/files '*conf.c' | xargs grep -l PARAM_); do
	grep -v '^#define' "$f" | defaults '\bP\([A-Z_]+, *[A-Za-z0-9_]+\), *' |
		grep -v '	$' | sort -u | comm -23 - "$dir/defaults" |
		sed "s|^|$f: another default than in the shared table: |" |
		grep . && bad=1
done
[ -e "$page" ] || { echo "$page is missing"; exit 1; }
sed -nE 's/^\.It (Va|Ic|Sy|Cm) ([A-Za-z0-9_]+).*/\2/p' "$page" | sort -u >"$dir/page"
comm -23 "$dir/shared" "$dir/page" | sed "s|^|$page: no entry for |" |
	grep . && bad=1
comm -13 "$dir/shared" "$dir/page" |
	sed "s|^|$page: no program knows |" | grep . && bad=1
exit $bad
