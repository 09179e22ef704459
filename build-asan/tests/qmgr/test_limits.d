build-asan/tests/qmgr/test_limits.o: tests/qmgr/test_limits.c \
 qmgr/limits.h lib/base/log.h lib/base/buf.h lib/base/span.h \
 lib/base/why.h lib/config/param.h tests/unit.h
qmgr/limits.h:
lib/base/log.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/why.h:
lib/config/param.h:
tests/unit.h:
