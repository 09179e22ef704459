#!/bin/sh
# params.sh - each parameter that a program's table names is in the shared
# table, and each of the shared table is in main.cf(5)
#
# Rows are written P(KIND, name) or .name = "name", as style.md shows.
set -u
bad=0
page=man/main.cf.5
shared=$(ls lib/config/params*.c 2>/dev/null)
[ -n "$shared" ] || exit 0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# names FILE...: the parameters of tables in these files
names() {
	cat "$@" | tr '\n' ' ' | grep -oE \
'\bP[A-Z_]*\([A-Z_]+, *[a-z0-9_]+|\.name = "[a-z0-9_]+"|\{ "[a-z0-9_]+", *PARAM' |
		sed -E 's/^.*[(", ]([a-z0-9_]+)("(, *PARAM)?)?$/\1/' | sort -u
}
# shellcheck disable=SC2086
names $shared >"$dir/shared"
for f in $(tests/lint/files '*/conf.c'); do
	names "$f" | comm -23 - "$dir/shared" |
		sed "s|^|$f: not in the shared table: |" | grep . && bad=1
done
[ -e "$page" ] || { echo "$page is missing"; exit 1; }
sed -nE 's/^\.It (Va|Ic|Sy|Cm) ([a-z0-9_]+).*/\2/p' "$page" | sort -u >"$dir/page"
comm -23 "$dir/shared" "$dir/page" | sed "s|^|$page: no entry for |" |
	grep . && bad=1
comm -13 "$dir/shared" "$dir/page" |
	sed "s|^|$page: no program knows |" | grep . && bad=1
exit $bad
