build-asan/lib/calls/webmail_call.o: lib/calls/webmail_call.c \
 lib/calls/webmail_call.h lib/base/span.h lib/calls/auth_call.h \
 lib/base/why.h lib/base/buf.h lib/base/secret.h lib/ipc/packet.h
lib/calls/webmail_call.h:
lib/base/span.h:
lib/calls/auth_call.h:
lib/base/why.h:
lib/base/buf.h:
lib/base/secret.h:
lib/ipc/packet.h:
