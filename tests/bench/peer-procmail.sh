#!/bin/sh
# peer-procmail.sh start|stop --work DIR: unpacks procmail and describes it as a delivery-agent target (workload D1).
# shellcheck source=peer-lib.sh disable=SC1007,SC2034,SC3045
. "$(dirname "$0")/peer-lib.sh"
NAME=${NAME:-procmail}
case $ACTION in
start)
    unpack procmail procmail
    accounts "$WORK/etc-layer"
    target "$WORK/$NAME.json" "\"agent_cmd\": [\"$WORK/pkg/procmail/root/usr/bin/procmail\", \"{rc}\"], \"maildir\": \"Maildir\"" ;;
stop) rm -f "$WORK/$NAME.json" ;;
esac
