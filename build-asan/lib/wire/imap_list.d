build-asan/lib/wire/imap_list.o: lib/wire/imap_list.c \
 lib/wire/imap_list.h lib/base/span.h lib/base/arena.h \
 lib/wire/imap_parse.h
lib/wire/imap_list.h:
lib/base/span.h:
lib/base/arena.h:
lib/wire/imap_parse.h:
