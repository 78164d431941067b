"""The `node` bench suite: what a session with a development node costs, beside its goals.

Called by tools/bench. Transactions are signed beforehand by `opal bench-transactions` and sent over
one connection that is kept, so that the node's processor time is what counts. `--full` adds the
endurance run of 1,000,000 transfers in one session (minutes), `--transfers=N` one of N.
"""
import statistics, subprocess, sys, tempfile, time

import bench_server as bench
from bench_server import Line, ask, call, cpu, resident, start, stop, tell

bench.suite = "node"
COUNT = 10_000
PORTION = 1_000
transfers = next((int(word[12:]) for word in bench.options if word.startswith("--transfers=")),
                 1_000_000 if bench.is_full else 0)
# PUSH4 5b600056 (a loop without end), stored and returned.
ENDLESS = "0x635b6000566000526004601cf3"
# Reads one answer after the other and drops it; says how long each was.
READER = """
import http.client, sys
line = http.client.HTTPConnection(sys.argv[1], timeout=60)
while True:
    line.request("POST", "/", sys.argv[2])
    answer = line.getresponse()
    size, head = 0, b""
    while part := answer.read(1 << 20):
        head, size = head or part[:64], size + len(part)
    print(head if b'"error"' in head else size, flush=True)
"""


def wanted(name):
    return bench.only in name


def goal(name, ours, unit, most, note=""):
    tell(name, ours, unit, most, "at most", note)


class Requests:
    """Transactions of the first account, signed by another process while others are sent."""

    def __init__(self, url, count, token=None):
        nonce = int(ask(url, "eth_getTransactionCount", ask(url, "eth_accounts")[0], "latest"), 16)
        words = ["bench-transactions", "--count", str(count), "--nonce", str(nonce)]
        self.process = subprocess.Popen(
            [bench.program, *words, *(["--token", token] if token else [])],
            stdout=subprocess.PIPE, text=True)

    def next(self):
        return self.process.stdout.readline().rstrip()

    def some(self, count):
        return [self.next() for _ in range(count)]

    def stop(self):
        self.process.kill()
        self.process.wait()


def begin(*arguments):
    """How long a node takes to its first answer, in ms, with the node."""
    begun = time.perf_counter()
    node, url = start("node", *arguments)
    ask(url, "eth_blockNumber")
    return 1000 * (time.perf_counter() - begun), node, url


def measure_start():
    times = []
    for _ in range(9 if bench.is_full else 5):
        elapsed, node, _ = begin()
        times.append(elapsed)
        if len(times) == 1:
            time.sleep(1)
            memory = resident(node)
        stop(node)
    goal("start to first answer", statistics.median(times), "ms", 100, f"worst {max(times):.0f} ms")
    goal("resident when idle", memory, "MB", 60)


def send_all(node, line, bodies):
    """The processor time and the time that a transaction takes, in microseconds."""
    used, begun = cpu(node), time.perf_counter()
    for body in bodies:
        line.send(body)
    count = len(bodies)
    return 1e6 * (cpu(node) - used) / count, 1e6 * (time.perf_counter() - begun) / count


