/* packets.h - the packet that a test makes, and that packet as it came */

#ifndef TESTS_CALLS_PACKETS_H
#define TESTS_CALLS_PACKETS_H

#include "tests/calls/carry.h"

static struct packet_out out;
static struct packet_in in;

static void
packets_begin(void)
{
	out = (struct packet_out){ .id = 0 };
	in = (struct packet_in){ .id = 0 };
}

static void
packets_end(void)
{
	packet_done(&out);
	packet_in_done(&in);
}

static void
deliver(void)
{
	carry(&out, &in);
}

#endif
