#!/usr/bin/env python3
"""Writes transitions.json: runs of a transition tool, with the results of another implementation.

The results come from EELS, Ethereum's executable specification (PyPI: ethereum-execution), whose
program `ethereum-spec-evm` the first argument names. Opal computes nothing here.

Where transactions are rejected, the roots of transactions and receipts are left out: EELS keeps what
it rejected in its tries. The runs that must end with an exit code have none of EELS's results; the
codes are geth's. Steps are [pc, gas, gasCost, memSize, depth, refund, stack], as EELS traces them;
where an instruction fails, its price and the stack are null.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

KEY = "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8"
SENDER = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b"
OTHER_KEY = "0xb71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291"
COUNTER = "0x00000000000000000000000000000000000c0de0"
ASKER = "0x00000000000000000000000000000000000c0de1"
REVERTER = "0x00000000000000000000000000000000000c0de2"
FEES = "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba"
BEACON = "0x000f3df6d732807ef1319fb7b8bb8522d0beac02"
HISTORY = "0x0000f90827f1c53a10cb7a02335b175320002935"
WITHDRAWALS = "0x00000961ef480eb55e80d19ad83579a64c007002"
CONSOLIDATIONS = "0x0000bbddc7ce488642fb579f8b00f3a590007251"
FORKS = ["Frontier", "Homestead", "EIP150", "EIP158", "Byzantium", "ConstantinopleFix", "Istanbul",
         "Berlin", "London", "Paris", "Shanghai", "Cancun", "Prague", "Osaka"]
ROOT = pathlib.Path(__file__).resolve().parents[3]


def system_code(name):
    """A system contract's code, as Sources/Execution/SystemContracts.swift quotes its EIP."""
    text = (ROOT / "Sources/Execution/SystemContracts.swift").read_text()
    part = text[text.index(f"static let {name} ="):]
    lines = part[part.index("=") + 1:].split("\n\n")[0]
    return "0x" + "".join(piece for piece in lines.split('"')[1::2])


def at_least(fork, first):
    return FORKS.index(fork) >= FORKS.index(first)


def accounts(fork):
    alloc = {
        SENDER: {"balance": "0xde0b6b3a7640000", "nonce": "0x1"},
        # Counts in slot 0 and logs with one topic.
        COUNTER: {"balance": "0x7", "nonce": "0x1", "code": "0x600054600101600055604260005260aa60206000a100",
                  "storage": {"0x00": "0x05", "0x01": "0x09"}},
        # Keeps NUMBER, TIMESTAMP, DIFFICULTY, GASLIMIT, COINBASE and BLOCKHASH of the block before.
        ASKER: {"balance": "0x0", "nonce": "0x1",
                "code": "0x43600055426001554460025545600355416004556001430340600555" + "00"},
        # Writes, clears slot 1 and reverts if there is call data, or fails before Byzantium.
        REVERTER: {"balance": "0x0", "nonce": "0x1", "code": "0x600060015536600d5700" + "5b5b5b5b60006000fd",
                   "storage": {"0x01": "0x01"}},
    }
    if at_least(fork, "Cancun"):
        alloc[BEACON] = {"balance": "0x0", "nonce": "0x1", "code": system_code("beaconRootsCode")}
    if at_least(fork, "Prague"):
        for address, name in ((HISTORY, "historyStorageCode"),
                              (WITHDRAWALS, "withdrawalRequestsCode"),
                              (CONSOLIDATIONS, "consolidationRequestsCode")):
            alloc[address] = {"balance": "0x0", "nonce": "0x1", "code": system_code(name)}
    return alloc


def environment(fork, follows=False):
    """The surroundings; `follows` leaves out what a parent says."""
    env = {
        "currentCoinbase": FEES, "currentGasLimit": "0x1c9c380", "currentNumber": "0x6",
        "currentTimestamp": "0x3e8", "parentTimestamp": "0x3d9",
        "blockHashes": {hex(n): "0x" + f"{n + 1:064x}" for n in range(6)},
    }
    if at_least(fork, "Paris"):
        env["currentRandom"] = "0x" + "5a" * 32
    elif follows:
        env["parentDifficulty"] = "0x20000000"
        env["parentUncleHash"] = "0x" + "12" * 32
    else:
        env["currentDifficulty"] = "0x20000"
    if at_least(fork, "London"):
        if follows:
            env |= {"parentBaseFee": "0x7", "parentGasUsed": "0x1000000",
                    "parentGasLimit": "0x1c9c380"}
        else:
            env["currentBaseFee"] = "0x7"
    if at_least(fork, "Shanghai"):
        env["withdrawals"] = [
            {"index": "0x5", "validatorIndex": "0x9", "address": "0x" + "ab" * 20, "amount": "0x3"},
            {"index": "0x6", "validatorIndex": "0x9", "address": SENDER, "amount": "0x1"}]
    if at_least(fork, "Cancun"):
        env["parentBeaconBlockRoot"] = "0x" + "be" * 32
        if follows:
            env |= {"parentExcessBlobGas": "0x2000000", "parentBlobGasUsed": "0xc0000"}
        else:
            env["currentExcessBlobGas"] = "0x60000"
    return env


