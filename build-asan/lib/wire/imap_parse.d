build-asan/lib/wire/imap_parse.o: lib/wire/imap_parse.c \
 lib/wire/imap_parse.h lib/base/span.h lib/base/arena.h lib/base/buf.h \
 lib/base/mem.h lib/base/number.h
lib/wire/imap_parse.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/number.h:
