build-asan/lib/calls/sign_job.o: lib/calls/sign_job.c \
 lib/calls/sign_job.h lib/base/span.h lib/base/arena.h lib/base/buf.h \
 lib/base/log.h lib/base/mem.h lib/base/must.h lib/calls/key_call.h \
 lib/ipc/channel.h lib/ipc/packet.h lib/mauth/arc.h lib/mauth/dkim.h \
 lib/mauth/dkim_sig.h lib/mauth/canon.h lib/base/digest.h \
 lib/mauth/crypto.h lib/mauth/dmarc.h lib/mauth/key_table.h \
 lib/mauth/passage.h lib/os/clock.h lib/os/loop.h lib/queue/edits.h
lib/calls/sign_job.h:
lib/base/span.h:
lib/base/arena.h:
lib/base/buf.h:
lib/base/log.h:
lib/base/mem.h:
lib/base/must.h:
lib/calls/key_call.h:
lib/ipc/channel.h:
lib/ipc/packet.h:
lib/mauth/arc.h:
lib/mauth/dkim.h:
lib/mauth/dkim_sig.h:
lib/mauth/canon.h:
lib/base/digest.h:
lib/mauth/crypto.h:
lib/mauth/dmarc.h:
lib/mauth/key_table.h:
lib/mauth/passage.h:
lib/os/clock.h:
lib/os/loop.h:
lib/queue/edits.h:
