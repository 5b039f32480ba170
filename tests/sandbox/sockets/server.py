# Servers of local sockets: `stream:PATH`, `seqpacket:PATH`, `abstract:NAME` answer "pong" and what they got; `full:PATH`
# never takes a connection. Prints READY once all listen; ends with its input.
import os, socket, sys, threading


def serve(listener):
    while True:
        connection, _ = listener.accept()
        connection.sendall(b"pong " + connection.recv(100))
        connection.close()


kept = []
for word in sys.argv[1:]:
    kind, _, path = word.partition(":")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET if kind == "seqpacket" else socket.SOCK_STREAM)
    listener.bind("\0" + path if kind == "abstract" else path)
    if kind != "abstract":
        os.chmod(path, 0o777)
    listener.listen(0 if kind == "full" else 64)
    kept.append(listener)
    if kind != "full":
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
print("READY", flush=True)
sys.stdin.read()
