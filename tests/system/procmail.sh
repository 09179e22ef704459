#!/bin/sh
# procmail.sh - the recorded cases of procmail, against the program of ours
# timeout: 300
set -eu
need=
for tool in formail lockfile mailstat; do
	[ -x "$BUILD/bin/$tool" ] || need="$need $tool"
done
[ -z "$need" ] || { echo "not built:$need"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "needs root for accounts of its own"; exit 77; }
python3 "$TREE/tests/procmail_cases.py" "$BUILD/bin/procmail" --jobs 4 \
	--except "$TREE/tests/data/procmail-differences"
