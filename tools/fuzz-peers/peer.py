"""The line protocol between `opal fuzz evm` and a peer, another implementation of the EVM.

Each line of standard input is a case, in the shape of a state test with one transaction and the
name of its fork; each line of standard output answers it. An answer is {"refused": why}, or
{"unsupported": why} for what the peer is known not to do, or
{"status": "success" | "revert" | "halt", "gasUsed", "output", "logs", "post"}, where post lists
every account that exists after the transaction.
"""

import json
import sys


def number(text):
    return int(text, 16)


def data(text):
    return bytes.fromhex(text[2:])


def quantity(value):
    return hex(int(value))


def prefixed(value):
    return "0x" + bytes(value).hex()


class Account:
    """An account of a case, before or after."""

    def __init__(self, nonce, balance, code, storage):
        self.nonce, self.balance, self.code, self.storage = nonce, balance, code, storage

    @classmethod
    def read(cls, fields):
        storage = {number(k): number(v) for k, v in fields["storage"].items()}
        return cls(
            number(fields["nonce"]), number(fields["balance"]), data(fields["code"]), storage)

    def written(self):
        return {
            "nonce": quantity(self.nonce),
            "balance": quantity(self.balance),
            "code": prefixed(self.code),
            "storage": {quantity(k): quantity(v) for k, v in self.storage.items() if v},
        }

    @property
    def is_empty(self):
        return not self.nonce and not self.balance and not self.code


class Case:
    """A case with its numbers read."""

    def __init__(self, line):
        fields = json.loads(line)
        self.fork = fields["fork"]
        env = fields["env"]
        self.coinbase = env["currentCoinbase"]
        self.number = number(env["currentNumber"])
        self.timestamp = number(env["currentTimestamp"])
        self.block_gas_limit = number(env["currentGasLimit"])
        self.difficulty = number(env.get("currentDifficulty", "0x0"))
        self.randao = data(env.get("currentRandom", "0x" + "00" * 32))
        self.base_fee = number(env.get("currentBaseFee", "0x0"))
        self.excess_blob_gas = number(env.get("currentExcessBlobGas", "0x0"))
        self.pre = {address: Account.read(entry) for address, entry in fields["pre"].items()}
        transaction = fields["transaction"]
        self.sender = transaction["sender"]
        self.to = transaction["to"] or None
        self.nonce = number(transaction["nonce"])
        self.gas_limit = number(transaction["gasLimit"][0])
        self.value = number(transaction["value"][0])
        self.data = data(transaction["data"][0])
        self.cap = number(transaction.get("maxFeePerGas", transaction.get("gasPrice", "0x0")))
        self.tip = number(transaction.get("maxPriorityFeePerGas", transaction.get(
            "gasPrice", "0x0")))
        self.is_dynamic = "maxFeePerGas" in transaction
        lists = transaction.get("accessLists")
        self.access_list = None if lists is None else [
            (entry["address"], [number(key) for key in entry["storageKeys"]])
            for entry in lists[0]]
        hashes = transaction.get("blobVersionedHashes")
        self.blob_hashes = None if hashes is None else [data(each) for each in hashes]
        self.blob_cap = number(transaction.get("maxFeePerBlobGas", "0x0"))
        self.authorizations = transaction.get("authorizationList")


def log(address, topics, content):
    return {"address": address.lower(), "topics": [prefixed(each) for each in topics],
            "data": prefixed(content)}


def answer(status, gas_used, output, logs, post):
    return {"status": status, "gasUsed": quantity(gas_used), "output": prefixed(output),
            "logs": logs, "post": {address: post[address].written() for address in sorted(post)}}


def serve(run):
    """Answers cases until there are no more."""
    sys.setrecursionlimit(100_000)
    for line in sys.stdin:
        reply = run(Case(line))
        sys.stdout.write(json.dumps(reply, separators=(",", ":")) + "\n")
        sys.stdout.flush()
