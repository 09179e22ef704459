build-asan/qmgr/limits.o: qmgr/limits.c qmgr/limits.h lib/base/buf.h \
 lib/base/span.h lib/base/log.h lib/base/number.h lib/base/why.h \
 lib/config/param.h
qmgr/limits.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/log.h:
lib/base/number.h:
lib/base/why.h:
lib/config/param.h:
