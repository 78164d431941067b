"""A web3.py session as a user of a development chain has it, with what must come out.

usage: web3_session.py OPAL      (the program; a node is started on a free port)
"""
import gzip
import json
import os
import socket
import subprocess
import sys
import time

from eth_account import Account
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractCustomError, ContractLogicError, ContractPanicError
from web3.exceptions import Web3RPCError
from web3.logs import DISCARD

HERE = os.path.dirname(os.path.abspath(__file__))
SOLIDITY = os.path.join(HERE, "..", "Vectors", "solidity")
MNEMONIC = "test test test test test test test test test test test junk"
checks = 0


def check(what, holds):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"FAILED: {what}")


def fails(what, action, kind, text):
    try:
        action()
    except kind as error:
        check(f"{what}: '{text}' in '{error}'", text in str(error))
        return error
    except Exception as error:  # another kind is a failure, and should say which
        sys.exit(f"FAILED: {what}: {type(error).__name__}: {error}")
    sys.exit(f"FAILED: {what}: nothing was raised")


def artifact(name):
    with open(os.path.join(SOLIDITY, name + ".json")) as file:
        return json.load(file)


def deploy(w3, name, *arguments, sender):
    built = artifact(name)
    contract = w3.eth.contract(abi=built["abi"], bytecode=built["bytecode"])
    receipt = w3.eth.wait_for_transaction_receipt(
        contract.constructor(*arguments).transact({"from": sender}), timeout=10)
    check(f"{name} is deployed", receipt["status"] == 1)
    return w3.eth.contract(address=receipt["contractAddress"], abi=built["abi"]), receipt


def basics(w3, account):
    check("chain id", w3.eth.chain_id == 31337)
    check("client version", "opal/" in w3.client_version.lower())
    check("net version", w3.net.version == "31337")
    check("ten accounts", len(w3.eth.accounts) == 10 and w3.eth.accounts[0] == account.address)
    check("funded", w3.eth.get_balance(account.address) == 10_000 * 10**18)
    check("block 0", w3.eth.block_number == 0)
    check("no code", w3.eth.get_code(account.address) == b"")
    check("syncing", w3.eth.syncing is False)
    check("gas price", w3.eth.gas_price > 0)
    check("sha3", w3.provider.make_request("web3_sha3", ["0x"])["result"].startswith("0xc5d24601"))


def transfers(w3, account):
    to = Account.create().address
    receipt = w3.eth.wait_for_transaction_receipt(w3.eth.send_transaction(
        {"from": account.address, "to": to, "value": 12345}), timeout=10)
    check("node-signed transfer", receipt["status"] == 1 and receipt["gasUsed"] == 21000)
    check("received", w3.eth.get_balance(to) == 12345)
    check("one block a transaction", receipt["blockNumber"] == 1)
    fields = {"to": to, "value": 5, "gas": 21000, "maxFeePerGas": 10**11,
              "maxPriorityFeePerGas": 10**9, "nonce": w3.eth.get_transaction_count(account.address),
              "chainId": 31337, "type": 2}
    raw = account.sign_transaction(fields).raw_transaction
    digest = w3.eth.send_raw_transaction(raw)
    check("raw hash", digest == Web3.keccak(raw))
    found = w3.eth.get_transaction(digest)
    check("by hash", found["from"] == account.address and found["value"] == 5)
    check("balance at an old block", w3.eth.get_balance(to, 1) == 12345)
    legacy = {"to": to, "value": 1, "gas": 21000, "gasPrice": 10**11, "chainId": 31337,
              "nonce": fields["nonce"] + 1}
    w3.eth.send_raw_transaction(account.sign_transaction(legacy).raw_transaction)
    listed = {"to": to, "value": 1, "gas": 30000, "gasPrice": 10**11, "chainId": 31337,
              "nonce": fields["nonce"] + 2, "type": 1,
              "accessList": [{"address": to, "storageKeys": ["0x" + "00" * 32]}]}
    w3.eth.send_raw_transaction(account.sign_transaction(listed).raw_transaction)
    check("all arrived", w3.eth.get_balance(to) == 12352)
    fails("nonce too low", lambda: w3.eth.send_raw_transaction(raw), Web3RPCError, "nonce too low")
    poor = Account.create()
    fields.update(nonce=0)
    fails("no funds", lambda: w3.eth.send_raw_transaction(
        poor.sign_transaction(fields).raw_transaction), Web3RPCError, "insufficient funds")
    fields.update(nonce=w3.eth.get_transaction_count(account.address), gas=20999)
    fails("intrinsic gas", lambda: w3.eth.send_raw_transaction(
        account.sign_transaction(fields).raw_transaction), Web3RPCError, "intrinsic gas too low")
    fields.update(gas=21000, chainId=1)
    fails("wrong chain", lambda: w3.eth.send_raw_transaction(
        account.sign_transaction(fields).raw_transaction), Web3RPCError, "chain id")


def tokens(w3, account):
    token, created = deploy(w3, "Token", "Opal Token", "OPT", 10**24, sender=account.address)
    check("creation log", len(token.events.Transfer().process_receipt(created)) == 1)
    check("name", token.functions.name().call() == "Opal Token")
    other = w3.eth.accounts[1]
    spent = token.functions.transfer(other, 7).estimate_gas({"from": account.address})
    receipt = w3.eth.wait_for_transaction_receipt(
        token.functions.transfer(other, 7).transact({"from": account.address}))
    check("estimate suffices", receipt["gasUsed"] <= spent)
    event = token.events.Transfer().process_receipt(receipt, errors=DISCARD)[0]
    check("event", event["args"]["to"] == other and event["args"]["value"] == 7)
    check("call", token.functions.balanceOf(other).call() == 7)
    check("old state", token.functions.balanceOf(other).call(
        block_identifier=receipt["blockNumber"] - 1) == 0)
    watch = token.events.Transfer.create_filter(from_block="latest")
    blocks = w3.eth.filter("latest")
    token.functions.transfer(other, 8).transact({"from": account.address})
    check("filter", [e["args"]["value"] for e in watch.get_new_entries()] == [8])
    check("filter is drained", watch.get_new_entries() == [])
    check("block filter", len(blocks.get_new_entries()) == 1)
    logs = token.events.Transfer().get_logs(from_block=0, argument_filters={"to": other})
    check("logs by topic", [e["args"]["value"] for e in logs] == [7, 8])
    check("storage", int.from_bytes(w3.eth.get_storage_at(token.address, 2)) == 10**24)
    fails("custom error", lambda: token.functions.transfer(other, 10).call({"from": w3.eth.accounts[2]}),
          ContractCustomError, "0x")


def failures(w3, account):
    contract, _ = deploy(w3, "Failures", sender=account.address)
    call = contract.functions
    fails("reason", lambda: call.withReason().call(), ContractLogicError, "no such thing")
    fails("require", lambda: call.withRequire(3).call(), ContractLogicError, "x must exceed 10")
    check("require holds", call.withRequire(11).call() == 11)
    fails("custom", lambda: call.withCustom(7).call(), ContractCustomError, "0x")
    fails("assert", lambda: call.withAssert().call(), ContractPanicError, "")
    fails("overflow", lambda: call.withOverflow(1).call(), ContractPanicError, "")
    fails("division", lambda: call.withDivision(0).call(), ContractPanicError, "")
    fails("index", lambda: call.withIndex(0).call(), ContractPanicError, "")
    fails("nothing", lambda: call.withNothing().call(), ContractLogicError, "execution reverted")
    fails("invalid opcode", lambda: call.withInvalidOpcode().call(), Web3RPCError, "invalid opcode")
    fails("nested", lambda: call.outer().call(), ContractLogicError, "no such thing")
    fails("estimate", lambda: call.withReason().estimate_gas(), ContractLogicError, "no such thing")
    fails("out of gas", lambda: call.withEndlessLoop().call({"gas": 100_000}), Web3RPCError,
          "out of gas")
    digest = call.withReason().transact({"from": account.address, "gas": 100_000})
    check("a failed transaction has a receipt",
          w3.eth.wait_for_transaction_receipt(digest)["status"] == 0)
    digest = call.caught().transact({"from": account.address})
    check("a caught failure succeeds", w3.eth.wait_for_transaction_receipt(digest)["status"] == 1)
    check("and counts", call.count().call() == 1)


def factories(w3, account):
    factory, _ = deploy(w3, "Factory", sender=account.address)
    expected = factory.functions.predict(5).call()
    receipt = w3.eth.wait_for_transaction_receipt(
        factory.functions.makeSalted(5).transact({"from": account.address, "value": 3}))
    made = factory.events.Made().process_receipt(receipt, errors=DISCARD)[0]["args"]
    check("CREATE2 address", made["child"] == expected and made["salted"])
    child = w3.eth.contract(address=expected, abi=artifact("Child")["abi"])
    check("immutables", child.functions.maker().call() == factory.address)
    check("value went along", w3.eth.get_balance(expected) == 3)
    check("transient storage", child.functions.twice(21).call() == 42)
    again = factory.functions.makeSalted(5).transact({"from": account.address, "gas": 1_000_000})
    check("twice fails", w3.eth.wait_for_transaction_receipt(again)["status"] == 0)
    heir = Account.create().address
    factory.functions.makeAndDestroy(9, heir).transact({"from": account.address, "value": 4})
    check("self-destruct pays", w3.eth.get_balance(heir) == 4)
    number, timestamp, _, _, _, parent = factory.functions.context().call()
    latest = w3.eth.get_block("latest")
    check("block context", number in (latest["number"], latest["number"] + 1))
    check("time goes on", timestamp >= latest["timestamp"])
    check("block hash", parent == w3.eth.get_block(number - 1)["hash"])


def vyper(w3, account):
    with open(os.path.join(HERE, "Meter.json")) as file:
        built = json.load(file)
    contract = w3.eth.contract(abi=built["abi"], bytecode=built["bytecode"])
    receipt = w3.eth.wait_for_transaction_receipt(
        contract.constructor(7).transact({"from": account.address}))
    meter = w3.eth.contract(address=receipt["contractAddress"], abi=built["abi"])
    check("vyper total", meter.functions.total().call() == 7)
    meter.functions.use_(b"\x01" * 32, 5, "hi").transact({"from": account.address})
    used = meter.events.Used().get_logs(from_block=0)
    check("vyper event", used[0]["args"]["units"] == 5 and used[0]["args"]["note"] == "hi")


def protocol(w3):
    request = w3.provider.make_request
    check("unknown method", request("foo_bar", [])["error"]["code"] == -32601)
    check("txpool_status", request("txpool_status", [])["result"]["pending"] == "0x0")
    head = w3.eth.block_number
    snapshot = request("evm_snapshot", [])["result"]
    request("evm_mine", [])
    check("evm_mine", w3.eth.block_number == head + 1)
    check("evm_revert", request("evm_revert", [snapshot])["result"] is True)
    check("evm_revert takes the block back", w3.eth.block_number == head)
    check("eth_getWork", "no mining work" in request("eth_getWork", [])["error"]["message"])
    dump = request("anvil_dumpState", [])["result"]
    whole = json.loads(gzip.decompress(bytes.fromhex(dump[2:])))
    check("anvil_dumpState", int(whole["block"]["number"], 16) == head)
    check("anvil_dumpState has accounts", w3.eth.accounts[0].lower() in whole["accounts"])
    check("anvil_loadState", request("anvil_loadState", [dump])["result"] is True)
    check("anvil_loadState keeps the head", w3.eth.block_number == head)
    call = {"to": w3.eth.accounts[1], "data": "0x"}
    many = request("eth_callMany", [[{"transactions": [call, call]}], {"blockNumber": "latest"}])
    check("eth_callMany", many["result"] == [[{"value": "0x"}, {"value": "0x"}]])
    info = request("anvil_nodeInfo", [])["result"]
    check("anvil_nodeInfo", info["forkConfig"]["forkUrl"] is None)
    check("bad parameter", request("eth_getBalance", ["0x12", "latest"])["error"]["code"] == -32602)
    check("missing parameter", request("eth_getBalance", [])["error"]["code"] == -32602)
    first = w3.eth.accounts[0]
    with w3.batch_requests() as batch:
        batch.add(w3.eth.get_block("latest"))
        batch.add(w3.eth.get_balance(first))
        results = batch.execute()
    check("batch", results[0]["number"] == w3.eth.block_number and results[1] > 0)
    for tag in ("earliest", "safe", "finalized", "pending"):
        check(tag, w3.eth.get_block(tag)["number"] is not None)
    check("fee history", len(w3.eth.fee_history(2, "latest", [10, 50])["baseFeePerGas"]) == 3)
    check("priority fee", w3.eth.max_priority_fee >= 0)
    checkpoint = request("opal_getCheckpoint", [])["result"]
    size = int(checkpoint["size"], 16)
    event = request("opal_getEvent", [hex(size)])["result"]
    check("last event", int(event["sequence"], 16) == size)
    proof = request("opal_getInclusionProof", [hex(1), hex(size)])["result"]
    check("proof has the tree's height", len(proof["path"]) <= size.bit_length())


def main():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    node = subprocess.Popen([sys.argv[1], "node", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        w3 = Web3(HTTPProvider(f"http://127.0.0.1:{port}"))
        for _ in range(500):
            if w3.is_connected():
                break
            time.sleep(0.02)
        Account.enable_unaudited_hdwallet_features()
        account = Account.from_mnemonic(MNEMONIC)
        for step in (basics, transfers, tokens, failures, factories, vyper):
            step(w3, account)
        protocol(w3)
    finally:
        node.terminate()
        node.wait()
    print(f"{checks} checks passed")


if __name__ == "__main__":
    main()
