build-asan/lib/calls/submit_call.o: lib/calls/submit_call.c \
 lib/calls/submit_call.h lib/base/span.h lib/base/arena.h \
 lib/calls/queue_call.h lib/calls/why_call.h lib/ipc/packet.h \
 lib/base/buf.h
lib/calls/submit_call.h:
lib/base/span.h:
lib/base/arena.h:
lib/calls/queue_call.h:
lib/calls/why_call.h:
lib/ipc/packet.h:
lib/base/buf.h:
