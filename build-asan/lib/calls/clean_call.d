build-asan/lib/calls/clean_call.o: lib/calls/clean_call.c \
 lib/calls/clean_call.h lib/base/span.h lib/base/why.h lib/base/buf.h \
 lib/base/arena.h lib/calls/why_call.h lib/ipc/packet.h
lib/calls/clean_call.h:
lib/base/span.h:
lib/base/why.h:
lib/base/buf.h:
lib/base/arena.h:
lib/calls/why_call.h:
lib/ipc/packet.h:
