build-asan/lib/message/mime_part.o: lib/message/mime_part.c \
 lib/base/buf.h lib/base/span.h lib/base/utf8.h lib/message/charset.h \
 lib/message/mime.h lib/message/encode.h
lib/base/buf.h:
lib/base/span.h:
lib/base/utf8.h:
lib/message/charset.h:
lib/message/mime.h:
lib/message/encode.h:
