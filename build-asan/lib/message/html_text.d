build-asan/lib/message/html_text.o: lib/message/html_text.c \
 lib/base/buf.h lib/base/span.h lib/base/utf8.h lib/message/html_token.h \
 lib/message/html_clean.h
lib/base/buf.h:
lib/base/span.h:
lib/base/utf8.h:
lib/message/html_token.h:
lib/message/html_clean.h:
