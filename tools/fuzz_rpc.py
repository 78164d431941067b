"""Hostile requests against a node; called by tools/fuzz-rpc.

Half of the requests go over HTTP, half over WebSocket, many in flight on a few connections. After
each round the node must still answer, and at the end its memory must not have grown with the
number of requests.
"""
import json, os, random, socket, struct, subprocess, sys, time

program, root, total, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
chance = random.Random(seed)
print(f"seed {seed}", flush=True)

node = subprocess.Popen([program, "node", "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=root)
for line in node.stdout:
    if line.startswith("Listening on "):
        PORT = int(line.rsplit(":", 1)[1])
        break


def give_up(why):
    node.kill()
    sys.exit(f"FAILED: {why}; seed {seed}")


def resident():
    for line in open(f"/proc/{node.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    give_up("the node is gone")


def connect(timeout=30):
    made = socket.create_connection(("127.0.0.1", PORT), timeout=timeout)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def post(body, extra=b""):
    return (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n" % len(body)
            + extra + b"\r\n" + body)


def sane():
    """The node still answers, and soon."""
    begun = time.time()
    try:
        with connect(20) as made:
            made.sendall(post(b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}',
                              b"Connection: close\r\n"))
            answer = b""
            while part := made.recv(65536):
                answer += part
    except OSError as error:
        give_up(f"the node does not answer: {error}")
    # Whatever the chain's number is by now: anvil_setChainId is among what is asked.
    if b'"result":"0x' not in answer:
        give_up(f"the node answers {answer[:200]}")
    return time.time() - begun


with connect() as made:
    made.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    about = b""
    while part := made.recv(65536):
        about += part
METHODS = json.loads(about[about.index(b"{"):])["methods"]
# What may rightly take its time, stop others, or fill the disk is not what is looked for here.
METHODS = [name for name in METHODS
           if not any(word in name.lower() for word in ("mine", "sethead", "completions"))]

ADDRESS = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
WORDS = [None, True, False, 0, -1, 1e300, 2**70, "", "0x", "0x0", "0x00", "0xg", "latest", "pending",
         "earliest", "0x" + "f" * 64, "0x" + "f" * 65, ADDRESS, ADDRESS[:-1], "\u0000", "\ud83d\ude00",
         "0x" + "00" * 5000, [], {}, [[]], "A" * 3000]
KEYS = ["from", "to", "data", "gas", "value", "fromBlock", "toBlock", "topics", "address", "blockHash",
        "nonce", "type", "accessList", "tracer", "stateOverrides", "input", "maxFeePerGas", "x"]


def value(depth=0):
    kind = chance.random()
    if depth > 3 or kind < 0.6:
        return chance.choice(WORDS)
    if kind < 0.75:
        return [value(depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(KEYS): value(depth + 1) for _ in range(chance.randrange(5))}


def request():
    asked = {"jsonrpc": "2.0", "id": chance.choice([1, "a", None, 1.5, [], {}]),
             "method": chance.choice(METHODS), "params": [value() for _ in range(chance.randrange(5))]}
    if chance.random() < 0.1:
        asked[chance.choice(["jsonrpc", "id", "method", "params"])] = value()
    return asked


def body():
    kind = chance.random()
    if kind < 0.55:
        text = json.dumps(request()).encode()
    elif kind < 0.65:
        text = json.dumps([request() for _ in range(chance.randrange(12))]).encode()
    elif kind < 0.72:
        depth = chance.choice([10, 127, 128, 129, 1000, 50000])
        text = (b"[" * depth + b"]" * chance.choice([0, depth]) if chance.random() < 0.5
                else b'{"a":' * depth + b"1" + b"}" * chance.choice([0, depth]))
    elif kind < 0.78:
        text = bytes(chance.randrange(256) for _ in range(chance.randrange(200)))
    elif kind < 0.79:
        text = b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":["' + b"A" * 300000 + b'"]}'
    else:
        text = bytearray(json.dumps(request()).encode())
        for _ in range(chance.randrange(1, 6)):
            text[chance.randrange(len(text))] = chance.randrange(256)
        text = bytes(text)
    if chance.random() < 0.08:
        text = text[:chance.randrange(len(text) + 1)]
    return text


def drain(made):
    """Reads what has come; false once the other side has closed."""
    made.setblocking(False)
    try:
        while True:
            if not made.recv(1 << 18):
                return False
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        try:
            made.setblocking(True)
            made.settimeout(30)
        except OSError:
            pass


def http_round(count):
    """Pipelined requests, now and then one that is no HTTP or is cut off."""
    made, sent = connect(), 0
    for _ in range(count):
        kind, text = chance.random(), body()
        if kind < 0.9:
            message = post(text)
        elif kind < 0.93:
            message = post(text, b"Content-Length: 5\r\n")
        elif kind < 0.95:
            message = post(text)[:chance.randrange(60)]
        elif kind < 0.97:
            message = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + text
        elif kind < 0.98:
            message = post(text, b"Content-Encoding: gzip\r\n")
        else:
            message = text
        try:
            made.sendall(message)
            sent += 1
            if sent % 8 == 0 and not drain(made):
                raise OSError
        except OSError:
            made.close()
            made = connect()
    finish(made, post(b'{"jsonrpc":"2.0","id":1,"method":"net_version"}', b"Connection: close\r\n"))
    return count


def finish(made, last):
    """Reads to the end, so that every request sent has been dealt with; a hang is a failure."""
    try:
        made.sendall(last)
        made.shutdown(socket.SHUT_WR)
        made.settimeout(60)
        while made.recv(1 << 18):
            pass
    except socket.timeout:
        give_up("a connection hangs")
    except OSError:
        pass
    made.close()


def frame(opcode, payload, final=True, masked=True):
    head = bytes([(0x80 if final else 0) | opcode])
    flag = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([flag | len(payload)])
    elif len(payload) < 65536:
        head += bytes([flag | 126]) + struct.pack(">H", len(payload))
    else:
        head += bytes([flag | 127]) + struct.pack(">Q", len(payload))
    return head + (b"\0\0\0\0" if masked else b"") + payload


def web_socket():
    made = connect()
    made.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    head = b""
    while b"\r\n\r\n" not in head:
        part = made.recv(4096)
        if not part:
            give_up("a WebSocket was refused")
        head += part
    return made


def web_socket_round(count):
    made, sent = web_socket(), 0
    for _ in range(count):
        kind, text = chance.random(), body()
        if kind < 0.85:
            message = frame(1, text)
        elif kind < 0.9:
            cut = chance.randrange(len(text) + 1)
            message = frame(1, text[:cut], False) + frame(9, b"x") + frame(0, text[cut:])
        elif kind < 0.93:
            message = frame(chance.randrange(16), text[:200], chance.random() < 0.5)
        elif kind < 0.95:
            message = frame(1, text, masked=False)
        elif kind < 0.97:
            message = struct.pack(">BBQ", 0x81, 0xff, chance.randrange(2**64)) + b"\0\0\0\0" + text
        else:
            message = bytearray(frame(2, text))
            message[chance.randrange(min(12, len(message)))] ^= 1 << chance.randrange(8)
        try:
            made.sendall(message)
            sent += 1
            if sent % 8 == 0 and not drain(made):
                raise OSError
        except OSError:
            made.close()
            made = web_socket()
    finish(made, frame(8, b"\x03\xe8"))
    return count


# Slow-loris: heads, bodies and frames that never end, dripped through the whole run.
slow = []
for number in range(60):
    made = connect() if number % 3 else web_socket()
    made.sendall([b"\x81\xfe\x10\x00\0\0\0\0", b"POST / HTTP/1.1\r\nHost: localhost\r\nX: ",
                  post(b"x" * 9000)[:-8000]][number % 3])
    slow.append(made)

done, worst, begun, warm = 0, 0.0, time.time(), None
while done < total:
    count = min(250, total - done)
    done += (http_round if chance.random() < 0.5 else web_socket_round)(count)
    worst = max(worst, sane())
    for made in slow:
        try:
            made.send(b"a")
        except OSError:
            pass
    if node.poll() is not None:
        give_up(f"the node ended with {node.returncode}")
    if warm is None and done >= total // 4:
        warm = resident()
    if done % 25000 < 250:
        print(f"{done} requests, {done / (time.time() - begun):.0f}/s, {resident():.0f} MB, "
              f"slowest answer {1000 * worst:.0f} ms", flush=True)
for made in slow:
    made.close()
time.sleep(1)
worst = max(worst, sane())
last, files = resident(), len(os.listdir(f"/proc/{node.pid}/fd"))
print(f"{done} requests, {warm:.0f} MB after a quarter and {last:.0f} MB at the end, "
      f"{files} open files, slowest answer {1000 * worst:.0f} ms")
if last > 1.5 * warm + 64:
    give_up("memory grows with the requests")
if files > 200:
    give_up("connections stay open")
node.terminate()
if node.wait(20) != 0:
    give_up(f"the node ended with {node.returncode}")
print("passed")
