build-asan/qmgr/accept_ready.o: qmgr/accept_ready.c lib/base/log.h \
 lib/base/buf.h lib/base/span.h lib/base/mem.h lib/base/must.h \
 lib/base/table.h lib/os/file.h lib/os/loop.h lib/os/syncpool.h \
 qmgr/accept_inside.h lib/base/list.h qmgr/accept_log.h qmgr/qmgr.h \
 lib/base/heap.h lib/calls/delivery_call.h lib/base/why.h \
 lib/calls/queue_call.h lib/queue/qfile.h lib/queue/accept.h
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/table.h:
lib/os/file.h:
lib/os/loop.h:
lib/os/syncpool.h:
qmgr/accept_inside.h:
lib/base/list.h:
qmgr/accept_log.h:
qmgr/qmgr.h:
lib/base/heap.h:
lib/calls/delivery_call.h:
lib/base/why.h:
lib/calls/queue_call.h:
lib/queue/qfile.h:
lib/queue/accept.h:
