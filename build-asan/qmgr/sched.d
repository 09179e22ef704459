build-asan/qmgr/sched.o: qmgr/sched.c qmgr/sched.h lib/base/heap.h \
 lib/base/list.h lib/base/span.h qmgr/limits.h lib/base/buf.h \
 lib/base/mem.h lib/base/must.h lib/base/table.h qmgr/qmgr.h \
 lib/calls/delivery_call.h lib/base/why.h lib/calls/queue_call.h \
 lib/queue/qfile.h
qmgr/sched.h:
lib/base/heap.h:
lib/base/list.h:
lib/base/span.h:
qmgr/limits.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/table.h:
qmgr/qmgr.h:
lib/calls/delivery_call.h:
lib/base/why.h:
lib/calls/queue_call.h:
lib/queue/qfile.h:
