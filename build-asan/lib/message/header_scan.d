build-asan/lib/message/header_scan.o: lib/message/header_scan.c \
 lib/base/mem.h lib/message/header.h lib/base/buf.h lib/base/span.h
lib/base/mem.h:
lib/message/header.h:
lib/base/buf.h:
lib/base/span.h:
