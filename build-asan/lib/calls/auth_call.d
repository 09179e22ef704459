build-asan/lib/calls/auth_call.o: lib/calls/auth_call.c \
 lib/calls/auth_call.h lib/base/span.h lib/base/why.h lib/base/buf.h \
 lib/base/secret.h lib/ipc/packet.h
lib/calls/auth_call.h:
lib/base/span.h:
lib/base/why.h:
lib/base/buf.h:
lib/base/secret.h:
lib/ipc/packet.h:
