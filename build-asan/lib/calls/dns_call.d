build-asan/lib/calls/dns_call.o: lib/calls/dns_call.c \
 lib/calls/dns_call.h lib/base/span.h lib/dns/answer.h lib/base/arena.h \
 lib/dns/name.h lib/ipc/packet.h lib/base/buf.h
lib/calls/dns_call.h:
lib/base/span.h:
lib/dns/answer.h:
lib/base/arena.h:
lib/dns/name.h:
lib/ipc/packet.h:
lib/base/buf.h:
