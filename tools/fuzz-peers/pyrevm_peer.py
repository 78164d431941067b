"""revm 8 of March 2024 (PyPI: pyrevm 0.3.7) as a peer, from Spurious Dragon to Cancun.

Before Spurious Dragon it matters whether an account exists, and pyrevm's database says of every
account that it does (`EmptyDBWrapper::basic_ref`), so that nothing ever pays for a new one. Those
forks are EELS's.

pyrevm leaves some of a transaction's work to its caller, and this file does that work:

- `message_call` takes no fee, raises no nonce and rewards nobody, so the sender goes in as it is
  after paying, and the rest is done at the end. `deploy` does all that by itself.
- Neither ends the transaction: what destroyed itself or was touched while empty is removed here,
  as revm's own `finalize` and database do.
- Base fees are always zero in pyrevm; the generator gives it no others.
- `insert_account_storage` leaves the account warm; taken back by a checkpoint it does not.
- The state after a call is only to be had as Rust's debug text, which is read here.
"""

import re

import pyrevm
from peer import Account, answer, log, serve

SPECS = {
    "EIP158": "Spurious", "Byzantium": "Byzantium", "ConstantinopleFix": "Petersburg",
    "Istanbul": "Istanbul", "Berlin": "Berlin", "London": "London", "Paris": "Merge",
    "Shanghai": "Shanghai", "Cancun": "Cancun",
}
GAS_PER_BLOB = 1 << 17

ACCOUNT = re.compile(
    r"(0x[0-9a-f]{40}): Account \{ info: AccountInfo \{ balance: (\d+), nonce: (\d+), "
    r"code_hash: 0x[0-9a-f]{64}, code: (None|Some\(Bytecode \{ bytecode: 0x([0-9a-f]*), "
    r"state: (?:Raw|Analysed \{ len: (\d+), jump_map: JumpMap \{ map: \"[0-9a-f]*\" \} \}|"
    r"Checked \{ len: (\d+) \}) \}\)) \}, "
    r"storage: \{((?:\d+: StorageSlot \{[^}]*\}(?:, )?)*)\}, "
    r"status: AccountStatus\(([^)]*)\) \}")
SLOT = re.compile(
    r"(\d+): StorageSlot \{ previous_or_original_value: \d+, present_value: (\d+) \}")
# What pyrevm raises where the transaction reverts.
REVERT = re.compile(r"Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}")


class Revm:
    """One case in a fresh machine."""

    def __init__(self, case):
        self.case = case
        cancun = case.fork == "Cancun"
        block = pyrevm.BlockEnv(
            number=case.number, coinbase=case.coinbase, timestamp=case.timestamp,
            difficulty=case.difficulty, prevrandao=case.randao, basefee=0,
            gas_limit=case.block_gas_limit,
            excess_blob_gas=case.excess_blob_gas if cancun else None)
        self.blob_fee = 0
        if case.blob_hashes is not None:
            self.blob_fee = len(case.blob_hashes) * GAS_PER_BLOB * block.blob_gasprice
        # What is paid per gas, and what of it is the tip: all of it, without a base fee.
        self.price = min(case.cap, case.tip) if case.is_dynamic else case.cap
        self.evm = pyrevm.EVM(
            env=pyrevm.Env(pyrevm.CfgEnv(chain_id=1), block, None),
            gas_limit=case.block_gas_limit, spec_id=SPECS[case.fork])

    def run(self):
        case = self.case
        is_call = case.to is not None
        upfront = case.gas_limit * self.price + self.blob_fee if is_call else 0
        self.insert(upfront, raises_nonce=is_call)
        self.evm.set_tx_env(pyrevm.TxEnv(
            caller=case.sender, nonce=(case.nonce + is_call) % 2**64,
            chain_id=None, access_list=case.access_list or [],
            blob_hashes=case.blob_hashes or [],
            max_fee_per_blob_gas=None if case.blob_hashes is None else case.blob_cap))
        output = b""
        try:
            arguments = dict(value=case.value, gas=case.gas_limit, gas_price=self.price)
            if is_call:
                output = self.evm.message_call(case.sender, case.to, case.data, **arguments)
            else:
                self.evm.deploy(case.sender, case.data, **arguments)
        except Exception as error:
            if self.evm.result is None:
                return {"refused": str(error)}
            revert = REVERT.match(str(error))
            output = bytes.fromhex(revert[1]) if revert else b""
        result = self.evm.result
        post = self.post()
        if is_call:
            reward = result.gas_used * self.price
            post[case.sender].balance += (case.gas_limit - result.gas_used) * self.price
            post.setdefault(case.coinbase, Account(0, 0, b"", {})).balance += reward
            self.touched.add(case.coinbase)
        self.finish(post)
        status = "success" if result.is_success else "halt" if result.is_halt else "revert"
        logs = [log(each.address, *each.data) for each in result.logs] if result.is_success else []
        return answer(status, result.gas_used, output, logs, post)

    def insert(self, upfront, raises_nonce):
        for address, account in self.case.pre.items():
            nonce, balance = account.nonce, account.balance
            if address == self.case.sender:
                nonce += 1 if raises_nonce else 0
                balance = max(balance - upfront, 0)
            self.evm.insert_account_info(address, pyrevm.AccountInfo(
                balance=balance, nonce=nonce, code=account.code))
            for slot, value in account.storage.items():
                checkpoint = self.evm.snapshot()
                self.evm.insert_account_storage(address, slot, value)
                self.evm.revert(checkpoint)

    def post(self):
        """The accounts as the journal has them; notes what is to be removed."""
        case, post = self.case, {}
        for address, account in case.pre.items():
            post[address] = Account(
                account.nonce, account.balance, account.code, dict(account.storage))
        self.touched, self.destroyed = set(), set()
        text = self.evm.journal_str
        text = text[:text.index(", transient_storage: ")]
        for match in ACCOUNT.finditer(text):
            address, balance, nonce, has_code, code, length, checked, slots, flags = match.groups()
            before = post.get(address)
            if "Touched" not in flags and before is None:
                continue
            account = before or Account(0, 0, b"", {})
            account.nonce, account.balance = int(nonce), int(balance)
            if has_code != "None":
                size = length or checked
                account.code = bytes.fromhex(code)[:int(size) if size else None]
            if "Created" in flags and "Touched" in flags:
                account.storage = {}
            for slot in SLOT.finditer(slots):
                account.storage[int(slot[1])] = int(slot[2])
            post[address] = account
            if "Touched" in flags:
                self.touched.add(address)
            if "SelfDestructed" in flags:
                self.destroyed.add(address)
        return post

    def finish(self, post):
        for address in self.destroyed:
            post.pop(address, None)
        for address in self.touched:
            if address in post and post[address].is_empty:
                del post[address]


serve(lambda case: Revm(case).run())
