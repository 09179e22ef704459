build-asan/tests/queue/test_accept.o: tests/queue/test_accept.c \
 lib/queue/accept.h lib/base/span.h lib/base/buf.h tests/unit.h
lib/queue/accept.h:
lib/base/span.h:
lib/base/buf.h:
tests/unit.h:
