#!/bin/sh
# tested.sh - each parameter of the shared table is named by a test
#
# One that no test names is one that nobody has seen work. tested.txt has the
# exceptions, each with its reason behind the name. What is named as smtp_X is
# tested as lmtp_X too: tests/smtp/test_conf.c shows that the one is the other.
set -u
export LC_ALL=C
list=tests/lint/tested.txt
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
tests/lint/files 'lib/config/params*.h' | xargs cat |
	sed -nE 's/^[PNT]\(([A-Z_]+, *)?([A-Za-z0-9_]+).*/\2/p' |
	sort -u >"$dir/all"
[ -s "$dir/all" ] || { echo "lib/config/params*.h: no shared rows"; exit 1; }
tests/lint/files 'tests/*' |
	grep -vE '^tests/(lint|fuzz/corpus|data|bench|demo)/' | xargs cat |
	sed 's/\\[nt]/ /g' | grep -aoE '[A-Za-z0-9_]+' |
	sed 'p; s/^smtp_/lmtp_/' | sort -u >"$dir/named"
sed 's/^#.*//; s/ .*//' "$list" | grep . | sort -u >"$dir/spared"
{
	grep -nvE '^#|^[A-Za-z0-9_]+ +[^ ]' "$list" |
		sed "s|^|$list: a name and a reason are wanted: |"
	comm -13 "$dir/all" "$dir/spared" | sed "s|^|$list: no parameter: |"
	comm -23 "$dir/all" "$dir/named" | comm -23 - "$dir/spared" |
		sed 's|^|no test names |'
} >"$dir/found"
cat "$dir/found"
[ ! -s "$dir/found" ]
