build-asan/lib/mauth/spf_macro.o: lib/mauth/spf_macro.c lib/base/buf.h \
 lib/base/span.h lib/base/number.h lib/dns/name.h lib/mauth/spf_record.h \
 lib/os/sock.h
lib/base/buf.h:
lib/base/span.h:
lib/base/number.h:
lib/dns/name.h:
lib/mauth/spf_record.h:
lib/os/sock.h:
