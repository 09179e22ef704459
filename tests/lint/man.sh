#!/bin/sh
# man.sh - pages are clean mdoc, and each program has one
# shellcheck disable=SC2046
set -u
bad=0
pages=$(tests/lint/files 'man/*.[1-8]' 'man/*.8facteur')
[ -z "$pages" ] || mandoc -T lint -W warning $pages || bad=1
for program in $(make -s print-programs); do
	# shellcheck disable=SC2144
	set -- man/"$program".[1-8]*
	[ -e "$1" ] || { echo "man/: no page for $program"; bad=1; }
done
exit $bad
