// What the attempts share. An attempt returns the result of the call that would get through: below zero, with errno
// set, when the system refused it.
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct attempt {
  const char *name;
  long (*try_it)(void);
};

extern const struct attempt socket_attempts[], process_attempts[], kernel_attempts[];

// What the neighbour outside of the sandbox told: its ports, names and ids. Ends the program when it is not there.
const char *told(const char *name);
long told_number(const char *name);
