"""A rollup, its followers and its DA layer as processes, and what tests ask of them.

Plain Python, for tools/rollup-test.
"""
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
import ethereum

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def free_ports(count):
    """Ports that nobody listens on, and that no outgoing connection is given while one of them is
    down: each process comes back to its own after a crash."""
    ports = []
    while len(ports) < count:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as tried:
            if port not in ports and tried.connect_ex(("127.0.0.1", port)) != 0:
                ports.append(port)
    return ports


L2, L1, FOLLOWER, PROXY, OTHER_L2, OTHER_L1, OTHER_PROXY = free_ports(7)
ADA = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
BEN = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
CAT = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc"
PORTAL = "0x4f50414c00000000000000000000000000000102"
MESSAGE_PASSER = "0x4200000000000000000000000000000000000016"


class Refused(Exception):
    """A node answered with an error; `data` are a contract's."""

    def __init__(self, message, data=None):
        super().__init__(message)
        self.data = data


def call(port, method, *parameters):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}", body.encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        result = json.load(answer)
    if "error" in result:
        error = result["error"]
        raise Refused(f"{method}: {error['message']}", error.get("data"))
    return result["result"]


def refusal(port, method, *parameters):
    """The message with which a call is refused."""
    try:
        answer = call(port, method, *parameters)
    except Refused as refused:
        return str(refused)
    raise AssertionError(f"{method} was not refused: {answer}")


def wait(what, done, seconds=60):
    """The first answer of `done` that is not empty."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = done()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s")


# ABI

def word(value):
    if isinstance(value, str):
        value = int(value, 16)
    return int(value).to_bytes(32, "big")


def encode(values):
    """ABI: numbers and addresses fill a word, bytes and lists are dynamic, tuples what is in them."""
    heads, tails = [], []
    for value in values:
        if isinstance(value, (int, str)):
            heads.append(word(value))
        elif isinstance(value, bytes):
            heads.append(None)
            tails.append(word(len(value)) + value + bytes(-len(value) % 32))
        elif isinstance(value, list):
            heads.append(None)
            tails.append(word(len(value)) + encode(value))
        elif any(isinstance(member, (bytes, list)) for member in value):
            heads.append(None)
            tails.append(encode(value))
        else:
            heads.append(encode(value))
    offset = sum(32 if head is None else len(head) for head in heads)
    result, rest = b"", iter(tails)
    for head in heads:
        if head is None:
            head = word(offset)
            offset += len(next(rest))
        result += head
    return result + b"".join(tails)


def invocation(signature, *values):
    return "0x" + (ethereum.keccak256(signature.encode())[:4] + encode(values)).hex()


def topic(signature):
    return "0x" + ethereum.keccak256(signature.encode()).hex()


class Net:
    """The processes of one test, in a directory that is thrown away."""

    def __init__(self, build="release", da="calldata", constants=None, confirmations=0, mines=False):
        self.program = os.environ.get("OPAL_BIN") or os.path.join(ROOT, ".build", build, "opal")
        self.da = da
        self.directory = tempfile.mkdtemp(prefix="opal-rollup-")
        self.processes = {}
        self.confirmations = confirmations
        self.mines = mines
        self.document = None
        if constants:
            with open(os.path.join(ROOT, "genesis", "rollup", "rollup.json")) as file:
                document = json.load(file)
            for name, value in constants.items():
                part = document.setdefault("opal", {}) if name.startswith("l1_f") else document
                part[name] = value
            self.document = os.path.join(self.directory, "rollup.json")
            with open(self.document, "w") as file:
                json.dump(document, file)

    @property
    def has_layer(self):
        """Whether there is a DA layer in a process of its own."""
        return self.da in ("proxy", "keccak")

    @property
    def takes_time(self):
        """Whether a batch is made ready beside the node's own work."""
        return self.da in ("proxy", "keccak", "certificates", "blobs")

    def __enter__(self):
        if self.has_layer:
            self.start_layer()
        self.start_node()
        self.start_follower()
        return self

    def __exit__(self, kind, error, trace):
        for name in list(self.processes):
            self.end(name, signal.SIGTERM)
        if kind is not None:
            for name in ("da", "node", "follow", "other"):
                path = os.path.join(self.directory, name + ".log")
                if os.path.exists(path):
                    with open(path) as file:
                        print(f"-- {name}:", *file.readlines()[-15:], file=sys.stderr)
        if "--keep" in sys.argv:
            print("kept:", self.directory)
        else:
            shutil.rmtree(self.directory)

    def start(self, words, port, is_ready, name=None):
        name = name or words[0]
        log = open(os.path.join(self.directory, name + ".log"), "a")
        process = subprocess.Popen([self.program, *words], stdout=log, stderr=log, cwd=ROOT)
        self.processes[name] = process
        for _ in range(1200):
            try:
                is_ready(port)
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
                if process.poll() is not None:
                    break
        raise AssertionError(f"opal {' '.join(words)} does not answer")

    def end(self, name, how=signal.SIGKILL):
        process = self.processes.pop(name, None)
        if process is not None:
            process.send_signal(how)
            process.wait()

    def folder(self, name):
        return os.path.join(self.directory, name)

    def start_layer(self):
        self.start(["da", "serve", "--da-admin", "--datadir", self.folder("da"), "--port", str(PROXY)],
                   PROXY, lambda port: urllib.request.urlopen(
                       f"http://127.0.0.1:{port}/health", timeout=5))

    def node_words(self, folder, ports, da):
        l2, l1, proxy = ports
        words = ["node", "--rollup", "-q", "--datadir", self.folder(folder),
                 "--port", str(l2), "--l1-port", str(l1),
                 "--l1-confirmations", str(self.confirmations)]
        words += [] if self.mines else ["--no-mining"]
        if self.has_layer:
            words += ["--da-proxy", f"http://127.0.0.1:{PROXY}"]
            words += ["--da", "commitments"] if self.da == "keccak" else []
        else:
            words += ["--da", da, "--da-port", str(proxy)]
        return words + (["--rollup-config", self.document] if self.document else [])

    def start_node(self):
        # L1's port opens a moment after L2's.
        self.start(self.node_words("node", (L2, L1, PROXY), self.da), L2,
                   lambda port: [call(each, "eth_chainId") for each in (port, L1)])

    def start_other(self, folder):
        """A node on a copy of the node's directory, whose batches go into L1's transactions."""
        da = self.da if self.has_layer else "calldata"
        self.start(self.node_words(folder, (OTHER_L2, OTHER_L1, OTHER_PROXY), da), OTHER_L2,
                   lambda port: [call(each, "eth_chainId") for each in (port, OTHER_L1)], "other")

    def start_follower(self):
        words = ["follow", "-q", "--l1", f"http://127.0.0.1:{L1}", "--datadir",
                 self.folder("follower"), "--port", str(FOLLOWER)]
        if self.has_layer or self.da == "certificates":
            words += ["--da", f"http://127.0.0.1:{PROXY}"]
        words += ["--fingerprint", call(L1, "opal_getRollup")["fingerprint"]]
        self.start(words, FOLLOWER, lambda port: call(port, "eth_chainId"))

    def opal(self, *words, timeout=300):
        """A command's exit code and what it says."""
        done = subprocess.run([self.program, *words], capture_output=True, text=True,
                              timeout=timeout, cwd=ROOT)
        return done.returncode, done.stdout + done.stderr

    def has_said(self, name, what):
        with open(os.path.join(self.directory, name + ".log")) as file:
            return what in file.read()

    def set_layer(self, is_up):
        """Has the DA layer answer, or say that it is not available (503)."""
        body = b'{"eigenDADispersalBackend":"%s"}' % (b"V2" if is_up else b"none")
        request = urllib.request.Request(
            f"http://127.0.0.1:{PROXY}/admin/eigenda-dispersal-backend", body, method="PUT")
        urllib.request.urlopen(request, timeout=30).read()

    # What happens on the chains

    def send(self, count=1):
        """So many L2 blocks with a transaction each."""
        for _ in range(count):
            call(L2, "eth_sendTransaction", {"from": ADA, "to": BEN, "value": "0x5"})
            call(L2, "opal_mine")

    def mine(self, count=1):
        """So many L1 blocks, each with what the batcher has to say."""
        for _ in range(count):
            if self.takes_time and self.is_posting():
                wait("a batch on its way to L1", self.has_batch_pooled)
            call(L1, "opal_mine")

    def is_posting(self):
        heads = status(L2)
        return (heads["unsafe_l2"]["number"] > heads["safe_l2"]["number"]
                and not self.has_batch_pooled())

    def has_batch_pooled(self):
        """Whether a transaction to the batch inbox waits; others may too."""
        inbox = call(L2, "optimism_rollupConfig")["batch_inbox_address"].lower()
        pending = call(L1, "txpool_content")["pending"]
        return any((transaction["to"] or "").lower() == inbox
                   for sent in pending.values() for transaction in sent.values())

    def transact(self, port, to, data="0x", value=0, sender=ADA, gas=3_000_000):
        """Sends a transaction and closes a block over it; its receipt."""
        described = {"from": sender, "data": data, "value": hex(value), "gas": hex(gas)}
        if to:
            described["to"] = to
        name = call(port, "eth_sendTransaction", described)
        call(port, "opal_mine")
        receipt = call(port, "eth_getTransactionReceipt", name)
        assert receipt and receipt["status"] == "0x1", (to, data[:10], receipt)
        return receipt

    def agree(self, least=0):
        """Waits until the follower has the sequencer's safe chain, of at least so many blocks."""
        def both():
            there, here = status(L2), status(FOLLOWER)
            same = ("safe_l2", "head_l1", "finalized_l1", "finalized_l2")
            return all(there[name] == here[name] for name in same) and here
        here = wait("the follower arrives", both)
        safe = here["safe_l2"]["number"]
        assert safe >= least, (least, here["safe_l2"])
        blocks = [call(port, "eth_getBlockByNumber", hex(safe), True) for port in (L2, FOLLOWER)]
        assert blocks[0] == blocks[1] and blocks[0]["hash"] == here["safe_l2"]["hash"], blocks
        outputs = [call(port, "optimism_outputAtBlock", hex(safe)) for port in (L2, FOLLOWER)]
        assert outputs[0]["outputRoot"] == outputs[1]["outputRoot"]
        return safe

    def settle(self):
        """Posts all that there is, and lets the follower have it."""
        for _ in range(30):
            self.mine()
            heads = status(L2)
            if heads["safe_l2"] == heads["unsafe_l2"]:
                return self.agree(heads["safe_l2"]["number"])
        raise AssertionError(f"not all becomes safe: {heads}")

    def replay(self):
        """Both logs lead to the same worlds once more."""
        for name in list(self.processes):
            self.end(name, signal.SIGTERM)
        for folder in ("node", "follower"):
            done = subprocess.run(
                [self.program, "replay", "--views", "--datadir", self.folder(folder)],
                capture_output=True, text=True, timeout=300)
            assert "every commitment agrees" in done.stdout, done.stdout + done.stderr


def status(port):
    return call(port, "optimism_syncStatus")


def balance(port, account, block="latest"):
    return int(call(port, "eth_getBalance", account, block), 16)


def view(port, to, signature, *values):
    """What a contract answers, as a number."""
    return int(call(port, "eth_call", {"to": to, "data": invocation(signature, *values)},
                    "latest")[:66], 16)
