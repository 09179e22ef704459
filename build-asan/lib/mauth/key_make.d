build-asan/lib/mauth/key_make.o: lib/mauth/key_make.c \
 lib/mauth/key_make.h lib/mauth/crypto.h lib/base/digest.h \
 lib/base/span.h lib/base/base64.h lib/base/buf.h lib/base/must.h
lib/mauth/key_make.h:
lib/mauth/crypto.h:
lib/base/digest.h:
lib/base/span.h:
lib/base/base64.h:
lib/base/buf.h:
lib/base/must.h:
