# shellcheck shell=sh disable=SC1007,SC2034,SC3045
# peer-lib.sh - sourced by the peer-*.sh scripts. POSIX sh, root needed.
# A peer is never installed: its packages are unpacked under $WORK/pkg/<peer>/root and laid over /usr in a private mount
# namespace, together with an /etc that has the bench accounts (fb00..fb49, password "bench"). The machine itself is not changed.
set -eu
HERE=$(cd "$(dirname "$0")" && pwd)
NUSERS=50 UID0=61000 PASSWORD=bench DOMAIN=bench.test
ACTION=${1:-}; [ $# -gt 0 ] && shift
WORK= BASE= VARIANT= NAME= SETS= LOGTO=file MAXPROC= POP3=
while [ $# -gt 0 ]; do
    case $1 in
    --work) WORK=$2; shift 2 ;;
    --base) BASE=$2; shift 2 ;;          # first port of the range used
    --variant) VARIANT=$2; shift 2 ;;
    --name) NAME=$2; shift 2 ;;          # name of the target (and of its folder)
    --set) SETS="$SETS
$2"; shift 2 ;;                          # extra configuration line
    --pop3) POP3=1; shift ;;             # POP3 as well
    --maxproc) MAXPROC=$2; shift 2 ;;
    --log) LOGTO=$2; shift 2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
    esac
done
[ -n "$WORK" ] && [ -n "$ACTION" ] || { echo "usage: $0 start|stop --work DIR [--base PORT] [--variant V] [--name N] [--set LINE]" >&2; exit 2; }
mkdir -p "$WORK"; WORK=$(cd "$WORK" && pwd)
BASE=${BASE:-21000}

# unpack PEER package...: download the packages and unpack them once
unpack() {
    peer=$1; shift
    root=$WORK/pkg/$peer/root
    [ -e "$root/.done" ] && return 0
    mkdir -p "$root"
    (cd "$WORK/pkg/$peer" && for p in "$@"; do ls "${p}"_*.deb >/dev/null 2>&1 || apt-get download "$p" >/dev/null 2>&1 || echo "cannot download $p" >&2; done
     for d in *.deb; do dpkg -x "$d" root; done)
    touch "$root/.done"
}

# accounts ETC: an /etc layer with the bench accounts and the system accounts that the peers want
accounts() {
    etc=$1
    mkdir -p "$etc" "$WORK/home"
    if [ ! -e "$etc/.accounts" ]; then
        cp /etc/passwd /etc/group "$etc/"; cp /etc/shadow "$etc/"; chmod 640 "$etc/shadow"; chmod 755 "$etc"
        id=60900
        for u in postfix dovecot dovenull courier opensmtpd opensmtpq; do
            id=$((id+1))
            grep -q "^$u:" "$etc/passwd" || echo "$u:x:$id:$id::/nonexistent:/usr/sbin/nologin" >> "$etc/passwd"
            grep -q "^$u:" "$etc/group" || echo "$u:x:$id:" >> "$etc/group"
        done
        grep -q ^postdrop: "$etc/group" || echo postdrop:x:60999: >> "$etc/group"
        hash=$(openssl passwd -6 -salt benchbench "$PASSWORD")
        i=0
        while [ $i -lt $NUSERS ]; do
            u=$(printf 'fb%02d' $i); n=$((UID0+i))
            echo "$u:x:$n:$n:bench:$WORK/home/$u:/bin/sh" >> "$etc/passwd"
            echo "$u:x:$n:" >> "$etc/group"
            echo "$u:$hash:19000:0:99999:7:::" >> "$etc/shadow"
            i=$((i+1))
        done
        touch "$etc/.accounts"
    fi
    i=0
    while [ $i -lt $NUSERS ]; do
        u=$(printf 'fb%02d' $i); n=$((UID0+i))
        if [ ! -d "$WORK/home/$u/Maildir/new" ]; then
            mkdir -p "$WORK/home/$u/Maildir/new" "$WORK/home/$u/Maildir/cur" "$WORK/home/$u/Maildir/tmp"
            chown -R $n:$n "$WORK/home/$u"
            chmod -R go-rwx "$WORK/home/$u"
        fi
        i=$((i+1))
    done
    mkdir -p "$WORK/var-mail"; chmod 1777 "$WORK/var-mail"; VARMAIL=$WORK/var-mail; export VARMAIL
    chmod 755 "$WORK" "$WORK/home"
}

# certificate FILE: a throw-away key and certificate, PEM, both in one file
certificate() {
    [ -s "$1" ] && return 0
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=mx.bench.test -keyout "$1.key" -out "$1.crt" >/dev/null 2>&1
    cat "$1.key" "$1.crt" > "$1"; chmod 600 "$1" "$1.key"
}

# view USRLAYERS ETCLAYER cmd...: run cmd with the layers (colon-separated folders) over /usr and /etc
view() {
    usr=$1 etc=$2; shift 2
    unshare -m sh -c 'u=$1 e=$2; shift 2
        [ -z "$u" ] || mount -t overlay overlay -o "lowerdir=$u:/usr" /usr
        [ -z "$e" ] || mount -t overlay overlay -o "lowerdir=$e:/etc" /etc
        [ ! -d "${VARMAIL:-/nonexistent}" ] || mount --bind "$VARMAIL" /var/mail
        [ -z "${BIND_RUN:-}" ] || mount --bind "$BIND_RUN" /run
        exec "$@"' view "$usr" "$etc" "$@"
}

# cgroup_enter NAME: put this shell in a CPU-accounting group of its own; prints nothing, sets CG to the group or ""
cgroup_enter() {
    CG=
    if [ -w /sys/fs/cgroup/cpuacct ]; then CG=/sys/fs/cgroup/cpuacct/fb-$1
    elif [ -w /sys/fs/cgroup/cgroup.procs ]; then CG=/sys/fs/cgroup/fb-$1
    fi
    [ -z "$CG" ] || { mkdir -p "$CG" && echo $$ > "$CG/cgroup.procs"; } 2>/dev/null || CG=
}
cgroup_leave() {
    [ -z "${CG:-}" ] || echo $$ > "$(dirname "$CG")/cgroup.procs" 2>/dev/null || true
}

# target FILE extra-json-lines: write the target description (the caller passes its own keys)
target() {
    f=$1; shift
    {
        printf '{\n "name": "%s", "host": "127.0.0.1", "domain": "%s",\n' "$NAME" "$DOMAIN"
        printf ' "users": {"pattern": "fb%%02d", "first": 0, "count": %d, "password": "%s", "uid0": %d},\n' $NUSERS "$PASSWORD" $UID0
        printf ' "homes": "%s/home",\n "cgroup": "%s",\n' "$WORK" "${CG:-}"
        printf ' %s\n}\n' "$*"
    } > "$f"
    echo "$f"
}

# cgroup_end NAME: end what is still running in the target's own accounting group (helpers such as gam_server), then remove the group
cgroup_end() {
    for g in /sys/fs/cgroup/cpuacct/fb-$1 /sys/fs/cgroup/fb-$1; do
        [ -d "$g" ] || continue
        i=0
        while [ -n "$(cat "$g/cgroup.procs")" ] && [ $i -lt 30 ]; do
            [ $i -lt 10 ] || for p in $(cat "$g/cgroup.procs"); do kill "$p" 2>/dev/null || true; done
            sleep .2; i=$((i+1))
        done
        rmdir "$g" 2>/dev/null || true
    done
}
