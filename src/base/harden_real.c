/* Keys are in this memory: nobody else may look at it. */
#include "harden.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void process_harden(void)
{
	const struct rlimit none = {0, 0};

	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
}
