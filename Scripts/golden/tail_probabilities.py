# SPDX-License-Identifier: Apache-2.0
"""Tail probabilities for the tests of regression: Tests/LockstepMethodsTests/Reference/DistributionReference.swift.

    python Scripts/golden/tail_probabilities.py > Tests/LockstepMethodsTests/Reference/DistributionReference.swift

Needs scipy.
"""
import scipy
import scipy.stats as st

STUDENT = [(0.5, 1), (1, 1), (2.5, 2), (2, 3), (-2, 3), (0.1, 5), (4.1, 9), (10, 9), (1.96, 30), (3.3, 100), (25, 100),
           (0.001, 7), (2, 1000), (1.7, 2.5), (1e-8, 120), (0.5, 99.9), (0.5, 100.1), (3, 1e5), (37, 1e5), (1.96, 1e7),
           (0.5, 4e14), (8, 4e14), (0.001, 1e18)]
FISHER = [(1, 1, 1), (4, 1, 10), (330.285339234588, 6, 9), (0.2, 3, 4), (2.5, 10, 20), (1.1, 100, 200), (50, 2, 7),
          (0.9, 5, 1000), (1.2, 7, 99), (1.2, 7, 101), (3, 500, 1e7), (1.2, 100, 899899), (3, 3, 4e14), (0.5, 1, 4e14)]

print("// SPDX-License-Identifier: Apache-2.0")
print()
print(f"/// Tail probabilities by SciPy {scipy.__version__}: `2 * scipy.stats.t.sf(|t|, v)` and `scipy.stats.f.sf(f, d1, d2)`;")
print("/// written by `Scripts/golden/tail_probabilities.py`.")
print("enum DistributionReference {")
print("  static let student: [(t: Double, v: Double, p: Double)] = [")
for t, v in STUDENT:
    print(f"    ({float(t)!r}, {float(v)!r}, {float(2 * st.t.sf(abs(t), v))!r}),")
print("  ]")
print("  static let fisher: [(f: Double, d1: Double, d2: Double, p: Double)] = [")
for f, a, b in FISHER:
    print(f"    ({float(f)!r}, {float(a)!r}, {float(b)!r}, {float(st.f.sf(f, a, b))!r}),")
print("  ]")
print("}")
