build-asan/lib/calls/showq_call.o: lib/calls/showq_call.c \
 lib/calls/showq_call.h lib/base/span.h lib/calls/queue_call.h \
 lib/calls/why_call.h lib/ipc/packet.h lib/base/buf.h
lib/calls/showq_call.h:
lib/base/span.h:
lib/calls/queue_call.h:
lib/calls/why_call.h:
lib/ipc/packet.h:
lib/base/buf.h:
