/* power.h - x to the power y, without the library that has all of mathematics
 *
 * A program that runs for one message pays for each library it is linked with,
 * on every message, and the sizes of weighted recipes are all that wants this.
 */

#ifndef RULES_POWER_H
#define RULES_POWER_H

/* As pow(): what can be told exactly is exact, the rest within one unit in the
 * last place. */
double power(double x, double y);

#endif
