build-asan/lib/message/encode.o: lib/message/encode.c \
 lib/message/encode.h lib/base/span.h lib/base/buf.h lib/base/number.h
lib/message/encode.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/number.h:
