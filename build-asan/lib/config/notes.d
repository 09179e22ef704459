build-asan/lib/config/notes.o: lib/config/notes.c lib/config/notes.h \
 lib/base/buf.h lib/base/span.h lib/base/log.h lib/base/mem.h
lib/config/notes.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/log.h:
lib/base/mem.h:
