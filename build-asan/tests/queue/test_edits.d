build-asan/tests/queue/test_edits.o: tests/queue/test_edits.c \
 lib/queue/edits.h lib/base/buf.h lib/base/span.h lib/os/file.h \
 tests/unit.h
lib/queue/edits.h:
lib/base/buf.h:
lib/base/span.h:
lib/os/file.h:
tests/unit.h:
