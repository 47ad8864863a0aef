/*
 * Included before every file: calls that must not be made here do not
 * compile. (git's idea.)
 */
#ifndef BANNED_H
#define BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf
#pragma GCC poison gets strtok strtok_r atoi atol atoll atof
#pragma GCC poison gmtime localtime ctime asctime rand srand tmpnam
#pragma GCC poison mktemp setenv putenv

#endif
