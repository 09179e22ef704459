build-asan/lib/message/html_token.o: lib/message/html_token.c \
 lib/message/html_token.h lib/base/span.h lib/message/html_clean.h
lib/message/html_token.h:
lib/base/span.h:
lib/message/html_clean.h:
