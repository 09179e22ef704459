build-asan/lib/mauth/key_table.o: lib/mauth/key_table.c \
 lib/mauth/key_table.h lib/base/span.h lib/mauth/crypto.h \
 lib/base/digest.h lib/base/arena.h lib/base/buf.h lib/base/why.h \
 lib/dns/name.h lib/mauth/suffixes.h lib/os/file.h
lib/mauth/key_table.h:
lib/base/span.h:
lib/mauth/crypto.h:
lib/base/digest.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/why.h:
lib/dns/name.h:
lib/mauth/suffixes.h:
lib/os/file.h:
