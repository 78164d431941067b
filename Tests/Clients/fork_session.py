"""A chain that goes on from a second node's, and states that are dumped and loaded.

Usage: fork_session.py OPAL_PROGRAM
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request

PROGRAM = sys.argv[1]
RICH = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
OTHER = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
# Stores the call's first word in slot 1, and logs nothing; then answers it.
CODE = "0x600d380380600d6000396000f3" + "60003580600155600052" + "60206000f3"


running = []


class Node:
    """An opal node that runs while the object is used."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [PROGRAM, "node", "--port", "0", "--json", *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(self.process)
        line = self.process.stdout.readline()
        assert line, "the node says nothing"
        self.about = json.loads(line)
        self.url = "http://" + self.about["listening"]

    def __call__(self, method, *parameters):
        answer = self.raw(method, *parameters)
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def raw(self, method, *parameters, origin=None):
        body = json.dumps(
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        ).encode()
        headers = {"content-type": "application/json"}
        if origin:
            headers["origin"] = origin
        request = urllib.request.Request(self.url, body, headers)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0


def run(*words):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fork(folder):
    first = Node("--chain-id", "4242")
    first("evm_setAutomine", True)
    created = first("eth_sendTransaction", {"from": RICH, "data": CODE})
    contract = first("eth_getTransactionReceipt", created)["contractAddress"]
    for word in range(3):
        first(
            "eth_sendTransaction",
            {"from": OTHER, "to": contract, "data": "0x" + f"{word + 5:064x}"},
        )
    at = int(first("eth_blockNumber"), 16)
    # What comes after the block that is forked from is not seen.
    first("eth_sendTransaction", {"from": OTHER, "to": contract, "data": "0x" + "f" * 64})

    directory = folder + "/forked"
    forked = Node("--fork-url", first.url, "--fork-block-number", str(at), "--datadir", directory)
    assert forked.about["chain_id"] == 4242 and forked.about["fork_block_number"] == at
    assert int(forked("eth_blockNumber"), 16) == at
    assert int(forked("eth_getStorageAt", contract, "0x1", "latest"), 16) == 7
    assert forked("eth_getCode", contract, "latest") == first("eth_getCode", contract, "latest")
    assert forked("eth_getTransactionReceipt", created) == first("eth_getTransactionReceipt", created)
    assert forked("eth_getBlockByNumber", hex(1), True) == first("eth_getBlockByNumber", hex(1), True)
    assert forked("eth_getBlockByNumber", "latest", True) == first(
        "eth_getBlockByNumber", hex(at), True
    )
    assert forked("eth_getStorageAt", contract, "0x1", hex(at - 1)) == "0x" + f"{6:064x}"
    hash_ = forked(
        "eth_sendTransaction", {"from": RICH, "to": contract, "data": "0x" + f"{99:064x}"}
    )
    receipt = forked("eth_getTransactionReceipt", hash_)
    assert receipt["status"] == "0x1" and int(receipt["blockNumber"], 16) == at + 1
    assert int(forked("eth_getStorageAt", contract, "0x1", "latest"), 16) == 99
    assert int(first("eth_getStorageAt", contract, "0x1", "latest"), 16) == 2**256 - 1
    # A word of zero takes the slot out, and the state root stays that of the whole state.
    forked("eth_sendTransaction", {"from": RICH, "to": contract, "data": "0x" + "0" * 64})
    proof = forked("eth_getProof", contract, ["0x1"], "latest")
    assert int(proof["storageProof"][0]["value"], 16) == 0
    snapshot = forked("evm_snapshot")
    forked("hardhat_impersonateAccount", contract)
    info = forked("anvil_nodeInfo")["forkConfig"]
    assert info["forkUrl"] == first.url and info["forkBlockNumber"] == at
    forked("evm_mine")
    head = forked("eth_getBlockByNumber", "latest", False)["hash"]
    logs = forked("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"})
    assert logs == []
    forked.stop()
    first.stop()

    # The other node is gone: replay, audit and restart need nothing of it.
    assert "every commitment agrees" in run("replay", "--datadir", directory, "--views")
    assert "all in order" in run("audit", "--datadir", directory)
    again = Node("--datadir", directory)
    assert again("eth_getBlockByNumber", "latest", False)["hash"] == head
    assert again("evm_revert", snapshot) is True, "snapshots are in the log"
    assert int(again("eth_blockNumber"), 16) == at + 2
    again.stop()

    # Nor does a chain that goes on without it: what needs an account that nobody has seen waits, and
    # keeps nothing else from being sealed.
    again = Node("--fork-url", first.url, "--datadir", directory, "--retries", "0")
    strangers = ["0x" + f"{number:02x}" * 20 for number in range(0x30, 0x80)]
    answers = {stranger: again.raw("eth_getBalance", stranger, "latest") for stranger in strangers}
    unknown = [stranger for stranger in strangers if "error" in answers[stranger]]
    assert unknown and all("trie node" in answers[each]["error"]["message"] for each in unknown)
    stranger = unknown[0]
    options = {"gas": "0x5208", "value": "0x1"}
    waiting = again("eth_sendTransaction", {"from": RICH, "to": stranger, **options})
    for _ in range(3):
        sent = again("eth_sendTransaction", {"from": OTHER, "to": RICH, **options})
        assert again("eth_getTransactionReceipt", sent)["status"] == "0x1"
    number = int(again("eth_blockNumber"), 16)
    again("anvil_mine", "0x20")
    assert int(again("eth_blockNumber"), 16) == number + 32
    assert again("eth_getTransactionReceipt", waiting) is None
    assert again("eth_getTransactionByHash", waiting)["blockNumber"] is None
    again.stop()
    assert "every commitment agrees" in run("replay", "--datadir", directory, "--views")
    refused = subprocess.run(
        [PROGRAM, "node", "--fork-url", first.url, "--fork-block-number", str(at + 1),
         "--datadir", directory],
        capture_output=True, text=True, timeout=60,
    )
    assert refused.returncode == 1 and f"goes on from block {at}" in refused.stderr
    print("fork: ok")


def reset():
    first = Node()
    first("anvil_mine", "0x5")
    second = Node()
    second("anvil_setBalance", OTHER, "0x7")
    answer = second("anvil_reset", {"forking": {"jsonRpcUrl": first.url, "blockNumber": 3}})
    assert answer is True and second("eth_blockNumber") == "0x3"
    assert second("eth_getBlockByNumber", "0x2", False) == first("eth_getBlockByNumber", "0x2", False)
    second("evm_mine")
    assert second("eth_blockNumber") == "0x4"
    refused = second.raw("anvil_reset", {"forking": {"jsonRpcUrl": "http://127.0.0.1:1"}})
    assert "127.0.0.1:1" in refused["error"]["message"], refused
    assert second("eth_blockNumber") == "0x4"
    second.stop()
    first.stop()
    print("reset: ok")


def dump(folder):
    anvils, own = folder + "/state.json", folder + "/state.opal"
    node = Node("--dump-state", anvils)
    created = node("eth_sendTransaction", {"from": RICH, "data": CODE})
    contract = node("eth_getTransactionReceipt", created)["contractAddress"]
    node("eth_sendTransaction", {"from": RICH, "to": contract, "data": "0x" + f"{5:064x}"})
    head = node("eth_getBlockByNumber", "latest", True)
    node.stop()
    for source, target in ((anvils, own), (own, anvils)):
        node = Node("--load-state", source, "--dump-state", target)
        assert node("eth_getBlockByNumber", "latest", True) == head
        assert int(node("eth_getStorageAt", contract, "0x1", "latest"), 16) == 5
        assert node("eth_getTransactionReceipt", created)["contractAddress"] == contract
        node.stop()
    directory = folder + "/kept"
    node = Node("--load-state", own, "--datadir", directory, "--config-out", folder + "/config.json")
    config = json.load(open(folder + "/config.json"))
    assert len(config["available_accounts"]) == 10 and config["chain_id"] == 31337
    node.stop()
    assert "all in order" in run("audit", "--datadir", directory)
    print("dump: ok")


def origins():
    node = Node()
    page = "http://localhost:3000"
    assert node.raw("eth_blockNumber", origin=page)["result"] == "0x0"
    refused = node.raw("anvil_setBalance", RICH, "0x0", origin=page)
    assert "other origins" in refused["error"]["message"]
    sent = node.raw("eth_sendTransaction", {"from": RICH, "to": OTHER}, origin=page)
    assert "other origins" in sent["error"]["message"]
    own = node.raw("anvil_setBalance", RICH, "0x9", origin=node.url)
    assert own["result"] is True
    node.stop()
    node = Node("--allow-origin", page)
    assert node.raw("anvil_setBalance", RICH, "0x9", origin=page)["result"] is True
    node.stop()
    print("origins: ok")


with tempfile.TemporaryDirectory() as folder:
    os.environ["XDG_CACHE_HOME"] = folder + "/cache"
    try:
        fork(folder)
        reset()
        dump(folder)
        origins()
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
