build-asan/lib/calls/checks_call.o: lib/calls/checks_call.c \
 lib/calls/checks_call.h lib/base/span.h lib/calls/why_call.h \
 lib/ipc/packet.h lib/base/buf.h
lib/calls/checks_call.h:
lib/base/span.h:
lib/calls/why_call.h:
lib/ipc/packet.h:
lib/base/buf.h:
