build-asan/lib/dns/name.o: lib/dns/name.c lib/dns/name.h lib/base/span.h \
 lib/base/buf.h lib/os/sock.h
lib/dns/name.h:
lib/base/span.h:
lib/base/buf.h:
lib/os/sock.h:
