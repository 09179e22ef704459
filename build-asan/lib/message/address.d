build-asan/lib/message/address.o: lib/message/address.c \
 lib/message/address.h lib/base/span.h lib/base/buf.h lib/base/utf8.h
lib/message/address.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/utf8.h:
