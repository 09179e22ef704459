build-asan/lib/message/utf7.o: lib/message/utf7.c lib/message/utf7.h \
 lib/base/span.h lib/base/buf.h lib/base/utf8.h
lib/message/utf7.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/utf8.h:
