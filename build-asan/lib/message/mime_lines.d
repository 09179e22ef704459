build-asan/lib/message/mime_lines.o: lib/message/mime_lines.c \
 lib/message/mime_lines.h lib/base/span.h lib/base/arena.h lib/base/mem.h \
 lib/message/header.h lib/base/buf.h lib/message/mime.h \
 lib/message/encode.h lib/message/mime_field.h
lib/message/mime_lines.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/mem.h:
lib/message/header.h:
lib/base/buf.h:
lib/message/mime.h:
lib/message/encode.h:
lib/message/mime_field.h:
