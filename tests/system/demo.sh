#!/bin/sh
# demo.sh - what ./bootstrap demo --once does, with this build
set -eu
exec "$TREE/tests/demo" --once --dir "$TEST_DIR/demo" \
	--base-port "$BASE_PORT" --build "$BUILD"
