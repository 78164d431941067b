"""What the suites that measure a running node share: starting, asking, weighing and telling.

Used by tools/bench_rpc.py and tools/bench_node.py, which tools/bench calls with the program, the
project's folder and their own options.
"""
import json, os, socket, subprocess, sys, time, urllib.request

program, root = sys.argv[1:3]
options = sys.argv[3:]
suite = ""
as_json = "--json" in options
is_full = "--full" in options
only = next((word[7:] for word in options if word.startswith("--only=")), "")


def start(*arguments):
    """Starts the program on a free port; returns the process and its address."""
    process = subprocess.Popen(
        [program, *arguments, "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=root)
    for line in process.stdout:
        if line.startswith("Listening on "):
            return process, "http://" + line.split()[2]
    raise SystemExit("the server did not start")


def stop(process):
    process.terminate()
    process.wait()


def cpu(process):
    """The processor time that a process's threads have used, in seconds."""
    spent = 0
    for thread in os.listdir(f"/proc/{process.pid}/task"):
        try:
            spent += int(open(f"/proc/{process.pid}/task/{thread}/schedstat").read().split()[0])
        except OSError:
            pass
    return spent / 1e9


def resident(process):
    """The memory that a process has, in MB."""
    for line in open(f"/proc/{process.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def call(method, *parameters):
    """The body of a request."""
    return json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)})


def ask(url, method, *parameters):
    body = call(method, *parameters).encode()
    reply = json.load(urllib.request.urlopen(urllib.request.Request(url, body)))
    if "error" in reply:
        raise SystemExit(f"{method}: {reply['error']}")
    return reply["result"]


def deploy_token(url, sender):
    """Puts the ERC-20 token of our own tests on the chain; its address."""
    code = json.load(open(root + "/Tests/Vectors/solidity/Token.json"))["bytecode"]
    # Token("T", "T", 10^24), by hand: two offsets, the supply, two strings.
    text = int.from_bytes(b"T".ljust(32, b"\0"), "big")
    words = [96, 160, 10**24, 1, text, 1, text]
    return deploy(url, sender, "0x" + code.removeprefix("0x") + "".join(f"{w:064x}" for w in words))


def deploy(url, sender, code):
    """Creates a contract; its address."""
    deployed = ask(url, "eth_sendTransaction", {"from": sender, "data": code})
    return ask(url, "eth_getTransactionReceipt", deployed)["contractAddress"]


class Line:
    """A connection that is kept, for requests one after the other at next to no cost."""

    def __init__(self, url):
        host, port = url.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: "

    def send(self, body):
        """Sends a body and returns the whole answer's, which must be no error."""
        self.socket.sendall(f"{self.head}{len(body)}\r\n\r\n{body}".encode())
        data = self.socket.recv(65536)
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self.more()
        at = data.lower().find(b"content-length:", 0, end)
        length = int(data[at + 15 : data.find(b"\r\n", at)])
        parts, count = [data[end + 4 :]], len(data) - end - 4
        while count < length:
            parts.append(self.more())
            count += len(parts[-1])
        answer = parts[0] if len(parts) == 1 else b"".join(parts)
        if b'"error"' in answer[:64]:
            raise SystemExit(f"{body[:80]}: {answer[:300]}")
        return answer

    def more(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise SystemExit("the server has hung up")
        return data


def say_machine(note=""):
    if as_json:
        return
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), "unknown")
    print(f"machine: {model}, {os.cpu_count()} cores{note}", flush=True)


def tell(name, ours, unit, peer=None, peer_name="", note=""):
    """One figure, beside its peer's or its goal."""
    if as_json:
        line = {"suite": suite, "name": name, "ours": ours, "unit": unit}
        if peer is not None:
            line |= {"peer": peer, "peer_name": peer_name, "ratio": ours / peer}
        print(json.dumps(line | ({"note": note} if note else {})), flush=True)
    else:
        beside = f"{peer_name} {peer:7.1f}  ratio {ours / peer:5.2f}" if peer is not None else ""
        print(f"{name:34} {ours:8.1f} {unit:11} {beside:32} {note}", flush=True)
