build-asan/lib/message/downgrade.o: lib/message/downgrade.c \
 lib/message/downgrade.h lib/base/buf.h lib/base/span.h lib/base/arena.h \
 lib/base/mem.h lib/message/header.h lib/message/mime.h \
 lib/message/encode.h lib/message/mime_field.h
lib/message/downgrade.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/mem.h:
lib/message/header.h:
lib/message/mime.h:
lib/message/encode.h:
lib/message/mime_field.h:
