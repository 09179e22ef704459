build-asan/tests/qmgr/test_sched.o: tests/qmgr/test_sched.c qmgr/sched.h \
 lib/base/heap.h lib/base/list.h lib/base/span.h qmgr/limits.h \
 lib/base/arena.h lib/base/log.h lib/base/buf.h lib/base/table.h \
 lib/base/why.h lib/config/param.h lib/os/loop.h qmgr/conf.h qmgr/qmgr.h \
 lib/calls/delivery_call.h lib/calls/queue_call.h lib/queue/qfile.h \
 tests/unit.h
qmgr/sched.h:
lib/base/heap.h:
lib/base/list.h:
lib/base/span.h:
qmgr/limits.h:
lib/base/arena.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/table.h:
lib/base/why.h:
lib/config/param.h:
lib/os/loop.h:
qmgr/conf.h:
qmgr/qmgr.h:
lib/calls/delivery_call.h:
lib/calls/queue_call.h:
lib/queue/qfile.h:
tests/unit.h:
