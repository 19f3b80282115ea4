// SPDX-License-Identifier: GPL-2.0-or-later
// A library to preload into an IKE daemon: answers its XFRM and PF_KEY messages like a kernel with
// IPsec, and frames its TCP connections as the kernel's "espintcp" does (RFC 9329). Nothing is
// encrypted by it; it lets a daemon finish its negotiations where the kernel has no ESP.
//
//     gcc -shared -fPIC -o fake_kernel.so fake_kernel.c
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/pfkeyv2.h>
#include <linux/udp.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FDS 4096
#define MAX_ANSWER 65536
#define IS_FAKE(fd) ((fd) >= 0 && (fd) < MAX_FDS && far_end[fd])

// The kernel's end of a faked XFRM socket, 0 where a descriptor is not ours.
static int far_end[MAX_FDS];

// Descriptors that have become "espintcp"
static bool framed[MAX_FDS];
#define IS_FRAMED(fd) ((fd) >= 0 && (fd) < MAX_FDS && framed[fd])

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// Sends an answer from the kernel's end.
static void answer(int kernel, const void *data, size_t size)
{
    (void)!REAL(send)(kernel, data, size, MSG_DONTWAIT);
}

static uint32_t random_spi(void)
{
    uint32_t spi;
    if (getrandom(&spi, sizeof spi, 0) != sizeof spi)
        spi = 0x5a5a5a5a;
    return htonl(spi | 0x10000000);
}

// Answers one XFRM request: an SPI where one is asked for, an end of list, else success.
static void xfrm_request(int kernel, const struct nlmsghdr *request)
{
    struct {
        struct nlmsghdr head;
        union {
            struct xfrm_usersa_info sa;
            struct nlmsgerr error;
            int done;
        } body;
    } reply;

    memset(&reply, 0, sizeof reply);
    reply.head = *request;
    reply.head.nlmsg_flags = 0;
    if (request->nlmsg_type == XFRM_MSG_ALLOCSPI) {
        const struct xfrm_userspi_info *asked = NLMSG_DATA(request);
        reply.body.sa = asked->info;
        // IPComp wants a CPI of 16 bits
        reply.body.sa.id.spi =
            asked->max <= 0xffff ? htonl(0x100 + (ntohl(random_spi()) & 0xefff)) : random_spi();
        reply.head.nlmsg_type = XFRM_MSG_NEWSA;
        reply.head.nlmsg_len = NLMSG_LENGTH(sizeof reply.body.sa);
        answer(kernel, &reply, reply.head.nlmsg_len);
        if (!(request->nlmsg_flags & NLM_F_ACK))
            return;
        memset(&reply.body, 0, sizeof reply.body);
    } else if ((request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP) {
        reply.head.nlmsg_type = NLMSG_DONE;
        reply.head.nlmsg_len = NLMSG_LENGTH(sizeof reply.body.done);
        answer(kernel, &reply, reply.head.nlmsg_len);
        return;
    }
    reply.head.nlmsg_type = NLMSG_ERROR;
    reply.head.nlmsg_len = NLMSG_LENGTH(sizeof reply.body.error);
    reply.body.error.error =
        request->nlmsg_type == XFRM_MSG_GETSA || request->nlmsg_type == XFRM_MSG_GETPOLICY ? -ESRCH
                                                                                           : 0;
    reply.body.error.msg = *request;
    answer(kernel, &reply, reply.head.nlmsg_len);
}

// Answers one PF_KEY request: the same message back, with an SPI where one is asked for.
static void pfkey_request(int kernel, const uint8_t *request, size_t size)
{
    uint8_t reply[MAX_ANSWER];
    struct sadb_msg *head = (struct sadb_msg *)reply;

    if (size < sizeof *head || size > sizeof reply - sizeof(struct sadb_sa))
        return;
    memcpy(reply, request, size);
    head->sadb_msg_errno = 0;
    if (head->sadb_msg_type == SADB_DUMP || head->sadb_msg_type == SADB_X_SPDDUMP) {
        size = sizeof *head;
    } else if (head->sadb_msg_type == SADB_GETSPI) {
        struct sadb_sa sa = {.sadb_sa_len = sizeof sa / 8,
                             .sadb_sa_exttype = SADB_EXT_SA,
                             .sadb_sa_spi = random_spi()};
        memcpy(reply + size, &sa, sizeof sa);
        size += sizeof sa;
    }
    head->sadb_msg_len = (uint16_t)(size / 8);
    answer(kernel, reply, size);
}

// A PF_KEY socket may be handed to another process: a thread here reads what comes through it.
static void *pfkey_kernel(void *argument)
{
    static uint8_t request[MAX_ANSWER];
    int fd = (int)(intptr_t)argument;
    ssize_t size;
    while ((size = REAL(recv)(fd, request, sizeof request, 0)) > 0)
        pfkey_request(fd, request, (size_t)size);
    return NULL;
}

// Takes what the daemon sends to XFRM: one datagram with one or more messages in it.
static ssize_t take(int fd, const void *data, size_t size)
{
    const struct nlmsghdr *message = data;
    size_t left = size;
    while (NLMSG_OK(message, left)) {
        xfrm_request(far_end[fd], message);
        message = NLMSG_NEXT(message, left);
    }
    return (ssize_t)size;
}

static ssize_t take_vector(int fd, const struct iovec *parts, size_t count)
{
    static uint8_t whole[MAX_ANSWER];
    size_t size = 0;
    for (size_t i = 0; i < count && parts[i].iov_len <= sizeof whole - size; i++) {
        memcpy(whole + size, parts[i].iov_base, parts[i].iov_len);
        size += parts[i].iov_len;
    }
    return take(fd, whole, size);
}

// Sends one message on an espintcp connection: its length, then itself.
static ssize_t framed_send(int fd, const void *data, size_t size)
{
    uint16_t length = htons((uint16_t)(size + sizeof length));
    struct iovec parts[] = {{&length, sizeof length}, {(void *)data, size}};
    ssize_t sent = REAL(writev)(fd, parts, 2);
    return sent < 0 ? sent : (ssize_t)size;
}

// Receives one whole message of an espintcp connection, or none yet.
static ssize_t framed_receive(int fd, void *data, size_t room)
{
    uint8_t length[2];
    int waiting = 0;
    size_t size;

    ssize_t got = REAL(recv)(fd, length, sizeof length, MSG_PEEK);
    if (got <= 0)
        return got;
    size = (size_t)(length[0] << 8 | length[1]);
    if (got < 2 || ioctl(fd, FIONREAD, &waiting) < 0 || (size_t)waiting < size)
        return errno = EAGAIN, -1;
    (void)!REAL(recv)(fd, length, sizeof length, 0);
    return REAL(recv)(fd, data, size - 2 < room ? size - 2 : room, 0);
}

int socket(int domain, int type, int protocol)
{
    int pair[2];
    if (!(domain == AF_NETLINK && protocol == NETLINK_XFRM) && domain != AF_KEY)
        return REAL(socket)(domain, type, protocol);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | (type & (SOCK_CLOEXEC | SOCK_NONBLOCK)), 0, pair) < 0)
        return -1;
    if (pair[0] >= MAX_FDS)
        return errno = EMFILE, -1;
    if (domain == AF_KEY) {
        pthread_t kernel;
        if (pthread_create(&kernel, NULL, pfkey_kernel, (void *)(intptr_t)pair[1]) == 0)
            pthread_detach(kernel);
    } else {
        far_end[pair[0]] = pair[1];
    }
    return pair[0];
}

int close(int fd)
{
    if (IS_FRAMED(fd))
        framed[fd] = false;
    if (IS_FAKE(fd)) {
        REAL(close)(far_end[fd]);
        far_end[fd] = 0;
    }
    return REAL(close)(fd);
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
    return IS_FAKE(fd) ? 0 : REAL(bind)(fd, address, length);
}

static void kernel_address(struct sockaddr *address, socklen_t *length)
{
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    if (!address || !length)
        return;
    memcpy(address, &kernel, *length < sizeof kernel ? *length : sizeof kernel);
    *length = sizeof kernel;
}

int getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
    if (!IS_FAKE(fd))
        return REAL(getsockname)(fd, address, length);
    kernel_address(address, length);
    ((struct sockaddr_nl *)address)->nl_pid = (uint32_t)getpid();
    return 0;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    if (IS_FAKE(fd) || (level == IPPROTO_UDP && name == UDP_ENCAP) ||
        (level == IPPROTO_IP && (name == IP_XFRM_POLICY || name == IP_IPSEC_POLICY)) ||
        (level == IPPROTO_IPV6 && (name == IPV6_XFRM_POLICY || name == IPV6_IPSEC_POLICY)))
        return 0;
    if (level == IPPROTO_TCP && name == TCP_ULP && fd >= 0 && fd < MAX_FDS)
        return framed[fd] = true, 0;
    return REAL(setsockopt)(fd, level, name, value, length);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    if (IS_FRAMED(fd))
        return framed_send(fd, data, size);
    return IS_FAKE(fd) ? take(fd, data, size) : REAL(send)(fd, data, size, flags);
}

ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
               socklen_t length)
{
    if (IS_FRAMED(fd))
        return framed_send(fd, data, size);
    return IS_FAKE(fd) ? take(fd, data, size) : REAL(sendto)(fd, data, size, flags, to, length);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    return IS_FAKE(fd) ? take_vector(fd, message->msg_iov, message->msg_iovlen)
                       : REAL(sendmsg)(fd, message, flags);
}

ssize_t write(int fd, const void *data, size_t size)
{
    if (IS_FRAMED(fd))
        return framed_send(fd, data, size);
    return IS_FAKE(fd) ? take(fd, data, size) : REAL(write)(fd, data, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return IS_FAKE(fd) ? take_vector(fd, parts, (size_t)count) : REAL(writev)(fd, parts, count);
}

ssize_t recv(int fd, void *data, size_t size, int flags)
{
    return IS_FRAMED(fd) ? framed_receive(fd, data, size) : REAL(recv)(fd, data, size, flags);
}

ssize_t read(int fd, void *data, size_t size)
{
    return IS_FRAMED(fd) ? framed_receive(fd, data, size) : REAL(read)(fd, data, size);
}

ssize_t recvfrom(int fd, void *data, size_t size, int flags, struct sockaddr *from,
                 socklen_t *length)
{
    if (IS_FRAMED(fd))
        return framed_receive(fd, data, size);
    if (!IS_FAKE(fd))
        return REAL(recvfrom)(fd, data, size, flags, from, length);
    kernel_address(from, length);
    return REAL(recv)(fd, data, size, flags);
}

// What a program built with _FORTIFY_SOURCE calls instead of recv(), read() and recvfrom().
ssize_t __recv_chk(int fd, void *data, size_t size, size_t room, int flags)
{
    return recv(fd, data, size < room ? size : room, flags);
}

ssize_t __read_chk(int fd, void *data, size_t size, size_t room)
{
    return read(fd, data, size < room ? size : room);
}

ssize_t __recvfrom_chk(int fd, void *data, size_t size, size_t room, int flags,
                       struct sockaddr *from, socklen_t *length)
{
    return recvfrom(fd, data, size < room ? size : room, flags, from, length);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    ssize_t got = REAL(recvmsg)(fd, message, flags);
    if (IS_FAKE(fd) && message->msg_name) {
        message->msg_namelen = sizeof(struct sockaddr_nl);
        memset(message->msg_name, 0, sizeof(struct sockaddr_nl));
        ((struct sockaddr_nl *)message->msg_name)->nl_family = AF_NETLINK;
    }
    return got;
}
