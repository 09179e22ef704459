build-asan/lib/message/encode_word.o: lib/message/encode_word.c \
 lib/base/base64.h lib/base/span.h lib/base/buf.h lib/base/number.h \
 lib/base/utf8.h lib/message/charset.h lib/message/encode.h
lib/base/base64.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/number.h:
lib/base/utf8.h:
lib/message/charset.h:
lib/message/encode.h:
