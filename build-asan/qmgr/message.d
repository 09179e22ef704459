build-asan/qmgr/message.o: qmgr/message.c lib/base/arena.h \
 lib/base/span.h lib/base/log.h lib/base/buf.h lib/base/mem.h \
 lib/base/must.h lib/base/table.h lib/os/clock.h lib/os/file.h \
 lib/os/syncpool.h qmgr/accept_log.h qmgr/conf.h qmgr/qmgr.h \
 lib/base/heap.h lib/base/list.h lib/calls/delivery_call.h lib/base/why.h \
 lib/calls/queue_call.h lib/queue/qfile.h lib/queue/edits.h \
 lib/queue/qread.h
lib/base/arena.h:
lib/base/span.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/table.h:
lib/os/clock.h:
lib/os/file.h:
lib/os/syncpool.h:
qmgr/accept_log.h:
qmgr/conf.h:
qmgr/qmgr.h:
lib/base/heap.h:
lib/base/list.h:
lib/calls/delivery_call.h:
lib/base/why.h:
lib/calls/queue_call.h:
lib/queue/qfile.h:
lib/queue/edits.h:
lib/queue/qread.h:
