build-asan/lib/message/html_style.o: lib/message/html_style.c \
 lib/message/html_style.h lib/base/span.h lib/base/buf.h
lib/message/html_style.h:
lib/base/span.h:
lib/base/buf.h:
