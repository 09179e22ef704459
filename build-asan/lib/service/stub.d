build-asan/lib/service/stub.o: lib/service/stub.c lib/service/stub.h \
 lib/base/log.h lib/base/buf.h lib/base/span.h lib/base/mem.h \
 lib/calls/auth_call.h lib/base/why.h lib/calls/start_call.h \
 lib/ipc/packet.h lib/os/sandbox.h lib/os/users.h lib/service/service.h
lib/service/stub.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/calls/auth_call.h:
lib/base/why.h:
lib/calls/start_call.h:
lib/ipc/packet.h:
lib/os/sandbox.h:
lib/os/users.h:
lib/service/service.h:
