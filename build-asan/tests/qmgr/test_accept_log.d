build-asan/tests/qmgr/test_accept_log.o: tests/qmgr/test_accept_log.c \
 qmgr/accept_log.h lib/base/span.h lib/os/syncpool.h lib/base/buf.h \
 lib/base/crc.h lib/base/mem.h lib/base/table.h lib/os/fault.h \
 lib/os/file.h lib/os/loop.h qmgr/conf.h qmgr/qmgr.h lib/base/heap.h \
 lib/base/list.h lib/calls/delivery_call.h lib/base/why.h \
 lib/calls/queue_call.h lib/queue/qfile.h lib/queue/accept.h tests/unit.h
qmgr/accept_log.h:
lib/base/span.h:
lib/os/syncpool.h:
lib/base/buf.h:
lib/base/crc.h:
lib/base/mem.h:
lib/base/table.h:
lib/os/fault.h:
lib/os/file.h:
lib/os/loop.h:
qmgr/conf.h:
qmgr/qmgr.h:
lib/base/heap.h:
lib/base/list.h:
lib/calls/delivery_call.h:
lib/base/why.h:
lib/calls/queue_call.h:
lib/queue/qfile.h:
lib/queue/accept.h:
tests/unit.h:
