build-asan/qmgr/admin.o: qmgr/admin.c lib/base/log.h lib/base/buf.h \
 lib/base/span.h lib/base/mem.h lib/base/table.h lib/base/why.h \
 lib/calls/showq_call.h lib/ipc/packet.h lib/ipc/server.h lib/os/clock.h \
 lib/os/file.h lib/os/syncpool.h qmgr/accept_log.h qmgr/qmgr.h \
 lib/base/heap.h lib/base/list.h lib/calls/delivery_call.h \
 lib/calls/queue_call.h lib/queue/qfile.h lib/service/service.h \
 lib/os/sandbox.h
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/table.h:
lib/base/why.h:
lib/calls/showq_call.h:
lib/ipc/packet.h:
lib/ipc/server.h:
lib/os/clock.h:
lib/os/file.h:
lib/os/syncpool.h:
qmgr/accept_log.h:
qmgr/qmgr.h:
lib/base/heap.h:
lib/base/list.h:
lib/calls/delivery_call.h:
lib/calls/queue_call.h:
lib/queue/qfile.h:
lib/service/service.h:
lib/os/sandbox.h:
