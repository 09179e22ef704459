build-asan/lib/queue/edits.o: lib/queue/edits.c lib/queue/edits.h \
 lib/base/buf.h lib/base/span.h lib/base/mem.h lib/base/must.h \
 lib/os/file.h
lib/queue/edits.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/must.h:
lib/os/file.h:
