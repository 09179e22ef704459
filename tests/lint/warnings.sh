#!/bin/sh
# warnings.sh - clang finds nothing, as gcc does in make WERROR=-Werror
set -u
flags=$(make -s print-flags) || exit 1
tests/lint/files '*.c' | grep -v '^tests/bench/' |
	xargs -r -P 2 -n 8 sh -c 'flags=$1; shift
		exec clang -fsyntax-only -Werror $flags "$@"' - "$flags"
