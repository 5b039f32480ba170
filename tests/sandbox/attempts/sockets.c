// Attempts to reach somebody outside by a socket.
#include "attempt.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_in loopback(const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(told_number(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A name that begins with @ is abstract.
static socklen_t named(struct sockaddr_un *address, const char *name) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  strncpy(address->sun_path, name, sizeof address->sun_path - 1);
  if (name[0] == '@') address->sun_path[0] = 0;
  return offsetof(struct sockaddr_un, sun_path) + strlen(name) + (name[0] != '@');
}

static long send_message(int fd, void *address, socklen_t length) {
  struct iovec part = {.iov_base = "x", .iov_len = 1};
  struct mmsghdr message = {.msg_hdr = {address, length, &part, 1, NULL, 0, 0}};
  return sendmsg(fd, &message.msg_hdr, 0);
}

static long unix_connect(int type, const char *name) {
  struct sockaddr_un address;
  socklen_t length = named(&address, told(name));
  int fd = socket(AF_UNIX, type, 0);
  return fd < 0 ? -1 : connect(fd, (void *)&address, length);
}

static long unix_send(int type, const char *name) {
  struct sockaddr_un address;
  socklen_t length = named(&address, told(name));
  int fd = socket(AF_UNIX, type, 0);
  return fd < 0 ? -1 : send_message(fd, &address, length);
}

static long tcp(void) {
  struct sockaddr_in address = loopback("TCP");
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd < 0 ? -1 : connect(fd, (void *)&address, sizeof address);
}
static long tcp_fast_open(void) {
  struct sockaddr_in address = loopback("TCP");
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd < 0 ? -1 : sendto(fd, "x", 1, MSG_FASTOPEN, (void *)&address, sizeof address);
}
static long udp(void) {
  struct sockaddr_in address = loopback("UDP");
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  return fd < 0 ? -1 : send_message(fd, &address, sizeof address);
}
static long ipv6(void) {
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(told_number("UDP"))};
  address.sin6_addr = in6addr_loopback;
  int fd = socket(AF_INET6, SOCK_DGRAM, 0);
  return fd < 0 ? -1 : sendto(fd, "x", 1, 0, (void *)&address, sizeof address);
}
static long serve_tcp(void) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd < 0 || bind(fd, (void *)&address, sizeof address) < 0 ? -1 : listen(fd, 1);
}
static long raw(void) { return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
static long packet(void) { return socket(AF_PACKET, SOCK_RAW, htons(3)); }
static long netlink(void) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK};
  int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  return fd < 0 ? -1 : bind(fd, (void *)&address, sizeof address);
}
static long vsock(void) { return socket(AF_VSOCK, SOCK_STREAM, 0); }
static long stream(void) { return unix_connect(SOCK_STREAM, "STREAM"); }
static long seqpacket(void) { return unix_connect(SOCK_SEQPACKET, "SEQPACKET"); }
static long abstract_stream(void) { return unix_connect(SOCK_STREAM, "ABSTRACT_STREAM"); }
static long dgram_connect(void) { return unix_connect(SOCK_DGRAM, "DGRAM"); }
static long dgram_sendmsg(void) { return unix_send(SOCK_DGRAM, "DGRAM"); }
// The kernel makes a datagram socket of it.
static long raw_sendmsg(void) { return unix_send(SOCK_RAW, "DGRAM"); }
static long abstract_sendmsg(void) { return unix_send(SOCK_DGRAM | SOCK_CLOEXEC, "ABSTRACT_DGRAM"); }
static long dgram_sendto(void) {
  struct sockaddr_un address;
  socklen_t length = named(&address, told("DGRAM"));
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  return fd < 0 ? -1 : sendto(fd, "x", 1, 0, (void *)&address, length);
}
static long dgram_sendmmsg(void) {
  struct sockaddr_un address;
  struct iovec part = {.iov_base = "x", .iov_len = 1};
  struct mmsghdr message = {.msg_hdr = {&address, named(&address, told("DGRAM")), &part, 1, NULL, 0, 0}};
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  return fd < 0 ? -1 : sendmmsg(fd, &message, 1, 0);
}
// A pair is connected; an address in the message leads elsewhere all the same.
static long pair_sendmsg(void) {
  struct sockaddr_un address;
  socklen_t length = named(&address, told("DGRAM"));
  int pair[2];
  return socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0 ? -1 : send_message(pair[0], &address, length);
}
static long upper_bits(void) {
  // The kernel looks at 32 bits of each argument; a filter that compares 64 lets this pass.
  long fd = syscall(SYS_socket, AF_UNIX | 1L << 40, SOCK_DGRAM | 1L << 40, 0L);
  struct sockaddr_un address;
  socklen_t length = named(&address, told("DGRAM"));
  return fd < 0 ? -1 : send_message(fd, &address, length);
}

const struct attempt socket_attempts[] = {
    {"tcp", tcp}, {"tcp-fast-open", tcp_fast_open}, {"udp", udp}, {"ipv6", ipv6}, {"serve-tcp", serve_tcp},
    {"raw", raw}, {"packet", packet}, {"netlink", netlink}, {"vsock", vsock},
    {"stream", stream}, {"seqpacket", seqpacket}, {"abstract-stream", abstract_stream},
    {"dgram-connect", dgram_connect}, {"dgram-sendmsg", dgram_sendmsg}, {"raw-sendmsg", raw_sendmsg},
    {"abstract-sendmsg", abstract_sendmsg}, {"dgram-sendto", dgram_sendto}, {"dgram-sendmmsg", dgram_sendmmsg},
    {"pair-sendmsg", pair_sendmsg}, {"upper-bits", upper_bits}, {NULL, NULL}};
