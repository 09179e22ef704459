build-asan/lib/wire/imap_fetch.o: lib/wire/imap_fetch.c \
 lib/wire/imap_fetch.h lib/base/span.h lib/base/arena.h lib/base/buf.h \
 lib/wire/imap_parse.h
lib/wire/imap_fetch.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/wire/imap_parse.h:
