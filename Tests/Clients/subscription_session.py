"""web3.py's WebSocketProvider against a node: subscriptions as a user has them.

usage: subscription_session.py OPAL      (the program; a node is started on a free port)
"""
import asyncio
import json
import os
import subprocess
import sys

from web3 import AsyncWeb3, WebSocketProvider

HERE = os.path.dirname(os.path.abspath(__file__))
checks = 0


def check(what, holds):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"FAILED: {what}")


async def session(port):
    async with AsyncWeb3(WebSocketProvider(f"ws://127.0.0.1:{port}")) as w3:
        check("connected", await w3.is_connected())
        accounts = await w3.eth.accounts
        with open(os.path.join(HERE, "..", "Vectors", "solidity", "Token.json")) as file:
            built = json.load(file)
        contract = w3.eth.contract(abi=built["abi"], bytecode=built["bytecode"])
        digest = await contract.constructor("Token", "TOK", 10**6).transact({"from": accounts[0]})
        receipt = await w3.eth.wait_for_transaction_receipt(digest, timeout=10)
        token = w3.eth.contract(address=receipt["contractAddress"], abi=built["abi"])
        heads = await w3.eth.subscribe("newHeads")
        logs = await w3.eth.subscribe("logs", {"address": token.address})
        pooled = await w3.eth.subscribe("newPendingTransactions", False)
        syncing = await w3.eth.subscribe("syncing")
        sent = await token.functions.transfer(accounts[1], 7).transact({"from": accounts[0]})
        told = {}
        async for message in w3.socket.process_subscriptions():
            told[message["subscription"]] = message["result"]
            if len(told) == 3:
                break
        block = await w3.eth.get_block("latest")
        check("the head is told of", told[heads]["hash"] == block["hash"])
        check("the log is told of", told[logs]["transactionHash"] == sent)
        check("the pool is told of", told[pooled] == sent)
        event = token.events.Transfer().process_log(told[logs])
        check("the log decodes", 7 in dict(event["args"]).values())
        for name in (heads, logs, pooled, syncing):
            check("unsubscribed", await w3.eth.unsubscribe(name))
        await token.functions.transfer(accounts[1], 1).transact({"from": accounts[0]})
        check("no more is told", await w3.eth.block_number == block["number"] + 1)
        for number in range(100):
            check("answers over the same socket", await w3.eth.chain_id == 31337)


node = subprocess.Popen([sys.argv[1], "node", "--port", "0"], stdout=subprocess.PIPE, text=True)
try:
    for line in node.stdout:
        if line.startswith("Listening on "):
            asyncio.run(asyncio.wait_for(session(int(line.rsplit(":", 1)[1])), 60))
            break
finally:
    node.terminate()
    node.wait()
print(f"{checks} checks passed")
