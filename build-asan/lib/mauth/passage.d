build-asan/lib/mauth/passage.o: lib/mauth/passage.c lib/mauth/passage.h \
 lib/base/span.h lib/base/arena.h lib/base/buf.h lib/base/mem.h \
 lib/message/header.h
lib/mauth/passage.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/mem.h:
lib/message/header.h:
