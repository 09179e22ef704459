build-asan/lib/message/compose.o: lib/message/compose.c \
 lib/message/compose.h lib/base/span.h lib/base/base64.h lib/base/buf.h \
 lib/base/mem.h lib/base/must.h lib/base/utf8.h lib/message/address.h \
 lib/message/charset.h lib/message/date.h lib/message/encode.h \
 lib/message/header.h
lib/message/compose.h:
lib/base/span.h:
lib/base/base64.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/base/utf8.h:
lib/message/address.h:
lib/message/charset.h:
lib/message/date.h:
lib/message/encode.h:
lib/message/header.h:
