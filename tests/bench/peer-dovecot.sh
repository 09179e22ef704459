#!/bin/sh
# peer-dovecot.sh start|stop --work DIR [--base PORT] [--variant passwd|pam] [--name NAME] [--set 'line'] [--maxproc N] [--pop3]
# Ports: base+43 imap, base+93 imaps, base+45 pop3. --variant hs: high-performance login mode (service_count = 0) and client_limit raised.
# shellcheck source=peer-lib.sh disable=SC1007,SC2034,SC3045
. "$(dirname "$0")/peer-lib.sh"
VARIANT=${VARIANT:-passwd}; NAME=${NAME:-dovecot}; MAXPROC=${MAXPROC:-6000}
P=$WORK/$NAME; U=$WORK/pkg/dovecot/root/usr; E=$WORK/etc-layer
case $ACTION in
start)
    unpack dovecot dovecot-core dovecot-imapd ${POP3:+dovecot-pop3d} libexttextcat-2.0-0 liblua5.3-0 libsodium23 libstemmer0d libwrap0
    accounts "$E"; certificate "$WORK/cert.pem"
    mkdir -p "$P/run" "$P/state"; chmod 755 "$P"
    : > "$P/users"; i=0
    while [ $i -lt $NUSERS ]; do
        printf 'fb%02d:{PLAIN}%s:%d:%d::%s/home/fb%02d::\n' $i "$PASSWORD" $((UID0+i)) $((UID0+i)) "$WORK" $i >> "$P/users"; i=$((i+1))
    done
    # the 100,000-message mailbox and others made by the harness: user "big" etc. are appended by it to users.extra
    [ -e "$WORK/users.extra" ] && cat "$WORK/users.extra" >> "$P/users"
    if [ "$VARIANT" = pam ]; then pass='passdb {
 driver = pam
 args = dovecot
}'; mkdir -p "$E/pam.d"; printf 'auth required pam_unix.so\naccount required pam_unix.so\n' > "$E/pam.d/dovecot"
    else pass="passdb {
 driver = passwd-file
 args = $P/users
}"; fi
    hs=
    [ "$VARIANT" = hs ] && hs='service imap-login {
 service_count = 0
 client_limit = 6000
 process_min_avail = 2
}
service imap {
 service_count = 1000
}'
    pop=
    [ -z "$POP3" ] || pop="service pop3-login {
 inet_listener pop3 {
  port = $((BASE+45))
 }
 inet_listener pop3s {
  port = 0
 }
}"
    cat > "$P/dovecot.conf" <<END
protocols = imap ${POP3:+pop3}
base_dir = $P/run
state_dir = $P/state
listen = 127.0.0.1
instance_name = $NAME
default_internal_user = dovecot
default_internal_group = dovecot
default_login_user = dovenull
disable_plaintext_auth = no
ssl = yes
ssl_cert = <$WORK/cert.pem.crt
ssl_key = <$WORK/cert.pem.key
mail_location = maildir:~/Maildir
mail_max_userip_connections = 0
default_process_limit = $MAXPROC
default_client_limit = $((MAXPROC*2+200))
first_valid_uid = 500
auth_mechanisms = plain login
log_path = $P/log
service imap-login {
 inet_listener imap {
  port = $((BASE+43))
 }
 inet_listener imaps {
  port = $((BASE+93))
  ssl = yes
 }
 process_limit = $MAXPROC
}
service imap {
 process_limit = $MAXPROC
}
$hs
$pop
$pass
userdb {
 driver = passwd-file
 args = $P/users
}
$SETS
END
    cgroup_enter "$NAME"
    view "$U" "$E" sh -c "ulimit -n $(ulimit -H -n); dovecot -c '$P/dovecot.conf'" > "$P/start.log" 2>&1 || { cat "$P/start.log"; exit 1; }
    cgroup_leave
    pid=$(cat "$P/run/master.pid")
    target "$WORK/$NAME.json" "\"pid\": $pid, \"imap_port\": $((BASE+43)), \"imaps_port\": $((BASE+93)), \"pop3_port\": $((BASE+45)), \"maildir\": \"Maildir\", \"userfile\": \"$P/users\""
    ;;
stop)
    [ -e "$P/run/master.pid" ] || exit 0
    pid=$(cat "$P/run/master.pid"); kill "$pid" 2>/dev/null || true
    rm -f "$WORK/$NAME.json"; cgroup_end "$NAME"
    ;;
esac
