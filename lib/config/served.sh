#!/bin/sh
# served.sh ROWS... -- SOURCES... - the parameters of the shared rows that some
# program reads, as lines of a C array
#
# A program reads a parameter when its table has P(KIND, name) or P_KIND(name),
# or when the name stands in its source as a string; or, of those that a
# transport's name stands before, its end: "destination_recipient_limit". What
# the SMTP client reads as smtp_X it reads for LMTP as lmtp_X, where there is
# such a one (smtp_conf_fill_lmtp()). max_idle is a word in settings of policy
# servers, and read nowhere else.
set -eu
rows=
while [ "$1" != -- ]; do
	rows="$rows $1"
	shift
done
shift
known=$(mktemp)
trap 'rm -f "$known"' EXIT
# shellcheck disable=SC2086 # names of our files have no blanks
sed -nE 's/^[PNT]\(([A-Z_]+, *)?([A-Za-z0-9_]+).*/\2/p' $rows >"$known"
served() {
	cat "$@" | tr '\n\t' '  ' |
		grep -oE '\bP(_[A-Z_]+)?\(([A-Z_]+, *)?[A-Za-z0-9_]+|"[A-Za-z0-9_]+"' |
		sed -E 's/^.*[(", ]([A-Za-z0-9_]+)"?$/\1/' |
		grep -vx max_idle | grep -Fxf "$known"
	cat "$@" | grep -oE '"(initial_)?destination_[a-z_]+"' | tr -d '"' |
		sort -u | while read -r end; do
		grep -E "^[a-z]+_$end\$" "$known" || :
	done
}
served "$@" | sed 'p
s/^smtp_/lmtp_/' | grep -Fxf "$known" | LC_ALL=C sort -u | sed 's/.*/"&",/'
