#!/bin/sh
# scripts.sh - shell scripts pass shellcheck, Python ones parse
# shellcheck disable=SC2086
set -u
bad=0
# with_first_line PATTERN: the tree's files that begin so
with_first_line() {
	tests/lint/files | xargs -r awk -v want="$1" '
		FNR == 1 { if ($0 ~ want) print FILENAME; nextfile }'
}
shells=$(with_first_line '^#! *(/usr)?/bin/(env )?(ba|da)?sh')
[ -z "$shells" ] || shellcheck -x -S warning $shells || bad=1
pythons=$(with_first_line '^#!.*python3'; tests/lint/files '*.py')
[ -z "$pythons" ] || python3 -W error - $pythons <<'END' || bad=1
import ast, sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as f:
        ast.parse(f.read(), name)
END
exit $bad
