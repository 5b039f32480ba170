// Somebody outside of the sandbox, of the same user: serves sockets of every kind in the folder given first, holds
// queues and shared memory, and keeps the secret given second. Prints where all that is, one NAME=value a line, and
// stays until its input ends.
#include <arpa/inet.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void need(long result, const char *what) {
  if (result >= 0) return;
  perror(what);
  exit(1);
}

static void serve_internet(int type, const char *name) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, type, 0);
  need(bind(fd, (void *)&address, length), name);
  if (type == SOCK_STREAM) need(listen(fd, 100), name);
  getsockname(fd, (void *)&address, &length);
  printf("%s=%d\n", name, ntohs(address.sin_port));
}

static void serve_local(int type, const char *folder, const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder, name);
  int is_abstract = folder[0] == '@';
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(address.sun_path) + !is_abstract;
  printf("%s=%s\n", name, address.sun_path);
  if (is_abstract) address.sun_path[0] = 0;
  int fd = socket(AF_UNIX, type, 0);
  need(bind(fd, (void *)&address, length), name);
  if (type != SOCK_DGRAM) need(listen(fd, 100), name);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const char *folder = argv[1], *secret = argv[2];
  char abstract[100], name[100];
  snprintf(abstract, sizeof abstract, "@codex-test-%d", getpid());
  serve_internet(SOCK_STREAM, "TCP");
  serve_internet(SOCK_DGRAM, "UDP");
  serve_local(SOCK_STREAM, folder, "STREAM");
  serve_local(SOCK_SEQPACKET, folder, "SEQPACKET");
  serve_local(SOCK_DGRAM, folder, "DGRAM");
  serve_local(SOCK_STREAM, abstract, "ABSTRACT_STREAM");
  serve_local(SOCK_DGRAM, abstract, "ABSTRACT_DGRAM");
  key_t key = 0x5d000000 | getpid();
  int queue = msgget(key, IPC_CREAT | 0600), memory = shmget(key, 4096, IPC_CREAT | 0600);
  need(queue, "msgget");
  need(memory, "shmget");
  snprintf(name, sizeof name, "/codex-test-%d", getpid());
  need(mq_open(name, O_CREAT | O_RDWR, 0600, NULL), "mq_open");
  need(shm_open(name, O_CREAT | O_RDWR, 0600), "shm_open");
  printf("MQUEUE=%s\nPOSIX_MEMORY=%s\nKEY=%d\n", name, name + 1, key);
  printf("NEIGHBOUR=%d\nSECRET=%s\nSECRET_AT=%p\nREADY=1\n", getpid(), secret, (void *)secret);
  fflush(stdout);
  while (read(0, (char[64]){0}, 64) > 0) {
  }
  msgctl(queue, IPC_RMID, NULL);
  shmctl(memory, IPC_RMID, NULL);
  mq_unlink(name);
  shm_unlink(name);
  return 0;
}
