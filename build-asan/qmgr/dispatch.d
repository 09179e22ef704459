build-asan/qmgr/dispatch.o: qmgr/dispatch.c lib/base/arena.h \
 lib/base/span.h lib/base/log.h lib/base/buf.h lib/base/mem.h \
 lib/base/table.h lib/ipc/channel.h lib/ipc/packet.h lib/os/file.h \
 qmgr/conf.h qmgr/qmgr.h lib/base/heap.h lib/base/list.h \
 lib/calls/delivery_call.h lib/base/why.h lib/calls/queue_call.h \
 lib/queue/qfile.h qmgr/sched.h qmgr/limits.h
lib/base/arena.h:
lib/base/span.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/table.h:
lib/ipc/channel.h:
lib/ipc/packet.h:
lib/os/file.h:
qmgr/conf.h:
qmgr/qmgr.h:
lib/base/heap.h:
lib/base/list.h:
lib/calls/delivery_call.h:
lib/base/why.h:
lib/calls/queue_call.h:
lib/queue/qfile.h:
qmgr/sched.h:
qmgr/limits.h:
