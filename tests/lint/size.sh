#!/bin/sh
# size.sh - functions of 60 lines, files of 800, five parameters, three levels
#
# A level is a tab (the format check keeps it so): a statement that opens a
# block four tabs in, or further, is the fourth level of its function.
# shellcheck disable=SC2046
set -u
bad=0
# the load generators are measuring tools with a make of their own
sources=$(tests/lint/files '*.c' '*.h' | grep -v '^tests/bench/')
[ -n "$sources" ] || exit 0
ctags --quiet=yes --options=NONE -x --_xformat='%N	%n	%{end}	%F	%S' --fields=+neS \
	--kinds-C=f --languages=C $sources |
awk -F'\t' '
BEGIN {
	while ((getline line < "tests/lint/foreign") > 0)
		if (split(line, f, " ") > 1)
			foreign[f[1] " " f[2]] = 1
}
function parameters(s,    i, c, depth, n) {
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (c == "(") depth++
		if (c == ")") depth--
		if (c == "," && depth == 1) n++
	}
	return n + 1
}
{
	n = $3 - $2 + 1
	if (n > 60) { print $4 ":" $2 ": " $1 " has " n " lines"; bad = 1 }
	n = parameters($5)
	if (n > 5 && !(($4 " " $1) in foreign)) { print $4 ":" $2 ": " $1 " has " n " parameters"; bad = 1 }
}
END { exit bad }' || bad=1
awk '
/^\t\t\t\t+(if|for|while|switch|do)[ ({]/ {
	print FILENAME ":" FNR ": nested more than three deep"; bad = 1
}
FNR == 801 { print FILENAME ": more than 800 lines"; bad = 1 }
END { exit bad }' $sources || bad=1
exit $bad
