build-asan/lib/wire/imap_search.o: lib/wire/imap_search.c \
 lib/wire/imap_search.h lib/wire/imap_parse.h lib/base/span.h \
 lib/base/arena.h lib/base/mem.h
lib/wire/imap_search.h:
lib/wire/imap_parse.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/mem.h:
