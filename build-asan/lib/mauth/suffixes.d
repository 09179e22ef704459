build-asan/lib/mauth/suffixes.o: lib/mauth/suffixes.c \
 lib/mauth/suffixes.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/base/utf8.h
lib/mauth/suffixes.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/utf8.h:
