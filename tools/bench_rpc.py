"""The rpc bench suite; called by tools/bench-rpc with the program and the project's folder."""
import json, os, re, subprocess, sys, tempfile, time, urllib.request

program, root = sys.argv[1:3]
seconds = sys.argv[3] if len(sys.argv) > 3 else "5"
connections = sys.argv[4] if len(sys.argv) > 4 else "64"
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


def measure(name, process, url, body, baseline=None):
    """Runs wrk; returns requests a CPU-second."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("wrk.method='POST'\nwrk.headers['Content-Type']='application/json'\n"
                     f"wrk.body={json.dumps(body)}\n")
        script.flush()
        command = ["wrk", "-t1", "-c" + connections, "--latency", "-s", script.name, url]
        subprocess.run(command + ["-d1s"], capture_output=True, check=True)
        before = cpu(process)
        text = subprocess.run(
            command + [f"-d{seconds}s"], capture_output=True, text=True, check=True).stdout
        spent = cpu(process) - before
    count = int(re.search(r"(\d+) requests in", text).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    middle = re.search(r"50%\s+(\S+)", text).group(1)
    late = re.search(r"99%\s+(\S+)", text).group(1)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    each = count / spent
    share = f"  {each / baseline:5.2f} of the constant" if baseline else ""
    print(f"{name:34} {rate:9.0f}/s {each:9.0f}/CPU-s  p50 {middle:>8}  p99 {late:>8}{share}"
          + (f"  {wrong.group(0)}" if wrong else ""), flush=True)
    return each


def call(method, *parameters):
    return json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)})


constant, constant_url = start("bench-server")
begun = time.time()
node, url = start("node")
ask(url, "eth_blockNumber")
print(f"start to first answer {1000 * (time.time() - begun):.0f} ms, "
      f"resident {resident(node):.0f} MB, {connections} connections, {seconds} s each")
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
    base = measure("constant", constant, constant_url, call("eth_blockNumber"))
    measure("eth_blockNumber", node, url, call("eth_blockNumber"), base)
    measure("eth_chainId", node, url, call("eth_chainId"), base)
    measure("eth_getBalance", node, url, call("eth_getBalance", accounts[0], "latest"), base)
    measure("eth_call balanceOf", node, url, call("eth_call", balance, "latest"), base)
    measure("eth_getBlockByNumber", node, url, call("eth_getBlockByNumber", "latest", False), base)
    measure("eth_getTransactionReceipt", node, url,
            call("eth_getTransactionReceipt", deployed), base)
    print(f"resident {resident(node):.0f} MB afterwards")
finally:
    for process in (constant, node):
        process.terminate()
        process.wait()
