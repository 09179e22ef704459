build-asan/lib/queue/qfile.o: lib/queue/qfile.c lib/queue/qfile.h \
 lib/base/span.h lib/base/arena.h lib/base/buf.h lib/base/crc.h \
 lib/base/must.h
lib/queue/qfile.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/crc.h:
lib/base/must.h:
