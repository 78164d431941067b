"""Makes bn254.json and bls12381.json with py_ecc (PyPI), which shares no code with ours."""
import hashlib
import json
import pathlib

from py_ecc import optimized_bls12_381 as bls
from py_ecc import optimized_bn128 as bn
from py_ecc.bls.hash_to_curve import clear_cofactor_G1, clear_cofactor_G2
from py_ecc.bls.hash_to_curve import map_to_curve_G1, map_to_curve_G2
from py_ecc.bls.point_compression import compress_G1, compress_G2
from py_ecc.fields import optimized_bls12_381_FQ as FQ
from py_ecc.fields import optimized_bls12_381_FQ2 as FQ2


def number(label, size):
    return int.from_bytes(hashlib.sha512(label.encode()).digest()[:size], "big")


def scalars(order):
    return [0, 1, 2, order - 1, order, order + 5, 2**256 - 1] + [
        number("scalar %d" % index, 32) for index in range(9)
    ]


def padded(values, size):
    return "".join("%0*x" % (2 * size, int(value)) for value in values)


def coordinates(curve, point, size, swapped):
    if curve.is_inf(point):
        return padded([0] * (2 if isinstance(point[0], curve.FQ) else 4), size)
    x, y = curve.normalize(point)
    if isinstance(x, curve.FQ):
        return padded([x, y], size)
    order = (1, 0) if swapped else (0, 1)
    return padded([e.coeffs[i] for e in (x, y) for i in order], size)


def multiples(curve, size, swapped):
    return [
        {
            "scalar": "%064x" % k,
            "g1": coordinates(curve, curve.multiply(curve.G1, k % curve.curve_order), size, swapped),
            "g2": coordinates(curve, curve.multiply(curve.G2, k % curve.curve_order), size, swapped),
        }
        for k in scalars(curve.curve_order)
    ]


def mapped(curve):
    cases = []
    for index in range(6):
        c0 = number("first %d" % index, 47) if index else 0
        c1 = number("second %d" % index, 47) if index > 1 else 0
        g1 = clear_cofactor_G1(map_to_curve_G1(FQ(c0)))
        g2 = clear_cofactor_G2(map_to_curve_G2(FQ2([c0, c1])))
        cases.append(
            {
                "element": padded([c0, c1], 64),
                "g1": coordinates(curve, g1, 64, False),
                "g2": coordinates(curve, g2, 64, False),
            }
        )
    return cases


def compressed(curve):
    cases = []
    for k in [0, 1, 2, 3, 4, 5, curve.curve_order - 1]:
        g1, g2 = curve.multiply(curve.G1, k), curve.multiply(curve.G2, k)
        high, low = compress_G2(g2)
        cases.append(
            {"scalar": "%064x" % k, "g1": "%096x" % compress_G1(g1), "g2": "%096x%096x" % (high, low)}
        )
    return cases


folder = pathlib.Path(__file__).parent
vectors = {
    "bn254.json": {"multiples": multiples(bn, 32, True)},
    "bls12381.json": {
        "multiples": multiples(bls, 64, False),
        "mapped": mapped(bls),
        "compressed": compressed(bls),
    },
}
for name, content in vectors.items():
    (folder / name).write_text(json.dumps(content, indent=1) + "\n")
