#!/bin/sh
# peer-courier.sh start|stop --work DIR [--base PORT] [--name NAME] [--variant userdb|pam] [--set 'imapd line'] [--pop3]
# Ports: base+44 imap, base+46 pop3. Configuration is the packaged imapd file with limits raised.
# shellcheck source=peer-lib.sh disable=SC1007,SC2034,SC3045
. "$(dirname "$0")/peer-lib.sh"
VARIANT=${VARIANT:-pam}; NAME=${NAME:-courier}; MAXPROC=${MAXPROC:-6000}
P=$WORK/$NAME; U=$WORK/pkg/courier/root/usr; R=$WORK/pkg/courier/root
case $ACTION in
start)
    unpack courier courier-imap ${POP3:+courier-pop} courier-base courier-authlib courier-authlib-userdb courier-authdaemon libcourier-unicode4 libltdl7 libidn12 gamin libgamin0 libgdbm6
    accounts "$WORK/etc-layer"
    E=$P/etc
    mkdir -p "$E" "$P/run/courier/authdaemon" "$P/log"; chmod 755 "$P"
    cp -a "$WORK/etc-layer/." "$E/"; cp -a "$R/etc/courier" "$E/"
    mkdir -p "$E/pam.d"; cp -a /etc/pam.d/. "$E/pam.d/"
    printf 'auth required pam_unix.so\naccount required pam_unix.so\n' > "$E/pam.d/imap"
    cp "$E/pam.d/imap" "$E/pam.d/pop3"
    sed -i -e "s/^PORT=.*/PORT=127.0.0.1.$((BASE+44))/" -e "s/^MAXDAEMONS=.*/MAXDAEMONS=$MAXPROC/" -e "s/^MAXPERIP=.*/MAXPERIP=$MAXPROC/" \
        -e 's/^IMAPACCESSFILE=.*/IMAPACCESSFILE=/' -e 's/^TCPDOPTS=.*/TCPDOPTS="-nodnslookup -noidentlookup -noaccess"/' "$E/courier/imapd"
    sed -i 's/-noaccess//' "$E/courier/imapd"
    [ -z "$SETS" ] || echo "$SETS" >> "$E/courier/imapd"
    [ "$VARIANT" = pam ] && sed -i 's/^authmodulelist=.*/authmodulelist="authpam"/' "$E/courier/authdaemonrc"
    cgroup_enter "$NAME"
    BIND_RUN=$P/run view "$U" "$E" sh -c "ulimit -n \$(ulimit -H -n); mkdir -p /run/courier/authdaemon
        . /etc/courier/authdaemonrc
        /usr/lib/courier/courier-authlib/authdaemond > '$P/log/authdaemond' 2>&1 & echo \$! > '$P/auth.pid'
        i=0; while [ ! -S /run/courier/authdaemon/socket ] && [ \$i -lt 50 ]; do sleep .1; i=\$((i+1)); done
        set -a; . /etc/courier/imapd; set +a
        IMAP_STARTTLS=NO; export IMAP_STARTTLS; TCPDOPTS=
        /usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=\$MAXDAEMONS -maxperip=\$MAXPERIP -nodnslookup -noidentlookup \
            $((BASE+44)) /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir > '$P/log/imapd' 2>&1 & echo \$! > '$P/tcpd.pid'
        if [ -n '$POP3' ]; then
            set -a; . /etc/courier/pop3d; set +a
            TCPDOPTS=; POP3_STARTTLS=NO; export POP3_STARTTLS
            /usr/sbin/couriertcpd -address=127.0.0.1 -nodnslookup -noidentlookup $((BASE+46)) \
                /usr/lib/courier/courier/courierpop3login /usr/lib/courier/courier/courierpop3d Maildir > '$P/log/pop3d' 2>&1 & echo \$! > '$P/pop3.pid'
        fi
        sleep .5" > "$P/start.log" 2>&1 || { cat "$P/start.log"; exit 1; }
    cgroup_leave
    pid=$(cat "$P/tcpd.pid")
    target "$WORK/$NAME.json" "\"pid\": $pid, \"more_pids\": [$(cat "$P/auth.pid")], \"imap_port\": $((BASE+44)), \"pop3_port\": $((BASE+46)), \"maildir\": \"Maildir\""
    ;;
stop)
    for f in "$P/tcpd.pid" "$P/pop3.pid" "$P/auth.pid"; do [ -e "$f" ] && kill "$(cat "$f")" 2>/dev/null || true; rm -f "$f"; done
    rm -f "$WORK/$NAME.json"; cgroup_end "$NAME"
    ;;
esac
