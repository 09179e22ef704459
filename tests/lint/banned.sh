#!/bin/sh
# banned.sh - calls that style forbids, marks of unfinished work, talk that
# belongs elsewhere
# shellcheck disable=SC2046
set -u
bad=0
bare=$(mktemp) || exit 1
trap 'rm -f "$bare"' EXIT
# found REASON: prints what grep found on standard input
found() {
	sed "s|\$|   <- $1|" | grep . && bad=1
}
# the load generators are measuring tools with a make of their own
sources=$(tests/lint/files '*.c' '*.h' | grep -v '^tests/bench/')
calls='strcpy|strcat|sprintf|vsprintf|stpcpy|strncpy|strncat|strtok|strtok_r'
calls="$calls|gets|alloca|mktemp|tmpnam|tempnam|setjmp|longjmp|bcopy|bzero"
# these are no danger in a test, which meets no foreign bytes
strict='atoi|atol|atoll|atof|sscanf|system|popen|rand|srand|index'
[ -z "$sources" ] || {
	# comments and strings may name them
	tests/lint/bare $sources >"$bare"
	grep -E "[^a-zA-Z0-9_>.]($calls) *\(" "$bare" | found "forbidden call"
	grep -v '^tests/' "$bare" | grep -E "[^a-zA-Z0-9_>.]($strict) *\(" |
		found "forbidden call"
	grep '//' "$bare" | grep -vE '^[^:]*:[0-9]*:[^/]*#include' |
		found "C comments are /* */"
	grep -niE 'copyright|all rights reserved' $sources /dev/null |
		found "one SPDX line at most"
}
all=$(tests/lint/files '*.c' '*.h' '*.py' '*.sh' '*.mk' 'man/*' 'docs/*' \
	'etc/*' 'debian/*' Makefile configure.ac bootstrap README.md |
	grep -v '^tests/lint/')
[ -z "$all" ] || {
	grep -nE '\b(TODO|FIXME|XXX)\b' $all /dev/null |
		grep -vE 'XXXXXX|msg\.XXX' | found "mark of unfinished work"
	grep -nE '/work/(main|shared)|/tmp/b-' $all /dev/null |
		found "path of one machine"
}
exit $bad