def transaction(nonce, fork, to=COUNTER, data="0x", gas="0x30d40", **more):
    fields = {"nonce": hex(nonce), "gas": gas, "gasPrice": "0x10", "value": "0x0", "input": data,
              "to": to, "v": "0x0", "r": "0x0", "s": "0x0", "secretKey": KEY}
    if not at_least(fork, "EIP158"):
        fields["protected"] = False
    return fields | more


def dynamic(fields, kind=2, **more):
    del fields["gasPrice"]
    return fields | {"type": hex(kind), "chainId": "0x1", "maxFeePerGas": "0x20",
                     "maxPriorityFeePerGas": "0x3", "accessList": []} | more


def plain(fork):
    """A counter, a reading of the surroundings, a creation, a failure, a transfer of value."""
    txs = [transaction(1, fork), transaction(2, fork, ASKER),
           transaction(3, fork, None, "0x600160005560fe60005360016000f3"),
           transaction(4, fork, REVERTER, "0x01"), transaction(5, fork, FEES, value="0x64")]
    if at_least(fork, "EIP158"):
        txs.append(transaction(6, fork, protected=False))
    if at_least(fork, "Berlin"):
        txs.append(transaction(7, fork, type="0x1", chainId="0x1", accessList=[
            {"address": COUNTER, "storageKeys": ["0x" + "00" * 31 + "01"]}]))
    if at_least(fork, "London"):
        txs.append(dynamic(transaction(8, fork)))
    if at_least(fork, "Cancun"):
        txs.append(dynamic(transaction(9, fork), 3, maxFeePerBlobGas="0x1000",
                           blobVersionedHashes=["0x01" + "ee" * 31, "0x01" + "ef" * 31]))
    if at_least(fork, "Prague"):
        # A withdrawal request with its fee, and a delegation by an account that signed it.
        txs.append(transaction(10, fork, WITHDRAWALS, "0x" + "cc" * 48 + "00" * 7 + "01",
                               value="0x1"))
        txs.append(dynamic(transaction(11, fork, "0x71562b71999873db5b286df957af199ec94617f7"), 4,
                           authorizationList=[
            {"chainId": "0x0", "address": "0x000000000000000000000000000000000000bbbb",
             "nonce": "0x0", "yParity": "0x1", "v": "0x1",
             "r": "0x5011890f198f0356a887b0779bde5afa1ed04e6acb1e3f37f8f18c7b6f521b98",
             "s": "0x56c3fa3456b103f3ef4a0acb4b647b9cab9ec4bc68fbcdf1e10b49fb2bcbcf61"}]))
    return txs


def rejected(fork):
    """One that goes in, and others that may not."""
    return [transaction(1, fork), transaction(1, fork), transaction(9, fork),
            transaction(2, fork, gas="0x5207"), transaction(2, fork, gas="0x7fffffffffff"),
            transaction(0, fork, secretKey=OTHER_KEY), transaction(2, fork, value="0xffffffffffffffff")]


def cases():
    for fork in FORKS:
        reward = None if at_least(fork, "Paris") else "0x1bc16d674ec80000"
        yield f"plain_{fork}", fork, reward, accounts(fork), environment(fork), plain(fork)
        yield (f"follows_{fork}", fork, reward, accounts(fork), environment(fork, True),
               [transaction(1, fork, gasPrice="0x10000")])
        yield (f"rejected_{fork}", fork, None, accounts(fork), environment(fork), rejected(fork))
    without = accounts("Prague")
    del without[WITHDRAWALS]
    yield "contract_missing", "Prague", None, without, environment("Prague"), plain("Prague")[:3]


def ommers():
    """Rewards by the Yellow Paper's section 11.3; EELS's tool takes no ommers."""
    reward = 3 * 10 ** 18
    env = environment("Byzantium") | {"ommers": [{"delta": 1, "address": "0x" + "bb" * 20},
                                                 {"delta": 6, "address": FEES}]}
    alloc = {"0x" + "bb" * 20: {"balance": hex(reward * 7 // 8)},
             FEES: {"balance": hex(reward * 2 // 8 + reward + 2 * (reward // 32))}}
    return {"fork": "Byzantium", "reward": hex(reward), "input": {"alloc": {}, "env": env, "txs": []},
            "expected": {"result": {"gasUsed": "0x0", "currentDifficulty": "0x20000"},
                         "rejected": [], "alloc": alloc}}


def run(program, fork, reward, members):
    with tempfile.TemporaryDirectory() as folder:
        words = [program, "t8n", "--input.alloc=stdin", "--input.env=stdin", "--input.txs=stdin",
                 "--output.alloc=stdout", "--output.result=stdout", "--output.basedir=" + folder,
                 "--state.fork=" + fork, "--state.reward=" + str(int(reward, 16) if reward else -1),
                 "--trace"]
        done = subprocess.run(words, input=json.dumps(members), capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        return json.loads(done.stdout), steps(pathlib.Path(folder))


def steps(folder):
    """What each transaction did, by its hash."""
    traces = {}
    for path in sorted(folder.glob("trace-*.jsonl")):
        lines = []
        for line in path.read_text().splitlines():
            step = json.loads(line)
            if "pc" not in step:
                continue
            row = [step[k] for k in ("pc", "gas", "gasCost", "memSize", "depth", "refund", "stack")]
            if "error" in step:
                row[2] = row[6] = None
            lines.append(row)
        traces[path.stem.split("-")[2]] = lines
    return traces


def failing():
    """Runs that end with geth's exit codes."""
    paris = environment("Paris")
    del paris["currentRandom"]
    london = environment("London")
    del london["currentBaseFee"]
    shanghai = environment("Shanghai")
    del shanghai["withdrawals"]
    cancun = environment("Cancun")
    del cancun["parentBeaconBlockRoot"]
    homestead = environment("Homestead")
    del homestead["currentDifficulty"]
    unnamed = environment("Berlin")
    del unnamed["blockHashes"]["0x5"]
    shapeless = transaction(1, "Berlin")
    del shapeless["gas"]
    yield "random_missing", "Paris", accounts("Paris"), paris, [], 3
    yield "base_fee_missing", "London", accounts("London"), london, [], 3
    yield "withdrawals_missing", "Shanghai", accounts("Shanghai"), shanghai, [], 3
    yield "beacon_root_missing", "Cancun", accounts("Cancun"), cancun, [], 3
    yield "difficulty_missing", "Homestead", accounts("Homestead"), homestead, [], 3
    yield "fork_unknown", "Moon", {}, environment("Berlin"), [], 3
    yield "extra_rule", "Frontier+1346", {}, environment("Berlin"), [], 3
    yield ("block_hash_missing", "Berlin", accounts("Berlin"), unnamed,
           [transaction(1, "Berlin", ASKER)], 4)
    yield "gas_missing", "Berlin", accounts("Berlin"), environment("Berlin"), [shapeless], 10
    yield "transactions_no_array", "Berlin", accounts("Berlin"), environment("Berlin"), {}, 10
    yield "number_missing", "Berlin", {}, {"currentCoinbase": FEES}, [], 10
    yield "alloc_no_object", "Berlin", [], environment("Berlin"), [], 10


def main():
    document = {}
    for name, fork, reward, alloc, env, txs in cases():
        members = {"alloc": alloc, "env": env, "txs": txs}
        output, traces = run(sys.argv[1], fork, reward, members)
        result = output["result"]
        # EELS names receipts by other members than geth, and reasons by its own words.
        expected = {k: v for k, v in result.items() if v is not None
                    and k not in ("receipts", "rejected", "blockException")}
        if result["rejected"]:
            del expected["txRoot"], expected["receiptsRoot"]
        if ("blockException" in result) != (name == "contract_missing"):
            sys.exit(f"{name}: {result.get('blockException')}")
        document[name] = {"fork": fork, "reward": reward, "input": members, "expected": {
            "result": expected, "rejected": sorted(r["index"] for r in result["rejected"]),
            "blockException": "blockException" in result, "alloc": output["alloc"]}}
        if name in ("plain_Homestead", "plain_Berlin", "plain_Osaka"):
            document[name]["expected"]["steps"] = traces
    for name, fork, alloc, env, txs, code in failing():
        document[name] = {"fork": fork, "input": {"alloc": alloc, "env": env, "txs": txs},
                          "expected": {"exitCode": code}}
    document["ommers"] = ommers()
    path = pathlib.Path(__file__).with_name("transitions.json")
    rows = [f"{json.dumps(name)}: {json.dumps(case, separators=(',', ':'))}"
            for name, case in document.items()]
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n")
    print(len(document), "cases")


if __name__ == "__main__":
    main()
