/* vacation.h - facteur vacation; also called vacation */

#ifndef TOOLS_FACTEUR_VACATION_H
#define TOOLS_FACTEUR_VACATION_H

/* argv[0] is the name it has in messages. Returns the exit code. */
int vacation_main(int argc, char **argv);

#endif
