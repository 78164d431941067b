"""What a genesis block's hash takes: Keccak-256, RLP, the state trie, the header.

Plain Python, so that tools/genesis needs no package; Opal's own code must come to the same hashes
(Tests/ContractsTests/RollupGenesisTests.swift).
"""

ROUND_CONSTANTS = []
ROTATIONS = [[0] * 5 for _ in range(5)]
MASK = (1 << 64) - 1


def prepare():
    """The constants of Keccak-f[1600], from their definition (FIPS 202, 3.2)."""
    register = 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << ((1 << j) - 1)
            register <<= 1
            if register & 0x100:
                register ^= 0x171
        ROUND_CONSTANTS.append(constant)
    x, y = 1, 0
    for t in range(24):
        ROTATIONS[x][y] = (t + 1) * (t + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5


prepare()


def rotated(word, count):
    return ((word << count) | (word >> (64 - count))) & MASK


def permuted(a):
    for constant in ROUND_CONSTANTS:
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        d = [c[x - 1] ^ rotated(c[(x + 1) % 5], 1) for x in range(5)]
        b = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                b[y][(2 * x + 3 * y) % 5] = rotated(a[x][y] ^ d[x], ROTATIONS[x][y])
        a = [
            [b[x][y] ^ (~b[(x + 1) % 5][y] & b[(x + 2) % 5][y]) for y in range(5)] for x in range(5)
        ]
        a[0][0] ^= constant
    return a


def keccak256(data):
    rate = 136
    padded = data + b"\x01" + bytes(rate - 1 - len(data) % rate)
    padded = padded[:-1] + bytes([padded[-1] | 0x80])
    a = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), rate):
        for i in range(rate // 8):
            word = padded[start + 8 * i : start + 8 * i + 8]
            a[i % 5][i // 5] ^= int.from_bytes(word, "little")
        a = permuted(a)
    return b"".join(a[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


def rlp(item):
    """An item: bytes, a number, or a list of items."""
    if isinstance(item, int):
        item = item.to_bytes((item.bit_length() + 7) // 8, "big")
    if isinstance(item, (list, tuple)):
        return prefixed(b"".join(rlp(member) for member in item), 0xC0)
    if len(item) == 1 and item[0] < 0x80:
        return item
    return prefixed(item, 0x80)


def prefixed(payload, base):
    if len(payload) <= 55:
        return bytes([base + len(payload)]) + payload
    size = len(payload).to_bytes((len(payload).bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(size)]) + size + payload


EMPTY_ROOT = keccak256(rlp(b""))


def trie_root(entries):
    """The root of a trie with the hashes of these keys; entries are (key, value) of bytes."""
    if not entries:
        return EMPTY_ROOT
    paths = [([n for b in keccak256(key) for n in (b >> 4, b & 15)], value) for key, value in entries]
    return keccak256(rlp(node(sorted(paths), 0)))


def node(entries, depth):
    if len(entries) == 1:
        path, value = entries[0]
        return [compact(path[depth:], 2), value]
    first, last = entries[0][0], entries[-1][0]
    shared = depth
    while first[shared] == last[shared]:
        shared += 1
    if shared > depth:
        return [compact(first[depth:shared], 0), reference(node(entries, shared))]
    members = [[entry for entry in entries if entry[0][depth] == digit] for digit in range(16)]
    return [reference(node(some, depth + 1)) if some else b"" for some in members] + [b""]


def reference(content):
    encoded = rlp(content)
    return content if len(encoded) < 32 else keccak256(encoded)


def compact(nibbles, flags):
    if len(nibbles) % 2:
        nibbles = [flags + 1] + nibbles
    else:
        nibbles = [flags, 0] + nibbles
    return bytes(16 * high + low for high, low in zip(nibbles[::2], nibbles[1::2]))


def number(text):
    return int(text, 16)


def data(text):
    return bytes.fromhex(text[2:])


def storage_root(account):
    words = account.get("storage", {}).items()
    return trie_root([(data(slot), rlp(number(word))) for slot, word in words if number(word)])


def state_root(alloc):
    return trie_root(
        [
            (
                data(address),
                rlp(
                    [
                        number(account.get("nonce", "0x0")),
                        number(account["balance"]),
                        storage_root(account),
                        keccak256(data(account.get("code", "0x"))),
                    ]
                ),
            )
            for address, account in alloc.items()
        ]
    )


def block_hash(genesis, withdrawals_root, requests_hash):
    """The hash of a genesis block under the rules of Prague."""
    return keccak256(
        rlp(
            [
                data(genesis["parentHash"]),
                keccak256(rlp([])),
                data(genesis["coinbase"]),
                state_root(genesis["alloc"]),
                EMPTY_ROOT,
                EMPTY_ROOT,
                bytes(256),
                number(genesis["difficulty"]),
                number(genesis["number"]),
                number(genesis["gasLimit"]),
                number(genesis["gasUsed"]),
                number(genesis["timestamp"]),
                data(genesis["extraData"]),
                data(genesis["mixHash"]),
                number(genesis["nonce"]).to_bytes(8, "big"),
                number(genesis["baseFeePerGas"]),
                withdrawals_root,
                number(genesis["blobGasUsed"]),
                number(genesis["excessBlobGas"]),
                bytes(32),
                requests_hash,
            ]
        )
    )
