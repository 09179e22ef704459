build-asan/lib/calls/lookup_call.o: lib/calls/lookup_call.c \
 lib/calls/lookup_call.h lib/base/span.h lib/base/why.h lib/base/buf.h \
 lib/base/arena.h lib/calls/why_call.h lib/ipc/packet.h
lib/calls/lookup_call.h:
lib/base/span.h:
lib/base/why.h:
lib/base/buf.h:
lib/base/arena.h:
lib/calls/why_call.h:
lib/ipc/packet.h:
