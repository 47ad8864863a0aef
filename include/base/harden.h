/*
 * Closes the process's memory to others: no core dumps, no ptrace. The test
 * build does not (its leak checker must look inside): harden_real.c and
 * harden_test.c, chosen by the Makefile.
 */
#ifndef BASE_HARDEN_H
#define BASE_HARDEN_H

void process_harden(void);

#endif
