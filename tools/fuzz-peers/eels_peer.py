"""EELS, Ethereum's executable specification (PyPI: ethereum-execution), as a peer on every fork.

The specification's own `process_transaction` runs over a state that is filled and read here. Two
of its names are replaced: who sent a transaction is told by the case instead of its signature, and
what a call returned is noted on the way, since the receipts do not say.
"""

import importlib

from ethereum.crypto.hash import keccak256
from ethereum.exceptions import EthereumException
from ethereum_types.bytes import Bytes, Bytes0, Bytes20, Bytes32
from ethereum_types.numeric import U8, U64, U256, Uint
from peer import Account, answer, data, log, number, prefixed, serve

PACKAGES = {
    "Frontier": "frontier", "Homestead": "homestead", "EIP150": "tangerine_whistle",
    "EIP158": "spurious_dragon", "Byzantium": "byzantium", "ConstantinopleFix": "constantinople",
    "Istanbul": "istanbul", "Berlin": "berlin", "London": "london", "Paris": "paris",
    "Shanghai": "shanghai", "Cancun": "cancun", "Prague": "prague", "Osaka": "osaka",
}


class Fork:
    """The modules of one fork, with the two names replaced."""

    loaded = {}

    def __init__(self, name):
        package = "ethereum.forks." + PACKAGES[name]
        self.fork, self.state, self.types, self.transactions, self.vm, self.interpreter = (
            importlib.import_module(package + "." + part)
            for part in ("fork", "state", "fork_types", "transactions", "vm", "vm.interpreter"))
        self.sender, self.output, self.error = None, None, None
        self.fork.recover_sender = lambda *_: self.sender
        process, create = self.interpreter.process_message, self.interpreter.process_create_message

        def noted(inner):
            def run(message, *rest):
                evm = inner(message, *rest)
                if message.depth == Uint(0):
                    self.output, self.error = evm.output, evm.error
                return evm
            return run

        self.interpreter.process_message = noted(process)
        self.interpreter.process_create_message = noted(create)
        message_call = self.fork.process_message_call

        def run_call(*arguments):
            result = message_call(*arguments)
            self.error = result.error
            return result

        self.fork.process_message_call = run_call

    @classmethod
    def named(cls, name):
        if name not in cls.loaded:
            cls.loaded[name] = cls(name)
        return cls.loaded[name]

    def run(self, case):
        state = self.filled(case)
        self.sender = self.types.Address(data(case.sender))
        self.output, self.error = b"", None
        block = self.vm.BlockEnvironment(**self.block(case, state))
        output = self.vm.BlockOutput()
        try:
            transaction = self.transaction(case)
            self.fork.process_transaction(block, output, transaction, Uint(0))
        except (EthereumException, OverflowError, ValueError) as error:
            return {"refused": repr(error)}
        if self.error is None:
            status = "success"
        else:
            status = "revert" if type(self.error).__name__ == "Revert" else "halt"
        logs = [log(prefixed(each.address), each.topics, each.data) for each in output.block_logs]
        result = b"" if status == "halt" or status == "success" and case.to is None else self.output
        return answer(status, output.block_gas_used, result, logs, self.accounts(state))

    def filled(self, case):
        state = self.state.State()
        for name, account in case.pre.items():
            address = self.types.Address(data(name))
            self.state.set_account(state, address, self.types.Account(
                nonce=Uint(account.nonce), balance=U256(account.balance),
                code=Bytes(account.code)))
            for slot, value in account.storage.items():
                self.state.set_storage(
                    state, address, Bytes32(slot.to_bytes(32, "big")), U256(value))
        return state

    def accounts(self, state):
        post = {}
        for address, account in state._main_trie._data.items():
            if account is None:
                continue
            trie = state._storage_tries.get(address)
            storage = {} if trie is None else {
                int.from_bytes(key, "big"): int(value) for key, value in trie._data.items()}
            post[prefixed(address)] = Account(
                int(account.nonce), int(account.balance), account.code, storage)
        return post

    def block(self, case, state):
        first = max(0, case.number - 256)
        fields = self.vm.BlockEnvironment.__dataclass_fields__
        values = {
            "chain_id": U64(1), "state": state, "block_gas_limit": Uint(case.block_gas_limit),
            # The hashes of state tests: of the numbers' decimal digits.
            "block_hashes": [keccak256(str(each).encode()) for each in range(first, case.number)],
            "coinbase": self.types.Address(data(case.coinbase)), "number": Uint(case.number),
            "time": U256(case.timestamp), "difficulty": Uint(case.difficulty),
            "base_fee_per_gas": Uint(case.base_fee), "prev_randao": Bytes32(case.randao),
            "excess_blob_gas": U64(case.excess_blob_gas),
            "parent_beacon_block_root": Bytes32(bytes(32)),
        }
        return {name: value for name, value in values.items() if name in fields}

    def transaction(self, case):
        kinds = self.transactions
        to = Bytes0(b"") if case.to is None else self.types.Address(data(case.to))
        common = {"nonce": U256(case.nonce), "gas": Uint(case.gas_limit), "to": to,
                  "value": U256(case.value), "data": Bytes(case.data), "r": U256(1), "s": U256(1)}
        if case.access_list is None and not case.is_dynamic:
            kind = getattr(kinds, "LegacyTransaction", None) or kinds.Transaction
            return kind(gas_price=Uint(case.cap), v=U256(27), **common)
        common |= {"chain_id": U64(1), "y_parity": U256(0),
                   "access_list": self.access_list(case.access_list or [])}
        if not case.is_dynamic:
            return kinds.AccessListTransaction(gas_price=Uint(case.cap), **common)
        common |= {"max_fee_per_gas": Uint(case.cap), "max_priority_fee_per_gas": Uint(case.tip)}
        if case.blob_hashes is not None:
            return kinds.BlobTransaction(
                max_fee_per_blob_gas=U256(case.blob_cap),
                blob_versioned_hashes=tuple(Bytes32(each) for each in case.blob_hashes), **common)
        if case.authorizations is not None:
            common["nonce"] = U64(case.nonce)
            return kinds.SetCodeTransaction(
                authorizations=tuple(map(self.authorization, case.authorizations)), **common)
        return kinds.FeeMarketTransaction(**common)

    def access_list(self, entries):
        keys = [(self.types.Address(data(address)), tuple(
            Bytes32(slot.to_bytes(32, "big")) for slot in slots)) for address, slots in entries]
        access = getattr(self.transactions, "Access", None)
        return tuple(keys if access is None else (access(account=a, slots=s) for a, s in keys))

    def authorization(self, fields):
        return self.types.Authorization(
            chain_id=U256(number(fields["chainId"])),
            address=self.types.Address(data(fields["address"])),
            nonce=U64(number(fields["nonce"])), y_parity=U8(number(fields["yParity"])),
            r=U256(number(fields["r"])), s=U256(number(fields["s"])))


serve(lambda case: Fork.named(case.fork).run(case))
