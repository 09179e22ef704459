build-asan/qmgr/site.o: qmgr/site.c lib/base/mem.h lib/base/table.h \
 lib/base/span.h lib/ipc/channel.h lib/ipc/packet.h lib/base/buf.h \
 lib/os/clock.h lib/os/loop.h qmgr/conf.h qmgr/qmgr.h lib/base/heap.h \
 lib/base/list.h lib/calls/delivery_call.h lib/base/why.h \
 lib/calls/queue_call.h lib/queue/qfile.h qmgr/sched.h qmgr/limits.h
lib/base/mem.h:
lib/base/table.h:
lib/base/span.h:
lib/ipc/channel.h:
lib/ipc/packet.h:
lib/base/buf.h:
lib/os/clock.h:
lib/os/loop.h:
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
