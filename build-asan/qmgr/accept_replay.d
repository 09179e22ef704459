build-asan/qmgr/accept_replay.o: qmgr/accept_replay.c lib/base/arena.h \
 lib/base/span.h lib/base/crc.h lib/base/log.h lib/base/buf.h \
 lib/base/mem.h lib/base/must.h lib/base/table.h lib/os/file.h \
 qmgr/accept_inside.h lib/base/list.h qmgr/accept_log.h lib/os/syncpool.h \
 qmgr/qmgr.h lib/base/heap.h lib/calls/delivery_call.h lib/base/why.h \
 lib/calls/queue_call.h lib/queue/qfile.h lib/queue/accept.h \
 lib/queue/qread.h
lib/base/arena.h:
lib/base/span.h:
lib/base/crc.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/table.h:
lib/os/file.h:
qmgr/accept_inside.h:
lib/base/list.h:
qmgr/accept_log.h:
lib/os/syncpool.h:
qmgr/qmgr.h:
lib/base/heap.h:
lib/calls/delivery_call.h:
lib/base/why.h:
lib/calls/queue_call.h:
lib/queue/qfile.h:
lib/queue/accept.h:
lib/queue/qread.h:
