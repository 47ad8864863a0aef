/*
 * The floor that tests/bench/http measures against: a textbook libfcgi
 * worker with a fixed reply, no gate, no database. Listens on fd 0.
 */
#include <fcgiapp.h>

int main(void)
{
	static const char reply[] = "Content-Type: application/json\r\n\r\n"
				    "{\"status\":\"ok\"}";
	FCGX_Request request;

	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&request) >= 0)
		(void)FCGX_PutStr(reply, (int)sizeof(reply) - 1, request.out);
	return 0;
}
