#!/bin/sh
# format.sh - every C file is as clang-format 14 writes it
# shellcheck disable=SC2046
set -u
tool=clang-format-14
command -v $tool >/dev/null || tool=clang-format
tests/lint/files '*.c' '*.h' | xargs -r -P 2 -n 20 $tool --dry-run -Werror
