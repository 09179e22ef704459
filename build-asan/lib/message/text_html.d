build-asan/lib/message/text_html.o: lib/message/text_html.c \
 lib/message/text_html.h lib/base/span.h lib/base/buf.h \
 lib/message/html_clean.h
lib/message/text_html.h:
lib/base/span.h:
lib/base/buf.h:
lib/message/html_clean.h:
