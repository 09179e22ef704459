build-asan/lib/message/html_clean.o: lib/message/html_clean.c \
 lib/message/html_clean.h lib/base/span.h lib/base/buf.h \
 lib/base/number.h lib/base/utf8.h lib/message/html_style.h \
 lib/message/html_token.h
lib/message/html_clean.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/number.h:
lib/base/utf8.h:
lib/message/html_style.h:
lib/message/html_token.h:
