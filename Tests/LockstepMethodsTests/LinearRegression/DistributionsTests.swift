// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LockstepMethods

@Suite struct DistributionsTests {
  @Test func `p values are those of SciPy`() {
    for (t, v, expected) in DistributionReference.student {
      #expect(
        abs(Distributions.studentTwoSided(t, degreesOfFreedom: v) - expected) < 1e-13 * expected, "t \(t), v \(v)")
    }
    for (f, d1, d2, expected) in DistributionReference.fisher {
      #expect(abs(Distributions.fisherUpper(f, d1, d2) - expected) < 1e-13 * expected, "F \(f), \(d1), \(d2)")
    }
    #expect(Distributions.studentTwoSided(.nan, degreesOfFreedom: 3).isNaN)
    #expect(Distributions.studentTwoSided(.infinity, degreesOfFreedom: 3) == 0)
  }
}
