build-asan/lib/dns/answer.o: lib/dns/answer.c lib/dns/answer.h \
 lib/base/span.h lib/base/arena.h lib/base/buf.h lib/base/mem.h \
 lib/dns/name.h
lib/dns/answer.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/mem.h:
lib/dns/name.h:
