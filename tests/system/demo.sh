#!/bin/sh
# demo.sh - what ./bootstrap demo --once does, with this build
set -eu
# the second finds what the first left in its folder
for run in first second; do
	echo "-- $run"
	"$TREE/tests/demo" --once --dir "$TEST_DIR/demo" \
		--base-port "$BASE_PORT" --build "$BUILD"
done
