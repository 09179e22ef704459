/* clock.h - time: one clock for deadlines, one for stamps */

#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

/* Milliseconds of the monotonic clock: for deadlines. Never for storage. */
int64_t clock_ms(void);
/* The wall clock, seconds and microseconds: for stamps in queue and headers. */
int64_t clock_wall(void);
int64_t clock_wall_us(void);

#endif
