build-asan/lib/queue/accept.o: lib/queue/accept.c lib/queue/accept.h \
 lib/base/span.h lib/base/buf.h lib/base/crc.h lib/base/must.h
lib/queue/accept.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/crc.h:
lib/base/must.h:
