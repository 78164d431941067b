"""Executes a chain that Opal exported in py-evm, from a geth genesis, and prints the head's hash.

usage: import_with_py_evm.py genesis.json chain.rlp

The chain is one of Shanghai's from its first block. Whatever py-evm finds otherwise ends it with
an exception.
"""
import json
import sys

import rlp
from eth.chains.base import Chain
from eth.db.atomic import AtomicDB
from eth.vm.forks.shanghai import ShanghaiVM


def number(value, usual=0):
    if value is None:
        return usual
    return int(value, 16) if isinstance(value, str) and value.startswith("0x") else int(value)


def data(value, usual=b""):
    return usual if value is None else bytes.fromhex(value.removeprefix("0x"))


def state(alloc):
    return {
        data(address): {
            "balance": number(account.get("balance")),
            "nonce": number(account.get("nonce")),
            "code": data(account.get("code")),
            "storage": {
                number(slot): number(word)
                for slot, word in (account.get("storage") or {}).items()
            },
        }
        for address, account in alloc.items()
    }


def main():
    with open(sys.argv[1]) as file:
        genesis = json.load(file)
    with open(sys.argv[2], "rb") as file:
        encoded = file.read()

    class ExportedChain(Chain):
        vm_configuration = ((0, ShanghaiVM),)
        chain_id = number(genesis["config"]["chainId"])

    parameters = {
        "coinbase": data(genesis.get("coinbase"), bytes(20)),
        "difficulty": number(genesis.get("difficulty")),
        "extra_data": data(genesis.get("extraData")),
        "gas_limit": number(genesis["gasLimit"]),
        "mix_hash": data(genesis.get("mixHash"), bytes(32)),
        "nonce": number(genesis.get("nonce")).to_bytes(8, "big"),
        "timestamp": number(genesis.get("timestamp")),
        "base_fee_per_gas": number(genesis.get("baseFeePerGas"), 10**9),
    }
    # py-evm wants no genesis header field that it does not name itself.
    chain = ExportedChain.from_genesis(AtomicDB(), parameters, state(genesis["alloc"]))
    head = chain.get_canonical_head()
    place, count = 0, 0
    while place < len(encoded):
        _, _, end = rlp.codec.consume_item(encoded, place)
        block = rlp.decode(encoded[place:end], sedes=chain.get_vm(head).get_block_class())
        place = end
        chain.import_block(block, perform_validation=True)
        head = block.header
        count += 1
    print(f"py-evm imported {count} blocks; the head is 0x{chain.get_canonical_head().hash.hex()}")


main()
