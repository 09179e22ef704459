build-asan/lib/sasl/sasl_client.o: lib/sasl/sasl_client.c \
 lib/sasl/sasl_client.h lib/base/span.h lib/base/base64.h lib/base/buf.h \
 lib/base/mem.h lib/base/secret.h
lib/sasl/sasl_client.h:
lib/base/span.h:
lib/base/base64.h:
lib/base/buf.h:
lib/base/mem.h:
lib/base/secret.h:
