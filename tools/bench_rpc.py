"""The `rpc` bench suite: what a request costs beside a constant from the same server library.

Called by tools/bench with the program, the project's folder and its own options; needs wrk. The
peer of each method is `opal bench-server`, the node's own HTTP server with a constant behind it;
the two take turns, and the figures are medians. Times are the server's processor time a request.
"""
import json, os, re, statistics, subprocess, sys, tempfile, time, urllib.request

program, root = sys.argv[1:3]
options = sys.argv[3:]
as_json = "--json" in options
rounds, seconds = (5, 3) if "--full" in options else (3, 1)
only = next((word[7:] for word in options if word.startswith("--only=")), "")
CONNECTIONS = 64
TICKS = os.sysconf("SC_CLK_TCK")


def start(*arguments):
    """Starts the program on a free port; returns the process and its address."""
    process = subprocess.Popen(
        [program, *arguments, "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=root)
    for line in process.stdout:
        if line.startswith("Listening on "):
            return process, "http://" + line.split()[2]
    raise SystemExit("the server did not start")


def cpu(process):
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(process):
    for line in open(f"/proc/{process.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def ask(url, method, *parameters):
    body = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}).encode()
    reply = json.load(urllib.request.urlopen(urllib.request.Request(url, body)))
    if "error" in reply:
        raise SystemExit(f"{method}: {reply['error']}")
    return reply["result"]


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def percentile(text, percent):
    """Of wrk's distribution, whose lines begin so; deviations are in percent too."""
    return milliseconds(re.search(rf"(?m)^\s+{percent}%\s+(\S+)", text).group(1))


def load(process, url, body):
    """Runs wrk; the server's microseconds a request, requests a second, p50 and p99 in ms."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("wrk.method='POST'\nwrk.headers['Content-Type']='application/json'\n"
                     f"wrk.body={json.dumps(body)}\n")
        script.flush()
        before = cpu(process)
        text = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", script.name, url],
            capture_output=True, text=True, check=True).stdout
        spent = cpu(process) - before
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    if wrong:
        raise SystemExit(wrong.group(0))
    return (1e6 * spent / int(re.search(r"(\d+) requests in", text).group(1)),
            float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
            percentile(text, 50), percentile(text, 99))


def tell(name, ours, unit, peer=None, note=""):
    if as_json:
        line = {"suite": "rpc", "name": name, "ours": ours, "unit": unit}
        if peer is not None:
            line |= {"peer": peer, "peer_name": "constant", "ratio": ours / peer}
        print(json.dumps(line | ({"note": note} if note else {})), flush=True)
    else:
        beside = f"constant {peer:7.1f}    ratio {ours / peer:5.2f}" if peer is not None else ""
        print(f"{name:34} {ours:8.1f} {unit:10} {beside:34} {note}", flush=True)


def measure(name, body):
    """The node and the constant in turns."""
    if only not in name:
        return
    ours, peers = [], []
    for server in ((node, url), (constant, constant_url)):
        load(*server, body)
    for _ in range(rounds):
        ours.append(load(node, url, body))
        peers.append(load(constant, constant_url, body))
    middle = [statistics.median(figures) for figures in zip(*ours)]
    tell(name, middle[0], "us/request", statistics.median(figures[0] for figures in peers),
         f"{middle[1]:.0f} requests/s, p50 {middle[2]:.2f} ms, p99 {middle[3]:.2f} ms")


def call(method, *parameters):
    return json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)})


constant, constant_url = start("bench-server")
begun = time.time()
node, url = start("node")
ask(url, "eth_blockNumber")
if not as_json:
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), "unknown")
    print(f"machine: {model}, {os.cpu_count()} cores; {CONNECTIONS} connections")
tell("start to first answer", 1000 * (time.time() - begun), "ms")
tell("resident when idle", resident(node), "MB")
try:
    accounts = ask(url, "eth_accounts")
    token = json.load(open(root + "/Tests/Vectors/solidity/Token.json"))["bytecode"]
    token = token if token.startswith("0x") else "0x" + token
    # Token("T", "T", 10^24), by hand: two offsets, the supply, two strings.
    words = [96, 160, 10**24, 1, int.from_bytes(b"T".ljust(32, b"\0"), "big"), 1,
             int.from_bytes(b"T".ljust(32, b"\0"), "big")]
    deployed = ask(url, "eth_sendTransaction", {
        "from": accounts[0], "data": token + "".join(f"{word:064x}" for word in words)})
    address = ask(url, "eth_getTransactionReceipt", deployed)["contractAddress"]
    balance = {"to": address, "data": "0x70a08231" + accounts[0][2:].rjust(64, "0")}
    measure("eth_blockNumber", call("eth_blockNumber"))
    measure("eth_chainId", call("eth_chainId"))
    measure("eth_getBalance", call("eth_getBalance", accounts[0], "latest"))
    measure("eth_call balanceOf", call("eth_call", balance, "latest"))
    measure("eth_getBlockByNumber", call("eth_getBlockByNumber", "latest", False))
    measure("eth_getTransactionReceipt", call("eth_getTransactionReceipt", deployed))
    tell("resident afterwards", resident(node), "MB")
finally:
    for process in (constant, node):
        process.terminate()
        process.wait()
