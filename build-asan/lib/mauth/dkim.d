build-asan/lib/mauth/dkim.o: lib/mauth/dkim.c lib/mauth/dkim.h \
 lib/mauth/dkim_sig.h lib/mauth/canon.h lib/base/digest.h lib/base/span.h \
 lib/mauth/crypto.h lib/base/arena.h lib/base/base64.h lib/base/buf.h \
 lib/base/mem.h lib/dns/answer.h lib/dns/name.h lib/mauth/passage.h \
 lib/mauth/tags.h
lib/mauth/dkim.h:
lib/mauth/dkim_sig.h:
lib/mauth/canon.h:
lib/base/digest.h:
lib/base/span.h:
lib/mauth/crypto.h:
lib/base/arena.h:
lib/base/base64.h:
lib/base/buf.h:
lib/base/mem.h:
lib/dns/answer.h:
lib/dns/name.h:
lib/mauth/passage.h:
lib/mauth/tags.h:
