build-asan/qmgr/retry.o: qmgr/retry.c lib/base/log.h lib/base/buf.h \
 lib/base/span.h lib/os/clock.h lib/os/file.h lib/os/loop.h qmgr/conf.h \
 qmgr/qmgr.h lib/base/heap.h lib/base/list.h lib/calls/delivery_call.h \
 lib/base/why.h lib/calls/queue_call.h lib/queue/qfile.h
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
lib/os/clock.h:
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
