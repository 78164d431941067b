"""Makes contracts.json: calls, logs, answers and digests as web3.py and eth-account make them.

Needs web3 8 and eth-account from PyPI; the tests need only the file.
"""

import json
from pathlib import Path
from web3 import Web3
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_abi import encode
from eth_utils import keccak

R = str(Path(__file__).resolve().parent.parent.parent) + "/"
A = {
    n: json.load(open(R + f"contracts/artifacts/{n}.json"))
    for n in ["DatanetRegistry", "ModelMarket", "Attribution"]
}
AD = {
    "DatanetRegistry": "0x4f50414c00000000000000000000000000000001",
    "ModelMarket": "0x4f50414c00000000000000000000000000000002",
    "Attribution": "0x4f50414c00000000000000000000000000000003",
}
w = Web3()
C = {n: w.eth.contract(address=Web3.to_checksum_address(AD[n]), abi=A[n]["abi"]) for n in A}
Account.enable_unaudited_hdwallet_features()
M = "test test test test test test test test test test test junk"
acc = [Account.from_mnemonic(M, account_path=f"m/44'/60'/0'/0/{i}") for i in range(10)]
pay, eng, c1, c2 = acc[5], acc[4], acc[1].address, acc[2].address
h = lambda b: "0x" + bytes(b).hex()
B = lambda n: bytes([n]) * 32
out = {}
AT = {
    "Authorization": [
        ("payer", "address"),
        ("engine", "address"),
        ("models", "bytes32[]"),
        ("maximumFee", "uint256"),
        ("expiry", "uint64"),
        ("nonce", "uint256"),
    ],
    "Receipt": [
        ("authorization", "bytes32"),
        ("payer", "address"),
        ("model", "bytes32"),
        ("adapters", "bytes32[]"),
        ("requestHash", "bytes32"),
        ("outputHash", "bytes32"),
        ("promptTokens", "uint64"),
        ("completionTokens", "uint64"),
        ("fee", "uint256"),
        ("attributionRoot", "bytes32"),
        ("sequence", "uint64"),
    ],
}


def sign(kind, vals, who, cid):
    msg = dict(zip([n for n, _ in AT[kind]], vals))
    m = encode_typed_data(
        {
            "name": "Opal",
            "version": "1",
            "chainId": cid,
            "verifyingContract": C["Attribution"].address,
        },
        {kind: [{"name": n, "type": ty} for n, ty in AT[kind]]},
        msg,
    )
    s = Account.sign_message(m, who.key)
    return bytes(s.message_hash), bytes(s.signature), bytes(m.header)


a = (pay.address, eng.address, [B(0xAA), B(0xBB)], 10**15, 2_000_000_000, 7)
ad, asig, sep = sign("Authorization", a, pay, 31337)
ad900, _, sep900 = sign("Authorization", a, pay, 900)
r = (ad, pay.address, B(0xAA), [B(0xBB)], B(5), B(6), 7, 11, 29011, B(9), 3)
rd, rsig, _ = sign("Receipt", r, eng, 31337)
r0 = (ad, pay.address, B(0xAA), [], B(5), B(6), 0, 2**64 - 1, 2**255, b"\0" * 32, 2**64 - 1)
rd0, _, _ = sign("Receipt", r0, eng, 31337)
out["signed"] = {
    "domainSeparator": h(sep),
    "domainSeparator900": h(sep900),
    "authorizationDigest": h(ad),
    "authorizationDigest900": h(ad900),
    "payerSignature": h(asig),
    "receiptDigest": h(rd),
    "engineSignature": h(rsig),
    "extremeReceiptDigest": h(rd0),
}
W = 1000  # the sum of the weights below


def leaf(x, s, e):
    return keccak(keccak(encode(["address"] + ["uint256"] * 3, [x, s, e, W])))


sh = sorted(
    [(acc[i].address, wt) for i, wt in [(0, 100), (1, 200), (2, 7), (3, 1), (4, 692)]],
    key=lambda t: int(t[0], 16),
)
tot = sum(x for _, x in sh)
cum = 0
st = []
for x, wt in sh:
    st.append((x, cum, cum + wt))
    cum += wt
lay = [[leaf(*s) for s in st]]
while len(lay[-1]) > 1:
    L = lay[-1]
    lay.append(
        [
            keccak(min(L[i], L[i + 1]) + max(L[i], L[i + 1])) if i + 1 < len(L) else L[i]
            for i in range(0, len(L), 2)
        ]
    )
pool = 1_000_003
out["tree"] = {
    "shares": [{"contributor": x.lower(), "weight": hex(wt)} for x, wt in sh],
    "stretches": [[hex(s), hex(e)] for _, s, e in st],
    "leaves": [h(l) for l in lay[0]],
    "root": h(lay[-1][0]),
    "pool": hex(pool),
    "amounts": [hex(pool * e // W - pool * s // W) for _, s, e in st],
}
enc = lambda n, f, *args: C[n].encode_abi(f, args=list(args))
calls = {
    "createDatanet": enc("DatanetRegistry", "createDatanet", "poèmes of a house", B(1)),
    "contribute": enc("DatanetRegistry", "contribute", 3, B(2), 4096),
    "approve": enc("DatanetRegistry", "approve", 3, 1),
    "reject": enc("DatanetRegistry", "reject", 3, 1),
    "datanetOf": enc("DatanetRegistry", "datanetOf", 3),
    "contributors": enc("DatanetRegistry", "contributors", 3, 0, 100),
    "registerModel": enc(
        "ModelMarket", "registerModel", B(0xAA), [1, 2], (1000, 2001), (5000, 3000, 2000)
    ),
    "announcePrice": enc("ModelMarket", "announcePrice", B(0xAA), (5, 2**128 - 1)),
    "restrictEngines": enc("ModelMarket", "restrictEngines", B(0xAA), True),
    "allowEngine": enc("ModelMarket", "allowEngine", B(0xAA), eng.address, True),
    "registerEngine": enc("ModelMarket", "registerEngine"),
    "retireEngine": enc("ModelMarket", "retireEngine"),
    "quote": enc("ModelMarket", "quote", B(0xAA), eng.address, 7, 11),
    "deposit": enc("Attribution", "deposit"),
    "requestWithdrawal": enc("Attribution", "requestWithdrawal", 10**18),
    "withdraw": enc("Attribution", "withdraw"),
    "revoke": enc("Attribution", "revoke", 7),
    "withdrawEarnings": enc("Attribution", "withdrawEarnings"),
    "settle": enc("Attribution", "settle", a, asig, r, rsig),
    "settleMany": enc("Attribution", "settleMany", [(a, asig, r, rsig), (a, asig, r, rsig)]),
    "claim": enc("Attribution", "claim", B(9), c1, 5, 9, W, [B(1), B(2)]),
    "authorizationDigest": enc("Attribution", "authorizationDigest", a),
    "receiptDigest": enc("Attribution", "receiptDigest", r),
}
out["calls"] = calls


# event logs
def log(n, ev, **vals):
    abi = [e for e in A[n]["abi"] if e["type"] == "event" and e["name"] == ev][0]

    def ty(i):
        return (
            "(" + ",".join(ty(c) for c in i["components"]) + ")" + i["type"][5:]
            if i["type"].startswith("tuple")
            else i["type"]
        )

    sig = ev + "(" + ",".join(ty(i) for i in abi["inputs"]) + ")"
    topics = [h(keccak(text=sig))] + [
        h(encode([i["type"]], [vals[i["name"]]])) for i in abi["inputs"] if i["indexed"]
    ]
    d = [i for i in abi["inputs"] if not i["indexed"]]
    return {
        "address": AD[n],
        "topics": topics,
        "data": h(encode([ty(i) for i in d], [vals[i["name"]] for i in d])),
    }


out["logs"] = {
    "DatanetCreated": log(
        "DatanetRegistry", "DatanetCreated", datanet=3, owner=c1, metadataHash=B(1), name="poèmes"
    ),
    "ContributionSubmitted": log(
        "DatanetRegistry",
        "ContributionSubmitted",
        datanet=3,
        contribution=1,
        contributor=c2,
        contentHash=B(2),
        sizeInBytes=4096,
    ),
    "ContributionApproved": log(
        "DatanetRegistry",
        "ContributionApproved",
        datanet=3,
        contribution=1,
        contributor=c2,
        contentHash=B(2),
        sizeInBytes=4096,
    ),
    "ContributionRejected": log(
        "DatanetRegistry",
        "ContributionRejected",
        datanet=3,
        contribution=1,
        contributor=c2,
        contentHash=B(2),
    ),
    "ModelRegistered": log(
        "ModelMarket",
        "ModelRegistered",
        model=B(0xAA),
        owner=c1,
        datanets=[1, 2],
        split=(5000, 3000, 2000),
        price=(1000, 2001),
    ),
    "PriceAnnounced": log(
        "ModelMarket", "PriceAnnounced", model=B(0xAA), price=(5, 6), effectiveAt=99
    ),
    "EnginesRestricted": log("ModelMarket", "EnginesRestricted", model=B(0xAA), isRestricted=True),
    "EngineAllowed": log(
        "ModelMarket", "EngineAllowed", model=B(0xAA), engine=eng.address, isAllowed=True
    ),
    "EngineRegistered": log("ModelMarket", "EngineRegistered", engine=eng.address, stake=5),
    "EngineRetired": log("ModelMarket", "EngineRetired", engine=eng.address, stake=5),
    "UsageSettled": log(
        "Attribution",
        "UsageSettled",
        receipt=rd,
        payer=pay.address,
        engine=eng.address,
        authorization=ad,
        model=B(0xAA),
        sequence=3,
        charged=29011,
        engineAmount=5802,
        contributorAmount=8703,
        attributionRoot=B(9),
    ),
    "ModelOwnerCredited": log(
        "Attribution", "ModelOwnerCredited", receipt=rd, model=B(0xAA), owner=c1, amount=14506
    ),
    "ContributorCredited": log(
        "Attribution", "ContributorCredited", receipt=rd, contributor=c2, amount=77
    ),
    "Deposited": log("Attribution", "Deposited", payer=pay.address, amount=10**18),
    "WithdrawalRequested": log(
        "Attribution", "WithdrawalRequested", payer=pay.address, amount=10**18, readyAt=99
    ),
    "Withdrawn": log("Attribution", "Withdrawn", payer=pay.address, amount=10**18),
    "RevocationRequested": log(
        "Attribution", "RevocationRequested", payer=pay.address, nonce=7, effectiveAt=99
    ),
    "EarningsPaid": log("Attribution", "EarningsPaid", account=c1, amount=5),
}


def res(ts, vs):
    return h(encode(ts, vs))


out["results"] = {
    "datanetOf": res(["(address,bytes32,uint256,string)"], [(c1, B(1), 300, "poèmes")]),
    "contributionOf": res(["(address,uint64,uint8,bytes32)"], [(c2, 4096, 2, B(2))]),
    "contributors": res(["address[]", "uint256[]"], [[c1, c2], [100, 200]]),
    "modelOf": res(
        ["(address,(uint16,uint16,uint16),bool,uint64,(uint128,uint128),(uint128,uint128))"],
        [(c1, (5000, 3000, 2000), True, 99, (1000, 2001), (5, 6))],
    ),
    "quote": res(["address", "uint256", "uint256", "uint256"], [c1, 14506, 8703, 5802]),
    "poolOf": res(["bytes32", "uint120", "uint120", "bool"], [B(9), 8703, 3, True]),
    "withdrawalOf": res(["uint192", "uint64"], [10**18, 99]),
}
out["error"] = {
    "data": h(
        keccak(text="WrongFee(uint256,uint256)")[:4] + encode(["uint256", "uint256"], [29011, 1])
    )
}
json.dump(out, open(R + "Tests/Vectors/contracts.json", "w"), indent=1)
open(R + "Tests/Vectors/contracts.json", "a").write("\n")
