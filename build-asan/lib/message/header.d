build-asan/lib/message/header.o: lib/message/header.c \
 lib/message/header.h lib/base/buf.h lib/base/span.h lib/base/arena.h \
 lib/base/mem.h
lib/message/header.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/mem.h:
