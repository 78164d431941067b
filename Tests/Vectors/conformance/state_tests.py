#!/usr/bin/env python3
"""Writes state_tests.json: state tests of our own, with the results of another implementation.

The transactions run in EELS, Ethereum's executable specification (PyPI: ethereum-execution), whose
program `ethereum-spec-evm` the first argument names. Opal computes nothing here.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

KEY = "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8"
SENDER = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b"
CONTRACT = "0x00000000000000000000000000000000000c0de0"
OTHER = "0x0000000000000000000000000000000000000bad"
FEES = "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba"
FORKS = ["Frontier", "Homestead", "Byzantium", "Istanbul", "Berlin", "London", "Paris", "Shanghai",
         "Cancun", "Prague", "Osaka"]

# Names, code, and the fork from which it runs.
PROGRAMS = {
    # A counter in slot 0, and a log with two topics.
    "counts_and_logs": ("600054600101600055604260005260aa60bb60206000a200", {"0x00": "0x05"}, 0),
    # Clears slot 1, which earns a refund.
    "clears_storage": ("600060015500", {"0x01": "0x07"}, 0),
    # Loops until the gas is gone.
    "runs_out_of_gas": ("5b600056", {}, 0),
    # Calls the other contract with all gas, and keeps its answer and what is left.
    "calls": ("6000600060006000600173" + OTHER[2:] + "61c350f16001556000545a600255", {}, 0),
    # Creates an account with a byte of code.
    "creates": ("6960fe60005360016000f3600052600a60166000f060035500", {}, 0),
    # Gives its balance away.
    "destroys_itself": ("73" + FEES[2:] + "ff", {"0x01": "0x01"}, 0),
    # Reverts with a word, after writing.
    "reverts": ("600160015560aa60005260206000fd", {}, 2),
    # BLOCKHASH of the block before, CHAINID and SELFBALANCE.
    "asks_the_chain": ("5f4060005546600155476002550000"[2:], {}, 3),
    # Transient storage and MCOPY.
    "transient": ("602a60015d60015c60015560205f5f5e00", {}, 8),
    # Counts leading zeros.
    "leading_zeros": ("60ff1e60015500", {}, 10),
}
TRANSACTIONS = {
    "legacy": {"gasPrice": "0x10"},
    "creation": {"gasPrice": "0x10", "to": "", "data": "0x600160005560016000f3"},
    "access_list": {"gasPrice": "0x10", "accessList": [
        {"address": CONTRACT, "storageKeys": ["0x" + "00" * 31 + "01"]}]},
    "dynamic_fee": {"maxFeePerGas": "0x20", "maxPriorityFeePerGas": "0x03"},
    "nonce_too_high": {"gasPrice": "0x10", "nonce": "0x07"},
    "too_little_gas": {"gasPrice": "0x10", "gasLimit": "0x5207"},
}
# Before Spurious Dragon EELS and the oldest tests disagree on the fee recipient of a refused
# transaction (docs/conformance.md); neither is the subject here.
FIRST = {"access_list": 4, "dynamic_fee": 5, "nonce_too_high": 2, "too_little_gas": 2}


def environment(fork):
    position = FORKS.index(fork)
    env = {"currentCoinbase": FEES, "currentGasLimit": "0x1c9c380", "currentNumber": "0x05",
           "currentTimestamp": "0x03e8", "currentDifficulty": "0x20000"}
    if position >= 5:
        env["currentBaseFee"] = "0x0a"
    if position >= 6:
        env["currentRandom"] = "0x" + "00" * 31 + "2a"
        env["currentDifficulty"] = "0x0"
    if position >= 8:
        env["currentExcessBlobGas"] = "0x0"
    return env


def run(evm, fork, pre, env, transaction):
    """The state root, the logs' hash and whether the transaction was refused."""
    fields = dict(transaction)
    fields["input"] = fields.pop("data")
    fields["gas"] = fields.pop("gasLimit")
    kind = 2 if "maxFeePerGas" in fields else 1 if "accessList" in fields else 0
    if kind == 2:
        fields.setdefault("accessList", [])
    fields |= {"type": hex(kind), "v": "0x0", "r": "0x0", "s": "0x0", "secretKey": KEY}
    fields["protected"] = kind > 0
    if kind:
        fields["chainId"] = "0x1"
    if fields["to"] == "":
        fields["to"] = None
    env = dict(env)
    if FORKS.index(fork) >= 7:
        env["withdrawals"] = []
    if FORKS.index(fork) >= 8:
        env["parentBeaconBlockRoot"] = "0x" + "00" * 32
    env["blockHashes"] = {}
    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder)
        for name, content in (("alloc", pre), ("env", env), ("txs", [fields])):
            (base / f"{name}.json").write_text(json.dumps(content))
        result = subprocess.run(
            [evm, "t8n", "--input.alloc", base / "alloc.json", "--input.env", base / "env.json",
             "--input.txs", base / "txs.json", "--state.fork", fork, "--state-test",
             "--state.reward", "0", "--output.basedir", base, "--output.result", "result.json",
             "--output.alloc", "post.json"], capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(f"{fork}: {result.stderr[-2000:]}")
        outcome = json.loads((base / "result.json").read_text())
    return outcome["stateRoot"], outcome["logsHash"], bool(outcome["rejected"])


def main():
    evm, cases = sys.argv[1], {}
    wanted = [("legacy", name) for name in PROGRAMS]
    wanted += [(kind, "counts_and_logs") for kind in TRANSACTIONS if kind != "legacy"]
    for kind, name in wanted:
        code, storage, first = PROGRAMS[name]
        first = max(first, FIRST.get(kind, 0))
        pre = {
            SENDER: {"balance": "0xffffffffffff", "nonce": "0x0", "code": "0x", "storage": {}},
            CONTRACT: {"balance": "0x64", "nonce": "0x1", "code": "0x" + code, "storage": storage},
            OTHER: {"balance": "0x1", "nonce": "0x1", "code": "0x34600155", "storage": {}},
        }
        transaction = {"nonce": "0x0", "gasLimit": "0x61a80", "to": CONTRACT, "value": "0x1",
                       "data": "0x"} | TRANSACTIONS[kind]
        for fork in FORKS[first:]:
            # Before Tangerine Whistle a call of more gas than there is halts the caller: also a
            # case, and the same under every rule.
            env = environment(fork)
            root, logs, refused = run(evm, fork, pre, env, transaction)
            fields = dict(transaction) | {
                "gasLimit": [transaction["gasLimit"]], "value": [transaction["value"]],
                "data": [transaction["data"]], "secretKey": KEY, "sender": SENDER}
            if "accessList" in fields:
                fields["accessLists"] = [fields.pop("accessList")]
            post = {"hash": root, "logs": logs, "indexes": {"data": 0, "gas": 0, "value": 0}}
            if refused:
                post["expectException"] = "refused by EELS"
            cases[f"{name}/{kind}/{fork}"] = {
                "env": env, "pre": pre, "transaction": fields, "post": {fork: [post]}}
            print(name, kind, fork, "refused" if refused else "accepted")
    target = pathlib.Path(__file__).with_name("state_tests.json")
    target.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
