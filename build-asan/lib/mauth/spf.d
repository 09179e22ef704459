build-asan/lib/mauth/spf.o: lib/mauth/spf.c lib/mauth/spf.h \
 lib/base/span.h lib/dns/answer.h lib/os/sock.h lib/base/arena.h \
 lib/base/buf.h lib/base/must.h lib/dns/name.h lib/mauth/spf_record.h
lib/mauth/spf.h:
lib/base/span.h:
lib/dns/answer.h:
lib/os/sock.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/must.h:
lib/dns/name.h:
lib/mauth/spf_record.h:
