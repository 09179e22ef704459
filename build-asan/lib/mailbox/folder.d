build-asan/lib/mailbox/folder.o: lib/mailbox/folder.c \
 lib/mailbox/folder.h lib/base/span.h lib/base/buf.h lib/base/utf8.h \
 lib/message/utf7.h
lib/mailbox/folder.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/utf8.h:
lib/message/utf7.h:
