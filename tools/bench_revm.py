"""revm (through pyrevm) as a peer of the `evm` bench suite; Sources/opal-bench/EVMPeer.swift has
the lines that it reads and answers."""

import sys
import time

import pyrevm

CHARGED = 1 << 60


class Program:
    def __init__(self):
        self.accounts = []
        self.slots = []
        self.message = None

    def run(self, count):
        caller, target, data, gas = self.message
        block = pyrevm.BlockEnv(
            number=1, coinbase="0x00000000000000000000000000000000000c01b0", timestamp=1,
            prevrandao=b"\x01" + bytes(31), basefee=0, gas_limit=CHARGED)
        spent = 0.0
        for _ in range(count):
            evm = pyrevm.EVM(
                env=pyrevm.Env(block=block), gas_limit=CHARGED, spec_id="CANCUN")
            for address, nonce, balance, code in self.accounts:
                evm.insert_account_info(
                    address, pyrevm.AccountInfo(nonce=nonce, balance=balance, code=code))
            for address, slot, word in self.slots:
                evm.insert_account_storage(address, slot, word)
            begin = time.thread_time()
            output = evm.message_call(caller, target, data, gas=gas)
            spent += time.thread_time() - begin
        # What a transaction pays before its first instruction is no part of the message.
        zeros = data.count(0)
        paid = 21000 + 4 * zeros + 16 * (len(data) - zeros)
        used = evm.result.gas_used + evm.result.gas_refunded - paid
        return f"{spent / count} {used} {output.hex() or '-'}"


def data(word):
    return b"" if word == "-" else bytes.fromhex(word)


program = Program()
for line in sys.stdin:
    kind, *words = line.split()
    if kind == "program":
        program = Program()
    elif kind == "account":
        address, nonce, balance, code = words
        program.accounts.append(
            ("0x" + address, int(nonce), int(balance, 16), data(code) or None))
    elif kind == "slot":
        program.slots.append(("0x" + words[0], int(words[1], 16), int(words[2], 16)))
    elif kind == "message":
        program.message = ("0x" + words[0], "0x" + words[1], data(words[2]), int(words[3]))
    elif kind == "run":
        print(program.run(int(words[0])), flush=True)
