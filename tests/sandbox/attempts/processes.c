// Attempts on a process outside: the neighbour, of the same user, whose id and memory address are told. Inside a
// sandbox its id means nobody or somebody else, so what counts is the neighbour's secret, or its very files.
#include "attempt.h"
#include <dirent.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/uio.h>
#include <sys/wait.h>

static pid_t neighbour(void) { return told_number("NEIGHBOUR"); }

static int open_of_neighbour(const char *what, int flags) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", neighbour(), what);
  return open(path, flags);
}

static long is_secret(const char *bytes) {
  if (memcmp(bytes, told("SECRET"), 8) == 0) return 0;
  errno = ESRCH;
  return -1;
}

static long read_memory(void) {
  char bytes[8];
  struct iovec here = {bytes, 8}, there = {(void *)told_number("SECRET_AT"), 8};
  return process_vm_readv(neighbour(), &here, 1, &there, 1, 0) == 8 ? is_secret(bytes) : -1;
}
static long write_memory(void) {
  char bytes[8];
  memcpy(bytes, told("SECRET"), 8);
  struct iovec here = {bytes, 8}, there = {(void *)told_number("SECRET_AT"), 8};
  return process_vm_writev(neighbour(), &here, 1, &there, 1, 0);
}
static long memory_file(void) {
  char bytes[8];
  int fd = open_of_neighbour("mem", O_RDWR);
  return fd >= 0 && pread(fd, bytes, 8, told_number("SECRET_AT")) == 8 ? is_secret(bytes) : -1;
}
static long trace(void) {
  if (ptrace(PTRACE_ATTACH, neighbour(), 0, 0) < 0) return -1;
  waitpid(neighbour(), NULL, 0);
  return ptrace(PTRACE_DETACH, neighbour(), 0, 0);
}
// Its own child is nobody else's business; a debugger has to hear a plain refusal.
static long trace_child(void) {
  pid_t child = fork();
  if (child == 0) _exit(ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 ? errno : 0);
  int status;
  waitpid(child, &status, 0);
  errno = WEXITSTATUS(status);
  return errno == 0 ? 0 : -1;
}
static long signal_it(void) { return kill(neighbour(), 0); }
static long signal_group(void) {
  pid_t group = getpgid(neighbour());
  return group < 0 ? -1 : kill(-group, 0);
}
static long handle(void) { return syscall(SYS_pidfd_open, neighbour(), 0); }
static long descriptor_of(void) {
  long fd = syscall(SYS_pidfd_open, neighbour(), 0);
  // 1: stdout. Its own pid has one too, so that the refusal is of the call.
  return syscall(SYS_pidfd_getfd, fd < 0 ? syscall(SYS_pidfd_open, getpid(), 0) : fd, 1, 0);
}
static long root_folder(void) { return open_of_neighbour("root", O_PATH); }
static long current_folder(void) { return open_of_neighbour("cwd/.", O_RDONLY); }
static long descriptors(void) { return open_of_neighbour("fd", O_RDONLY | O_DIRECTORY); }
static long environment(void) { return open_of_neighbour("environ", O_RDONLY); }
static long limits(void) { return syscall(SYS_prlimit64, neighbour(), 7, NULL, (long[2]){0}); }
static long priority(void) { return syscall(SYS_sched_getaffinity, neighbour(), 128, (char[128]){0}); }
static long enter_namespace(void) {
  int fd = open_of_neighbour("ns/uts", O_RDONLY);
  return fd < 0 ? -1 : setns(fd, 0);
}
// Whatever number it has here: is it in the list of processes?
static long find_by_name(void) {
  DIR *processes = opendir("/proc");
  for (struct dirent *entry; (entry = readdir(processes)) != NULL;) {
    char path[300], bytes[4096] = {0};
    snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
    int fd = open(path, O_RDONLY);
    long length = fd < 0 ? -1 : read(fd, bytes, sizeof bytes - 1);
    if (fd >= 0) close(fd);
    for (long at = 0; at < length; at += strlen(bytes + at) + 1) {
      if (strcmp(bytes + at, told("SECRET")) == 0) return 0;
    }
  }
  errno = ESRCH;
  return -1;
}
static long queue(void) { return msgget(told_number("KEY"), 0); }
static long shared_memory(void) { return shmget(told_number("KEY"), 0, 0); }
static long posix_queue(void) { return mq_open(told("MQUEUE"), O_WRONLY); }
static long posix_memory(void) {
  char path[300];
  snprintf(path, sizeof path, "/dev/shm/%s", told("POSIX_MEMORY"));
  return open(path, O_RDWR);
}

const struct attempt process_attempts[] = {
    {"read-memory", read_memory}, {"write-memory", write_memory}, {"memory-file", memory_file}, {"trace", trace},
    {"trace-child", trace_child}, {"signal", signal_it}, {"signal-group", signal_group}, {"handle", handle},
    {"descriptor-of", descriptor_of}, {"root-folder", root_folder}, {"current-folder", current_folder},
    {"descriptors", descriptors}, {"environment", environment}, {"limits", limits}, {"priority", priority},
    {"enter-namespace", enter_namespace}, {"find-by-name", find_by_name}, {"queue", queue},
    {"shared-memory", shared_memory}, {"posix-queue", posix_queue}, {"posix-memory", posix_memory}, {NULL, NULL}};
