build-asan/lib/mauth/crypto.o: lib/mauth/crypto.c lib/mauth/crypto.h \
 lib/base/digest.h lib/base/span.h lib/base/mem.h lib/base/must.h
lib/mauth/crypto.h:
lib/base/digest.h:
lib/base/span.h:
lib/base/mem.h:
lib/base/must.h:
