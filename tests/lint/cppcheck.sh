#!/bin/sh
# cppcheck.sh - warning, style, performance and portability, no exceptions but
# those of cppcheck.txt, each with its reason
set -u
state=build/lint/cppcheck
mkdir -p $state
list=$(mktemp) || exit 1
trap 'rm -f "$list"' EXIT
tests/lint/files '*.c' | grep -v '^tests/bench/' >"$list"
[ -s "$list" ] || exit 0
cppcheck -j 2 --quiet --error-exitcode=1 --std=c11 --language=c \
	--enable=warning,style,performance,portability --inline-suppr \
	--suppressions-list=tests/lint/cppcheck.txt \
	--cppcheck-build-dir=$state --max-configs=1 -D_GNU_SOURCE \
	-D__linux__ -D__x86_64__ -D__GNUC__=12 -I lib -I . \
	--template='{file}:{line}: {id}: {message}' --file-list="$list"
