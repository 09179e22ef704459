#!/bin/sh
# includes.sh - a library of others is included only where it can be replaced;
# tests may look at it as they like
# shellcheck disable=SC2046
set -eu
awk '
FILENAME == ARGV[1] {
	if ($0 !~ /^#/ && NF > 1) {
		names[++rows] = $1
		sub(/^[^ \t]+[ \t]+/, "")
		where[rows] = " " $0 " "
	}
	next
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	split($0, q, /[<>]/)
	folder = FILENAME
	sub(/\/[^\/]*$/, "", folder)
	for (i = 1; i <= rows; i++) {
		if (index(q[2], names[i]) != 1)
			continue
		split(folder, top, "/")
		if (index(where[i], " " folder " ") == 0 &&
		    index(where[i], " " top[1] "/ ") == 0 &&
		    index(where[i], " " FILENAME " ") == 0) {
			print FILENAME ":" FNR ": may not include <" q[2] ">"
			bad = 1
		}
	}
}
END { exit bad }' tests/lint/includes $(tests/lint/files '*.c' '*.h' |
	grep -v '^tests/')
