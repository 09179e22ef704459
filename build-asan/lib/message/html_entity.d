build-asan/lib/message/html_entity.o: lib/message/html_entity.c \
 lib/base/buf.h lib/base/span.h lib/base/number.h lib/base/utf8.h \
 lib/message/charset.h lib/message/html_token.h lib/message/html_clean.h
lib/base/buf.h:
lib/base/span.h:
lib/base/number.h:
lib/base/utf8.h:
lib/message/charset.h:
lib/message/html_token.h:
lib/message/html_clean.h:
