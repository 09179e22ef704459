build-asan/lib/mauth/canon.o: lib/mauth/canon.c lib/mauth/canon.h \
 lib/base/digest.h lib/base/span.h lib/base/buf.h lib/base/mem.h \
 lib/base/must.h lib/mauth/crypto.h
lib/mauth/canon.h:
lib/base/digest.h:
lib/base/span.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/must.h:
lib/mauth/crypto.h:
