// Attempts on the kernel itself: mounts, namespaces, keys, and calls that a command has no business with. Each is
// harmless where it gets through: what it changes it changes to what was there, or only for itself.
#include "attempt.h"
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>

#define USER_KEYRING (-4)
#define THREAD_KEYRING (-1)

static long keyring(void) { return syscall(SYS_keyctl, 0, USER_KEYRING, 0); }
static long add_key(void) { return syscall(SYS_add_key, "user", "codex-test", "x", 1, THREAD_KEYRING); }
static long request_key(void) {
  long result = syscall(SYS_request_key, "user", "codex-test-missing", NULL, 0);
  // The kernel looked for it.
  return result < 0 && errno == ENOKEY ? 0 : result;
}
static long bpf(void) {
  union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
  return syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map);
}
static long perf(void) {
  struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event, .exclude_kernel = 1};
  return syscall(SYS_perf_event_open, &event, 0, -1, -1, 0);
}
static long userfault(void) { return syscall(SYS_userfaultfd, 1 /* user mode only */); }
static long io_uring(void) { return syscall(SYS_io_uring_setup, 1, (char[256]){0}); }
static long kernel_log(void) { return klogctl(10 /* size of the buffer */, NULL, 0) < 0 ? -1 : klogctl(3, (char[64]){0}, 64); }
static long host_name(void) {
  char name[65] = {0};
  return gethostname(name, 64) < 0 ? -1 : sethostname(name, strlen(name));
}
static long watch_all_files(void) { return fanotify_init(FAN_CLASS_CONTENT, O_RDONLY); }
static long by_handle(void) {
  struct { struct file_handle handle; char bytes[128]; } file = {.handle.handle_bytes = 128};
  int mount;
  if (name_to_handle_at(AT_FDCWD, "/etc/passwd", &file.handle, &mount, 0) < 0) return -1;
  return open_by_handle_at(open("/", O_RDONLY), &file.handle, O_RDONLY);
}
static long device(void) {
  if (mknod("codex-device", S_IFBLK | 0600, makedev(254, 0)) < 0) return -1;
  return unlink("codex-device");
}

// In a mount namespace of its own where that is allowed, so that nothing of it stays.
static long alone(void) {
  if (unshare(CLONE_NEWNS) < 0) return 0;
  return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}
static long mount_folder(void) { return alone(), mount("none", "/mnt", "tmpfs", 0, NULL); }
static long mount_bind(void) { return alone(), mount("/", "/mnt", NULL, MS_BIND, NULL); }
static long unmount(void) { return alone(), umount2("/proc", MNT_DETACH); }
static long new_mount(void) { return syscall(SYS_fsopen, "tmpfs", 0); }
static long copy_tree(void) { return syscall(SYS_open_tree, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */); }
static long mount_attributes(void) {
  long clear_read_only[4] = {0, 1, 0, 0};
  return alone(), syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, clear_read_only, sizeof clear_read_only);
}
static long change_root(void) { return chroot("/"); }
static long unshare_mounts(void) { return unshare(CLONE_NEWNS); }
static long unshare_user(void) { return unshare(CLONE_NEWUSER); }
static long clone_user(void) {
  long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  return child;
}
static long clone3_user(void) {
  struct clone_args call = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
  long child = syscall(SYS_clone3, &call, sizeof call);
  if (child == 0) _exit(0);
  return child;
}
// A namespace of its own gives all capabilities in it: do they lift what is read-only here?
static long remount_in_user_namespace(void) {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) return -1;
  return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL);
}

static long type_into_terminal(void) { return ioctl(0, TIOCSTI, " "); }
static long type_with_upper_bits(void) { return syscall(SYS_ioctl, 0L, TIOCSTI | 1L << 40, " "); }
static long console_selection(void) {
  long result = ioctl(0, TIOCLINUX, "\x03");
  // Only a virtual console has one: anything else is told so by the terminal, past every filter.
  return result < 0 && errno == ENOTTY ? 0 : result;
}

const struct attempt kernel_attempts[] = {
    {"keyring", keyring}, {"add-key", add_key}, {"request-key", request_key}, {"bpf", bpf}, {"perf", perf},
    {"userfault", userfault}, {"io-uring", io_uring}, {"kernel-log", kernel_log},
    {"host-name", host_name}, {"watch-all-files", watch_all_files}, {"by-handle", by_handle}, {"device", device},
    {"mount-folder", mount_folder}, {"mount-bind", mount_bind}, {"unmount", unmount}, {"new-mount", new_mount},
    {"copy-tree", copy_tree}, {"mount-attributes", mount_attributes}, {"change-root", change_root},
    {"unshare-mounts", unshare_mounts}, {"unshare-user", unshare_user}, {"clone-user", clone_user},
    {"clone3-user", clone3_user}, {"remount-in-user-namespace", remount_in_user_namespace},
    {"type-into-terminal", type_into_terminal}, {"type-with-upper-bits", type_with_upper_bits},
    {"console-selection", console_selection}, {NULL, NULL}};
