#!/bin/sh
# layers.sh - every include obeys lib/LAYERS; every folder with code stands there
# shellcheck disable=SC2046 # names of our files have no blanks
set -eu
awk -F: '
FILENAME == ARGV[1] {
	if ($0 !~ /^#/ && NF == 2)
		may[$1] = " " $2 " "
	next
}
FNR == 1 {
	folder = FILENAME
	sub(/\/[^\/]*$/, "", folder)
	# a tool of several files is a folder of tools/
	sub(/^tools\/.*/, "tools", folder)
	if (!(folder in may)) {
		print FILENAME ": its folder is not in lib/LAYERS"
		bad = 1
		nextfile
	}
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, quoted, "\"")
	n = split(quoted[2], part, "/")
	to = part[1]
	if (n == 1 || "lib/" to == folder || to == folder)
		next
	if (index(may[folder], " " to " ") == 0) {
		print FILENAME ":" FNR ": may not include " quoted[2]
		bad = 1
	}
}
END { exit bad }' lib/LAYERS $(tests/lint/files '*.c' '*.h' | grep -v '^tests/')
