build-asan/lib/message/mime_field.o: lib/message/mime_field.c \
 lib/message/mime_field.h lib/base/span.h lib/base/arena.h lib/base/buf.h \
 lib/message/header.h lib/message/mime.h lib/message/encode.h
lib/message/mime_field.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/message/header.h:
lib/message/mime.h:
lib/message/encode.h:
