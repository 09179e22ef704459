build-asan/tests/queue/test_qfile.o: tests/queue/test_qfile.c \
 lib/queue/qfile.h lib/base/span.h lib/base/arena.h lib/base/buf.h \
 lib/calls/queue_call.h tests/unit.h
lib/queue/qfile.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/calls/queue_call.h:
tests/unit.h:
