build-asan/lib/mauth/arc.o: lib/mauth/arc.c lib/mauth/arc.h \
 lib/base/span.h lib/mauth/dkim.h lib/mauth/dkim_sig.h lib/mauth/canon.h \
 lib/base/digest.h lib/mauth/crypto.h lib/base/buf.h lib/base/number.h \
 lib/mauth/passage.h lib/mauth/tags.h
lib/mauth/arc.h:
lib/base/span.h:
lib/mauth/dkim.h:
lib/mauth/dkim_sig.h:
lib/mauth/canon.h:
lib/base/digest.h:
lib/mauth/crypto.h:
lib/base/buf.h:
lib/base/number.h:
lib/mauth/passage.h:
lib/mauth/tags.h:
