#!/bin/sh
# peer-postfix.sh start|stop --work DIR [--base PORT] [--variant local|procmail|virtual] [--name NAME] [--set 'main.cf line'] [--maxproc N]
# Ports: base+25 smtp, base+26 smtps; mail for other domains goes to the sink on base+99.
# shellcheck source=peer-lib.sh disable=SC1007,SC2034,SC3045
. "$(dirname "$0")/peer-lib.sh"
VARIANT=${VARIANT:-local}; NAME=${NAME:-postfix-$VARIANT}
P=$WORK/$NAME; C=$P/etc
U=$WORK/pkg/postfix/root/usr:$WORK/pkg/procmail/root/usr; E=$WORK/etc-layer
case $ACTION in
start)
    unpack postfix postfix libdb5.3 libicu72 liblmdb0
    unpack procmail procmail
    accounts "$E"; certificate "$WORK/cert.pem"
    mkdir -p "$C" "$P/spool" "$P/data"; chmod 755 "$P" "$C"
    case $VARIANT in
    local) deliver='home_mailbox = Maildir/' ;;
    procmail) deliver='mailbox_command = /usr/bin/procmail -a "$EXTENSION"' ;;
    virtual) deliver="virtual_mailbox_domains = $DOMAIN
virtual_mailbox_base = $WORK/home
virtual_mailbox_maps = hash:$C/vmaps
virtual_uid_maps = hash:$C/vuids
virtual_gid_maps = hash:$C/vuids
virtual_minimum_uid = 1000
virtual_mailbox_limit = 0" ;;
    esac
    [ "$VARIANT" = virtual ] && dest=localhost || dest=$DOMAIN
    cat > "$C/main.cf" <<END
compatibility_level = 3.6
queue_directory = $P/spool
data_directory = $P/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
meta_directory = $C
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.bench.test
mydomain = bench.test
myorigin = bench.test
mydestination = $dest
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps = hash:$C/aliases
alias_database = hash:$C/aliases
relayhost = [127.0.0.1]:$((BASE+99))
mailbox_size_limit = 0
message_size_limit = 67108864
recipient_delimiter = +
biff = no
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_tls_cert_file = $WORK/cert.pem.crt
smtpd_tls_key_file = $WORK/cert.pem.key
smtpd_tls_security_level = may
smtpd_tls_session_cache_database =
smtp_tls_security_level = none
default_process_limit = ${MAXPROC:-100}
$deliver
$SETS
END
    [ "$LOGTO" = file ] && echo "maillog_file = $P/log
maillog_file_prefixes = $P" >> "$C/main.cf"
    sed -e 's/^\([a-z]* *[a-z-]* *[-n] *[-n] *\)y/\1n/' -e "s/^smtp      inet/$((BASE+25)) inet/" -e '/^maildrop/,$d' \
        "$WORK/pkg/postfix/root/usr/share/postfix/master.cf.dist" > "$C/master.cf"
    echo "$((BASE+26)) inet n - n - - smtpd -o smtpd_tls_wrappermode=yes" >> "$C/master.cf"
    grep -q '^postlog' "$C/master.cf" || echo 'postlog unix-dgram n - n - 1 postlogd' >> "$C/master.cf"
    cp "$WORK/pkg/postfix/root/usr/share/postfix/dynamicmaps.cf" "$WORK/pkg/postfix/root/etc/postfix/postfix-files" "$C/" 2>/dev/null || true
    echo 'postmaster: fb00' > "$C/aliases"
    : > "$C/vmaps"; : > "$C/vuids"; i=0
    while [ $i -lt $NUSERS ]; do
        printf 'fb%02d@%s fb%02d/Maildir/\n' $i $DOMAIN $i >> "$C/vmaps"
        printf 'fb%02d@%s %d\n' $i $DOMAIN $((UID0+i)) >> "$C/vuids"; i=$((i+1))
    done
    chown "$(awk -F: '$1=="postfix"{print $3":"$4}' "$E/passwd")" "$P/data"
    chgrp "$(awk -F: '$1=="postdrop"{print $3}' "$E/group")" "$WORK/pkg/postfix/root/usr/sbin/postdrop" "$WORK/pkg/postfix/root/usr/sbin/postqueue"
    chmod 2555 "$WORK/pkg/postfix/root/usr/sbin/postdrop" "$WORK/pkg/postfix/root/usr/sbin/postqueue"
    cgroup_enter "$NAME"
    view "$U" "$E" sh -c "postalias -c '$C' hash:'$C'/aliases; postmap -c '$C' hash:'$C'/vmaps hash:'$C'/vuids; postfix -c '$C' start" > "$P/start.log" 2>&1 || { cat "$P/start.log"; exit 1; }
    cgroup_leave
    pid=$(tr -d ' ' < "$P/spool/pid/master.pid")
    target "$WORK/$NAME.json" "\"pid\": $pid, \"smtp_port\": $((BASE+25)), \"smtps_port\": $((BASE+26)), \"sink_port\": $((BASE+99)),
 \"agent\": \"$VARIANT\", \"maildir\": \"Maildir\", \"procmailrc\": \".procmailrc\",
 \"mailq\": [\"nsenter\", \"-m\", \"-t\", \"$pid\", \"postqueue\", \"-c\", \"$C\", \"-p\"],
 \"flush\": [\"nsenter\", \"-m\", \"-t\", \"$pid\", \"postqueue\", \"-c\", \"$C\", \"-f\"],
 \"wipe_queue\": [\"nsenter\", \"-m\", \"-t\", \"$pid\", \"postsuper\", \"-c\", \"$C\", \"-d\", \"ALL\"]"
    ;;
stop)
    [ -e "$P/spool/pid/master.pid" ] || exit 0
    pid=$(tr -d ' ' < "$P/spool/pid/master.pid")
    kill -0 "$pid" 2>/dev/null && nsenter -m -t "$pid" postfix -c "$C" stop > /dev/null 2>&1 || true
    rm -f "$WORK/$NAME.json"; cgroup_end "$NAME"
    ;;
esac