def portions(node, line, requests, count, between=lambda: None):
    """The medians of what a transaction takes in one portion after the other."""
    figures = []
    for _ in range(count // PORTION):
        figures.append(send_all(node, line, requests.some(PORTION)))
        between()
    return [statistics.median(column) for column in zip(*figures)]


def measure_transfers():
    _, node, url = begin()
    line = Line(url)
    requests = Requests(url, COUNT)
    try:
        used, elapsed = portions(node, line, requests, COUNT)
        tell("transfer, sealed at once", used, "us CPU", note=f"{elapsed:.0f} us of time")
    finally:
        requests.stop()
        stop(node)
    # With its receipt, as a script waits for it: what callers were told of early is committed.
    _, node, url = begin()
    line = Line(url)
    requests = Requests(url, 2_000)
    try:
        bodies = requests.some(2_000)
        used, begun = cpu(node), time.perf_counter()
        for body in bodies:
            name = line.send(body).split(b'"result":"')[1][:66].decode()
            if b'"status":"0x1"' not in line.send(call("eth_getTransactionReceipt", name)):
                raise SystemExit("a transaction has no receipt")
        tell("transfer and its receipt", 1e6 * (cpu(node) - used) / len(bodies), "us CPU",
             note=f"{1e6 * (time.perf_counter() - begun) / len(bodies):.0f} us of time")
    finally:
        requests.stop()
        stop(node)


def measure_durable():
    with tempfile.TemporaryDirectory() as folder:
        _, node, url = begin("--datadir", folder)
        line = Line(url)
        requests = Requests(url, 500)
        try:
            used, elapsed = send_all(node, line, requests.some(500))
            tell("transfer with --datadir", used, "us CPU", note=f"{elapsed:.0f} us of time")
        finally:
            requests.stop()
            stop(node)


def measure_calls():
    """Contract calls, and then the search for few logs among the blocks that they made."""
    _, node, url = begin()
    try:
        accounts = ask(url, "eth_accounts")
        token = bench.deploy_token(url, accounts[0])
        rare = bench.deploy_token(url, accounts[1])
        line = Line(url)
        requests = Requests(url, COUNT, token)
        receiver = "0x" + "be" * 20
        transfer = "0xa9059cbb" + receiver[2:].rjust(64, "0") + f"{1:064x}"

        def mark():
            ask(url, "eth_sendTransaction", {"from": accounts[1], "to": rare, "data": transfer})

        used, elapsed = portions(node, line, requests, COUNT, mark)
        requests.stop()
        goal("ERC-20 transfer, sealed at once", used, "us CPU", 200, f"{elapsed:.0f} us of time")
        head = int(ask(url, "eth_blockNumber"), 16)
        blocks = {"fromBlock": hex(head - COUNT), "toBlock": hex(head)}
        topic = "0x" + receiver[2:].rjust(64, "0")
        searches = [
            ("by emitter", {"address": rare}),
            ("by a later topic", {"topics": [None, None, topic]}),
            ("by both, among all", {"address": [token, rare], "topics": [None, None, topic]}),
        ]
        for name, filter in searches:
            body = call("eth_getLogs", blocks | filter)
            times = []
            for _ in range(30):
                begun = time.perf_counter()
                answer = line.send(body)
                times.append(1000 * (time.perf_counter() - begun))
            found = answer.count(b'"logIndex"')
            if found != COUNT // PORTION and found != COUNT // PORTION + 1:
                raise SystemExit(f"eth_getLogs {name} finds {found}")
            goal(f"eth_getLogs {name}", statistics.median(times), "ms", 5,
                 f"{COUNT} blocks, {found} logs, worst {max(times):.1f} ms")
    finally:
        stop(node)


def latencies(line, requests, seconds):
    """How long single transactions take, in ms, sent with pauses."""
    times = []
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        line.send(requests.next())
        times.append(1000 * (time.perf_counter() - begun))
        time.sleep(0.002)
    return sorted(times)


def measure_long_reads():
    _, node, url = begin()
    try:
        accounts = ask(url, "eth_accounts")
        contract = bench.deploy(url, accounts[9], ENDLESS)
        reads = []
        for name, gas, count, settings in [
            ("structLogs", 1_000_000, 2, {"timeout": "60s"}),
            ("callTracer", 9_000_000, 3, {"tracer": "callTracer", "timeout": "60s"}),
        ]:
            ask(url, "evm_setAutomine", False)
            for _ in range(count):
                ask(url, "eth_sendTransaction",
                    {"from": accounts[9], "to": contract, "gas": hex(gas)})
            ask(url, "evm_mine")
            ask(url, "evm_setAutomine", True)
            reads.append((name, call("debug_traceBlockByNumber", "latest", settings).replace(
                "latest", ask(url, "eth_blockNumber"))))
        line = Line(url)
        requests = Requests(url, 100_000)
        seconds = 6 if bench.is_full else 3
        latencies(line, requests, 1)
        for name, body in reads:
            alone = latencies(line, requests, seconds)
            reader = subprocess.Popen(
                [sys.executable, "-c", READER, url.removeprefix("http://"), body],
                stdout=subprocess.PIPE, text=True)
            time.sleep(0.5)
            beside = latencies(line, requests, seconds)
            size = reader.stdout.readline().strip()
            reader.kill()
            reader.wait()
            if not size.isdigit():
                raise SystemExit(f"the long read {name} has failed")
            usual = statistics.median(alone)
            goal(f"block delayed by a read, {name}", beside[-1] - usual, "ms", 10,
                 f"at worst of {len(beside)}; "
                 f"p99 {beside[len(beside) * 99 // 100] - usual:.1f} ms; "
                 f"without it {alone[-1] - usual:.1f} ms; an answer has {int(size) / 1e6:.1f} MB")
        requests.stop()
    finally:
        stop(node)


def measure_endurance():
    _, node, url = begin()
    try:
        line = Line(url)
        requests = Requests(url, transfers)
        part = min(10_000, transfers // 2)
        first_memory, begun, rates = resident(node), time.perf_counter(), []
        for index in range(transfers // part):
            rates.append(send_all(node, line, requests.some(part)))
            if index % 10 == 9 and not bench.as_json:
                print(f"  {part * (index + 1):,} transfers: {resident(node):.0f} MB, "
                      f"{rates[-1][0]:.0f} us CPU each, {time.perf_counter() - begun:.0f} s",
                      file=sys.stderr, flush=True)
        requests.stop()
        count = part * len(rates)
        goal(f"memory grown by {count:,} transfers", resident(node) - first_memory, "MB", 200,
             f"{time.perf_counter() - begun:.0f} s, {resident(node):.0f} MB at the end")
        tell(f"the last {part:,}", rates[-1][0], "us CPU", rates[0][0], "the first",
             f"{1e6 / rates[-1][1]:.0f} a second, the first {1e6 / rates[0][1]:.0f}")
    finally:
        stop(node)


bench.say_machine("; one connection")
for name, measure in [
    ("start", measure_start), ("transfer", measure_transfers), ("durable", measure_durable),
    ("call", measure_calls), ("read", measure_long_reads),
]:
    if wanted(name):
        measure()
if transfers and wanted("endurance"):
    measure_endurance()
