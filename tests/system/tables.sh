#!/bin/sh
# tables.sh - our postmap and postalias beside those of Debian's Postfix
#
# Each reads what the other wrote, and answers from tables of patterns are
# compared. Postfix is unpacked into the test's folder, not installed; where it
# cannot be had (no network, another system) the test is skipped.
set -u
dir=${TEST_DIR:-$(mktemp -d)}
bin=${BUILD:-build}/bin
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
cd "$dir" || exit 1

skip() {
	echo "skip: $*"
	exit 77
}
failed=0
check() { # NAME EXPECTED GOT
	if [ "$2" = "$3" ]; then
		echo "ok tables $1"
	else
		echo "FAIL tables $1"
		printf 'expected:\n%s\ngot:\n%s\n' "$2" "$3"
		failed=1
	fi
}

timeout 60 apt-get download postfix postfix-cdb libcdb1 postfix-lmdb \
	liblmdb0 >apt.log 2>&1 || skip "Debian's postfix cannot be fetched"
for package in *.deb; do
	dpkg -x "$package" peer || skip "postfix does not unpack"
done
mkdir conf peerconf
printf 'myhostname = h.example\n' >conf/main.cf
printf '%s\n' 'compatibility_level = 3.6' 'mail_owner = daemon' \
	'setgid_group = mail' 'myhostname = h.example' >peerconf/main.cf
ours() {
	program=$1
	shift
	"$bin/$program" -c conf "$@" 2>>log
}
theirs() {
	program=$1
	shift
	LD_LIBRARY_PATH=$dir/peer/usr/lib/postfix:$dir/peer$libs:$dir/peer/usr$libs \
		"peer/usr/sbin/$program" -c peerconf "$@" 2>>log
}
# where the modules of its other tables lie, and the libraries of those
libs=/lib/$(gcc -print-multiarch 2>/dev/null || echo x86_64-linux-gnu)
printf '%s\n' "cdb $dir/peer/usr/lib/postfix/postfix-cdb.so dict_cdb_open mkmap_cdb_open" \
	"lmdb $dir/peer/usr/lib/postfix/postfix-lmdb.so dict_lmdb_open mkmap_lmdb_open" \
	>peerconf/dynamicmaps.cf
printf 'shlib_directory = %s\nmeta_directory = %s\n' \
	"$dir/peer/usr/lib/postfix" "$dir/peerconf" >>peerconf/main.cf
theirs postmap -q a 'static:x' >/dev/null || skip "Postfix does not run here"

cat >pairs <<'END'
# a table
joe@Example.com   one
User  x,
  y
"q k"   v1
noval
ke\ y v
joe@example.com two
@example.com  last
END
cat >names <<'END'
# aliases
Root: "|prog a, b", /x
"a b": c, "d e"@f
multi: a,
 # passed over
 b
x@y: z
dup: 1
dup: 2
inc: :include:/etc/list
END

sorted='cat'
for type in hash btree cdb lmdb; do
	cp pairs pairs.$type
	cp pairs peer.$type
	ours postmap $type:pairs.$type
	theirs postmap $type:peer.$type
	# cdb: is neither listed nor added to there
	[ $type = cdb ] || want=$(theirs postmap -s $type:peer.$type)
	[ $type = cdb ] || check "$type: ours, read by Postfix" "$want" \
		"$(theirs postmap -s $type:pairs.$type)"
	[ $type = hash ] || sorted='sort'
	check "$type: Postfix's, read by ours" "$(echo "$want" | $sorted)" \
		"$(ours postmap -s $type:peer.$type | $sorted)"
	check "$type: a key of ours" one \
		"$(theirs postmap -q JOE@example.com $type:pairs.$type)"
	check "$type: a key of Postfix's" one \
		"$(ours postmap -q JOE@example.com $type:peer.$type)"
	echo 'new 1' | ours postmap -i $type:peer.$type
	ours postmap -d user $type:peer.$type
	check "$type: changed by ours" "1 " \
		"$(theirs postmap -q new $type:peer.$type) $(theirs \
			postmap -q user $type:peer.$type)"
	[ $type != cdb ] || continue
	echo 'more 2' | theirs postmap -i $type:pairs.$type
	check "$type: changed by Postfix" "2 one" \
		"$(ours postmap -q more $type:pairs.$type) $(ours \
			postmap -q joe@example.com $type:pairs.$type)"
done

cp names ours.al
cp names peer.al
ours postalias hash:ours.al
theirs postalias hash:peer.al
without_time() {
	grep -v YP_LAST | tr -s ' \t' '  ' | sort
}
check "postalias: ours, read by Postfix" \
	"$(theirs postalias -s hash:peer.al | without_time)" \
	"$(theirs postalias -s hash:ours.al | without_time)"
check "postalias: Postfix's, read by ours" \
	"$(theirs postalias -s hash:peer.al | without_time)" \
	"$(ours postalias -s hash:peer.al | without_time)"

cat >patterns <<'END'
/^a(b*)c$/ got-$1-$$-${1}x
!/^n/ negated
/^n(e)?/i  opt-$1-
if /^n/
/^nf/m ok
endif
/^y/!/z$/ yy
END
cat >nets <<'END'
192.168.1.0/24 A
!10.0.0.0/8 not10
10.0.0.1 ten
[2001:db8::]/32 six
if 10.1.0.0/16
10.1.2.3 in
10.1.0.0/16 second
endif
END
printf '%s\n' aBBc abc ac Nq ne nf zz ye yz >keys
for spec in regexp:patterns texthash:pairs \
	'inline:{ {zz = 1 2}, ye=3 }' 'static:{a b}' \
	'unionmap:{inline:{ye=1},static:x}' \
	'pipemap:{inline:{ye=zz},inline:{zz=q}}'; do
	check "answers of $spec" "$(theirs postmap -q - "$spec" <keys)" \
		"$(ours postmap -q - "$spec" <keys)"
done
printf '%s\n' 192.168.1.7 10.0.0.1 2001:db8:1::1 ::1 1.2.3.4 10.1.2.3 \
	10.1.9.9 10.2.2.2 foo >keys
check "answers of cidr:nets" "$(theirs postmap -q - cidr:nets <keys)" \
	"$(ours postmap -q - cidr:nets <keys)"
exit $failed
