// Tries one way out of the sandbox, named by the first argument. Exit status: 0 it got through, 1 the system refused
// (stdout says with which error), 3 there is no such attempt.
#include "attempt.h"
#include <stdio.h>
#include <string.h>

const char *told(const char *name) {
  const char *value = getenv(name);
  if (value != NULL) return value;
  fprintf(stderr, "not told: %s\n", name);
  exit(3);
}

long told_number(const char *name) { return strtol(told(name), NULL, 0); }

static const struct attempt *find(const struct attempt *list, const char *name) {
  for (; list->name != NULL; list++) {
    if (strcmp(list->name, name) == 0) return list;
  }
  return NULL;
}

int main(int argc, char **argv) {
  const struct attempt *lists[] = {socket_attempts, process_attempts, kernel_attempts};
  for (size_t at = 0; argc > 1 && at < 3; at++) {
    const struct attempt *attempt = find(lists[at], argv[1]);
    if (attempt == NULL) continue;
    errno = 0;
    if (attempt->try_it() >= 0) return 0;
    printf("%s\n", strerrorname_np(errno));
    return 1;
  }
  return 3;
}
