build-asan/lib/message/charset.o: lib/message/charset.c \
 lib/message/charset.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/base/utf8.h
lib/message/charset.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/utf8.h:
