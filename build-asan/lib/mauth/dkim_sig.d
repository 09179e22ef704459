build-asan/lib/mauth/dkim_sig.o: lib/mauth/dkim_sig.c \
 lib/mauth/dkim_sig.h lib/mauth/canon.h lib/base/digest.h lib/base/span.h \
 lib/mauth/crypto.h lib/base/arena.h lib/base/buf.h lib/base/number.h \
 lib/dns/name.h lib/mauth/tags.h
lib/mauth/dkim_sig.h:
lib/mauth/canon.h:
lib/base/digest.h:
lib/base/span.h:
lib/mauth/crypto.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/number.h:
lib/dns/name.h:
lib/mauth/tags.h:
