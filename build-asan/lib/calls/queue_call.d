build-asan/lib/calls/queue_call.o: lib/calls/queue_call.c \
 lib/calls/queue_call.h lib/base/span.h lib/base/arena.h lib/base/why.h \
 lib/base/buf.h lib/calls/why_call.h lib/ipc/packet.h
lib/calls/queue_call.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/why.h:
lib/base/buf.h:
lib/calls/why_call.h:
lib/ipc/packet.h:
