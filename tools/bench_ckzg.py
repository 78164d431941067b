"""Prints the processor seconds of some c-kzg commitments to blobs of 4,096 elements, one a line."""

import hashlib
import sys
import time

import ckzg

setup = ckzg.load_trusted_setup(sys.argv[1], 0)
blob = b"".join(
    b"\x00" + hashlib.sha256(str(index).encode()).digest()[:31] for index in range(4096)
)
ckzg.blob_to_kzg_commitment(blob, setup)
for _ in range(9):
    start = time.process_time()
    ckzg.blob_to_kzg_commitment(blob, setup)
    print(time.process_time() - start)
