#!/bin/sh
# format.sh - every C file is as clang-format 14 writes it, but for what a build
# makes, wherever it was told to make it (make B=build-x): that is nobody's hand
# shellcheck disable=SC2046
set -u
tool=clang-format-14
command -v $tool >/dev/null || tool=clang-format
made=$(mktemp -d ./build-lint.XXXXXX) || exit 1
trap 'rm -rf "$made"' EXIT
echo 'int  made;' >"$made/made.c"
if tests/lint/files '*.c' '*.h' | grep '^build'; then
	echo 'tests/lint/files names what a build made'
	exit 1
fi
tests/lint/files '*.c' '*.h' | xargs -r -P 2 -n 20 $tool --dry-run -Werror
