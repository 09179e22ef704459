build-asan/lib/message/encode_param.o: lib/message/encode_param.c \
 lib/base/arena.h lib/base/span.h lib/base/buf.h lib/base/number.h \
 lib/message/charset.h lib/message/encode.h
lib/base/arena.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/number.h:
lib/message/charset.h:
lib/message/encode.h:
