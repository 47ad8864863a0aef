/* The test build stays open to its leak checker, which uses ptrace. */
#include "harden.h"

void process_harden(void)
{
}
