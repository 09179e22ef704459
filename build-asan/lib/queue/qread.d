build-asan/lib/queue/qread.o: lib/queue/qread.c lib/queue/qread.h \
 lib/queue/qfile.h lib/base/span.h lib/base/arena.h lib/base/buf.h \
 lib/os/file.h
lib/queue/qread.h:
lib/queue/qfile.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/os/file.h:
