#!/bin/sh
# scripts.sh - shell scripts pass shellcheck, Python ones parse; what may be run
# is a test, so a test that may not be run would be none
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
for name in $(tests/lint/files 'tests/system/*.py' | xargs -r grep -l '^def test_'); do
	[ -x "$name" ] || { echo "$name: may not be executed, so it is not run"; bad=1; }
done
exit $bad
