build-asan/lib/message/mime.o: lib/message/mime.c lib/message/mime.h \
 lib/base/span.h lib/message/encode.h lib/base/arena.h lib/base/buf.h \
 lib/base/mem.h lib/message/mime_field.h
lib/message/mime.h:
lib/base/span.h:
lib/message/encode.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/mem.h:
lib/message/mime_field.h:
