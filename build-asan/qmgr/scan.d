build-asan/qmgr/scan.o: qmgr/scan.c lib/base/log.h lib/base/buf.h \
 lib/base/span.h lib/base/table.h lib/os/clock.h lib/os/file.h \
 qmgr/accept_log.h lib/os/syncpool.h qmgr/qmgr.h lib/base/heap.h \
 lib/base/list.h lib/calls/delivery_call.h lib/base/why.h \
 lib/calls/queue_call.h lib/queue/qfile.h
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/table.h:
lib/os/clock.h:
lib/os/file.h:
qmgr/accept_log.h:
lib/os/syncpool.h:
qmgr/qmgr.h:
lib/base/heap.h:
lib/base/list.h:
lib/calls/delivery_call.h:
lib/base/why.h:
lib/calls/queue_call.h:
lib/queue/qfile.h:
