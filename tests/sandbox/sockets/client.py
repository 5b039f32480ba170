# Attempts to reach local sockets, one line each: `NAME: what came of it`. Words are `ATTEMPT:PATH`.
import errno, fcntl, os, socket, struct, subprocess, sys, threading

HERE = os.path.abspath(__file__)


def talk(path, kind=socket.SOCK_STREAM, prepare=lambda s: None):
    with socket.socket(socket.AF_UNIX, kind) as s:
        prepare(s)
        s.connect(path)
        s.setblocking(True)
        s.sendall(b"ping")
        return s.recv(100).decode()


def flags(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.setblocking(False)
        copy = os.dup(s.fileno())
        s.settimeout(None)
        s.setblocking(False)
        s.connect(path)
        left = struct.unpack("2q", s.getsockopt(socket.SOL_SOCKET, 21, 16))
        kept = [fcntl.fcntl(s, fcntl.F_GETFL) & os.O_NONBLOCK != 0, fcntl.fcntl(s, fcntl.F_GETFD)]
        os.write(copy, b"copy")
        s.setblocking(True)
        peer = struct.unpack("3i", s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return [*kept, left, s.recv(100).decode(), s.getpeername() == path, peer[1] == os.getuid()]


def in_thread(path):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(talk(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(set(answers)), len(answers)


def datagram(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(b"x", path)
        return "sent"


def tcp(port):
    with socket.create_connection(("127.0.0.1", int(port)), 5) as s:
        return "connected"


def own(_):
    answers = []
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as server:
            server.bind((address, 0))
            server.listen()
            for blocking in (True, False):
                with socket.socket(family) as s:
                    s.setblocking(blocking)
                    try:
                        s.connect(server.getsockname()[:2])
                    except BlockingIOError:
                        pass
                    s.setblocking(True)
                    server.accept()[0].sendall(b"own")
                    answers.append(s.recv(10).decode())
        with socket.socket(family) as s:
            answers.append(errno.errorcode[s.connect_ex((address, 1))])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", 9))
        answers.append(s.getpeername()[1])
    return answers


def odd(path):
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    name = os.fsencode(path)
    unix = struct.pack("H", socket.AF_UNIX)

    def connect(fd, address, length=None):
        ctypes.set_errno(0)
        libc.connect(fd, address, len(address) if length is None else length)
        return errno.errorcode.get(ctypes.get_errno(), "0")

    with socket.socket(socket.AF_UNIX) as s:
        fd = s.fileno()
        return [
            connect(fd, unix + name, 0),
            connect(fd, unix + name, -1),
            connect(fd, unix + name + b"\0" * 200, 200),
            connect(fd, None, 16),
            connect(fd, ctypes.c_void_p(8), 16),
            connect(fd, unix + b"/nowhere\xff\n"),
            connect(fd, unix + b"/" * 108),
            connect(-1, unix + name),
            connect(1000, unix + name),
            connect(0, unix + name),
            connect(fd, unix + name + b"\0garbage"),
        ]


def relative(path):
    os.chdir(os.path.dirname(path))
    return talk(os.path.basename(path))


def full(path):
    kept = []
    while True:
        s = socket.socket(socket.AF_UNIX)
        kept.append(s)
        s.setblocking(False)
        s.connect(path)


def timed(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.setsockopt(socket.SOL_SOCKET, 21, struct.pack("2q", 0, 50_000))
        s.connect(path)
        return "connected"


def planted(path):
    link, _, target = path.partition("=")
    os.symlink(target, link)
    return talk(link)


ATTEMPTS = {
    "stream": talk,
    "seqpacket": lambda path: talk(path, socket.SOCK_SEQPACKET),
    "nonblocking": lambda path: talk(path, prepare=lambda s: s.setblocking(False)),
    "flags": flags,
    "threads": in_thread,
    "relative": relative,
    "program": lambda path: subprocess.run(
        ["sh", "-c", f"(python3 {HERE} stream:{path})"], capture_output=True, text=True
    ).stdout.strip(),
    "abstract": lambda name: talk("\0" + name),
    "datagram": datagram,
    "serve": lambda path: socket.socket(socket.AF_UNIX).bind(path),
    "tcp": tcp,
    "own": own,
    "odd": odd,
    "full": full,
    "timed": timed,
    "planted": planted,
    "waiting": talk,
}
for word in sys.argv[1:]:
    name, _, path = word.partition(":")
    try:
        print(f"{name}: {ATTEMPTS[name](path)}", flush=True)
    except OSError as error:
        print(f"{name}: {errno.errorcode[error.errno]}", flush=True)
