"""titanoboa against a node: fork of the node's state, deploy, call, events, revert reasons.

Usage: boa_session.py OPAL_PROGRAM
"""

import json
import signal
import subprocess
import sys

import boa
from eth_account import Account

SOURCE = """
# pragma version ~=0.4.0
event Counted:
    who: indexed(address)
    total: uint256

total: public(uint256)
owner: public(address)

@deploy
def __init__(start: uint256):
    self.total = start
    self.owner = msg.sender

@external
def add(amount: uint256) -> uint256:
    assert amount < 100, "too much"
    self.total += amount
    log Counted(who=msg.sender, total=self.total)
    return self.total
"""

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

node = subprocess.Popen([sys.argv[1], "node", "--port", "0", "--json"], stdout=subprocess.PIPE)
try:
    url = "http://" + json.loads(node.stdout.readline())["listening"]
    with boa.set_network_env(url):
        boa.env.add_account(Account.from_key(KEY))
        contract = boa.loads(SOURCE, 5)
        assert contract.total() == 5
        assert contract.owner() == boa.env.eoa
        contract.add(7)
        # What the last call logged; the next one forgets it.
        assert [event.total for event in contract.get_logs()] == [12]
        assert contract.total() == 12
        try:
            contract.add(100)
            raise AssertionError("nothing was refused")
        except boa.BoaError as error:
            assert "too much" in str(error)
        again = boa.loads_partial(SOURCE).at(contract.address)
        assert again.total() == 12
        print("titanoboa: deployed, called, read events, refused")
    boa.fork(url, allow_dirty=True)
    assert boa.loads_partial(SOURCE).at(contract.address).total() == 12
    print("titanoboa: forked the node")
finally:
    node.send_signal(signal.SIGTERM)
    node.wait(30)
