"""The `open` bench suite: what a start costs, from the process to its first answer.

Called by tools/bench with the program, the project's folder and its own options. Data directories
are made by the program itself: an empty one, and one of 100,000 blocks (--full: and transactions in
2,000 of them), of which one was stopped and one killed. The starts take turns; the figures are
medians in milliseconds of wall time. Then balances are read at heights from first to last.
"""
import json, os, random, shutil, signal, socket, statistics, subprocess, sys, tempfile, time
import urllib.request

program, root = sys.argv[1:3]
options = sys.argv[3:]
as_json = "--json" in options
rounds, transactions = (9, 2000) if "--full" in options else (5, 200)
BLOCKS = 100_000
folder = tempfile.mkdtemp(prefix="opal-bench-open-", dir=os.environ.get("OPAL_BENCH_DIR"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, method, *parameters):
    body = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}", body, {"content-type": "application/json"})
    reply = json.load(urllib.request.urlopen(request, timeout=600))
    if "error" in reply:
        raise SystemExit(f"{method}: {reply['error']}")
    return reply["result"]


def start(directory):
    """Starts a node; the process, its port, and the milliseconds up to its first answer."""
    port = free_port()
    begin = time.monotonic()
    process = subprocess.Popen(
        [program, "node", "--datadir", directory, "--port", str(port), "--quiet"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=root)
    while True:
        try:
            ask(port, "eth_blockNumber")
            return process, port, (time.monotonic() - begin) * 1000
        except OSError:
            if process.poll() is not None:
                raise SystemExit("the node did not start")
            time.sleep(0.002)


def stop(process, how=signal.SIGINT):
    process.send_signal(how)
    process.wait()


def fill(port):
    accounts = ask(port, "eth_accounts")
    for number in range(transactions):
        ask(port, "eth_sendTransaction", {
            "from": accounts[number % len(accounts)], "to": f"0x{0x1000 + number % 300:040x}",
            "value": hex(number + 1)})
    left = BLOCKS - transactions
    while left > 0:
        ask(port, "anvil_mine", hex(min(left, 5000)))
        left -= min(left, 5000)


def report(name, value, unit, note=""):
    if as_json:
        print(json.dumps({"suite": "open", "name": name, "ours": value, "unit": unit}))
    else:
        print(f"{name:46}{value:9.1f} {unit:4} {note}", flush=True)


try:
    places = {name: os.path.join(folder, name) for name in ("empty", "stopped", "killed")}
    for name in ("empty", "stopped"):
        process, port, _ = start(places[name])
        if name == "stopped":
            fill(port)
        stop(process)
    shutil.copytree(places["stopped"], places["killed"])
    process, port, _ = start(places["killed"])
    ask(port, "anvil_mine", hex(1000))
    stop(process, signal.SIGKILL)
    times = {name: [] for name in places}
    for _ in range(rounds):
        for name in places:
            process, port, taken = start(places[name])
            times[name].append(taken)
            stop(process, signal.SIGKILL)
    empty = statistics.median(times["empty"])
    report("an empty log", empty, "ms")
    for name, words in (("stopped", f"{BLOCKS} blocks, stopped"),
                        ("killed", f"{BLOCKS} blocks, killed 1,000 later")):
        taken = statistics.median(times[name])
        report(words, taken, "ms", f"{taken - empty:.1f} ms more than an empty one")
    process, port, _ = start(places["stopped"])
    for low, high in ((1, 1000), (1000, 99_000), (99_000, BLOCKS)):
        taken = []
        for _ in range(200):
            height = random.randrange(low, high)
            begin = time.monotonic()
            ask(port, "eth_getBalance", f"0x{0x1000 + height % 300:040x}", hex(height))
            taken.append((time.monotonic() - begin) * 1000)
        report(f"a balance at a block from {low} to {high}", statistics.median(taken), "ms",
               f"{max(taken):.1f} ms at most")
    stop(process)
finally:
    shutil.rmtree(folder)
