build-asan/lib/service/tool.o: lib/service/tool.c lib/service/tool.h \
 lib/base/buf.h lib/base/span.h lib/base/log.h lib/base/mem.h \
 lib/base/why.h lib/config/param.h lib/config/places.h lib/ipc/ask.h \
 lib/ipc/packet.h
lib/service/tool.h:
lib/base/buf.h:
lib/base/span.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/why.h:
lib/config/param.h:
lib/config/places.h:
lib/ipc/ask.h:
lib/ipc/packet.h:
