/* carry.h - a packet through a socket, as it travels */

#ifndef TESTS_CALLS_CARRY_H
#define TESTS_CALLS_CARRY_H

#include <check.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/packet.h"
#include "os/sock.h"

static inline void
carry(const struct packet_out *o, struct packet_in *in)
{
	int pair[2];

	ck_assert_int_eq(sock_pair(SOCK_SEQPACKET, false, pair), 0);
	ck_assert_int_eq(packet_send(pair[0], o), 0);
	ck_assert_int_eq(packet_recv(pair[1], in), PACKET_OK);
	close(pair[0]);
	close(pair[1]);
}

#endif
