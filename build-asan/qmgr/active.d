build-asan/qmgr/active.o: qmgr/active.c lib/base/arena.h lib/base/span.h \
 lib/base/log.h lib/base/buf.h lib/base/mem.h lib/base/must.h \
 lib/base/table.h lib/base/why.h lib/calls/delivery_log.h \
 lib/calls/lookup_call.h lib/os/clock.h lib/os/file.h lib/os/syncpool.h \
 qmgr/accept_log.h qmgr/conf.h qmgr/qmgr.h lib/base/heap.h \
 lib/base/list.h lib/calls/delivery_call.h lib/calls/queue_call.h \
 lib/queue/qfile.h
lib/base/arena.h:
lib/base/span.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/table.h:
lib/base/why.h:
lib/calls/delivery_log.h:
lib/calls/lookup_call.h:
lib/os/clock.h:
lib/os/file.h:
lib/os/syncpool.h:
qmgr/accept_log.h:
qmgr/conf.h:
qmgr/qmgr.h:
lib/base/heap.h:
lib/base/list.h:
lib/calls/delivery_call.h:
lib/calls/queue_call.h:
lib/queue/qfile.h:
