"""The `rpc` bench suite: what a request costs beside a constant from the same server library.

Called by tools/bench; needs wrk. The peer of each method is `opal bench-server`, the node's own
HTTP server with a constant behind it; the two take turns, and the figures are medians. Times are
the server's processor time a request.
"""
import re, statistics, subprocess, tempfile

import bench_server as bench
from bench_server import ask, call, cpu, resident, start, stop, tell

bench.suite = "rpc"
rounds, seconds = (5, 3) if bench.is_full else (3, 1)
CONNECTIONS = 64


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
                     f"wrk.body='{body}'\n")
        script.flush()
        before = cpu(process)
        text = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", script.name,
             url], capture_output=True, text=True, check=True).stdout
        spent = cpu(process) - before
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    if wrong:
        raise SystemExit(wrong.group(0))
    # Of the distribution, whose lines begin with the share; other lines have shares too.
    share = {line.split()[0]: line.split()[1] for line in text.splitlines()
             if re.match(r"\s+\d+%\s", line)}
    return (1e6 * spent / int(re.search(r"(\d+) requests in", text).group(1)),
            float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
            milliseconds(share["50%"]), milliseconds(share["99%"]))


def measure(name, body):
    """The node and the constant in turns."""
    if bench.only not in name:
        return
    ours, peers = [], []
    for server in ((node, url), (constant, constant_url)):
        load(*server, body)
    for _ in range(rounds):
        ours.append(load(node, url, body))
        peers.append(load(constant, constant_url, body))
    middle = [statistics.median(figures) for figures in zip(*ours)]
    peer = statistics.median(figures[0] for figures in peers)
    tell(name, middle[0], "us/request", peer, "constant",
         f"{peer / middle[0]:.2f} of its requests per CPU second; {middle[1]:.0f} requests/s, "
         f"p50 {middle[2]:.2f} ms, p99 {middle[3]:.2f} ms")


constant, constant_url = start("bench-server")
node, url = start("node")
try:
    bench.say_machine(f"; {CONNECTIONS} connections")
    accounts = ask(url, "eth_accounts")
    token = bench.deploy_token(url, accounts[0])
    deployed = ask(url, "eth_getBlockByNumber", "latest", False)["transactions"][0]
    balance = {"to": token, "data": "0x70a08231" + accounts[0][2:].rjust(64, "0")}
    measure("eth_blockNumber", call("eth_blockNumber"))
    measure("eth_chainId", call("eth_chainId"))
    measure("eth_getBalance", call("eth_getBalance", accounts[0], "latest"))
    measure("eth_call balanceOf", call("eth_call", balance, "latest"))
    measure("eth_getBlockByNumber", call("eth_getBlockByNumber", "latest", False))
    measure("eth_getTransactionReceipt", call("eth_getTransactionReceipt", deployed))
    tell("resident afterwards", resident(node), "MB")
finally:
    stop(constant)
    stop(node)
