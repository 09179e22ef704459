build-asan/qmgr/accept_log.o: qmgr/accept_log.c qmgr/accept_log.h \
 lib/base/span.h lib/os/syncpool.h lib/base/buf.h lib/base/log.h \
 lib/base/mem.h lib/base/must.h lib/base/table.h lib/os/file.h \
 lib/os/loop.h qmgr/accept_inside.h lib/base/list.h qmgr/conf.h \
 qmgr/qmgr.h lib/base/heap.h lib/calls/delivery_call.h lib/base/why.h \
 lib/calls/queue_call.h lib/queue/qfile.h lib/queue/accept.h
qmgr/accept_log.h:
lib/base/span.h:
lib/os/syncpool.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/table.h:
lib/os/file.h:
lib/os/loop.h:
qmgr/accept_inside.h:
lib/base/list.h:
qmgr/conf.h:
qmgr/qmgr.h:
lib/base/heap.h:
lib/calls/delivery_call.h:
lib/base/why.h:
lib/calls/queue_call.h:
lib/queue/qfile.h:
lib/queue/accept.h:
