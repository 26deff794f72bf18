// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import Testing

/// Tests that choose the kernel level, which the whole process shares, run one after another.
@Suite(.serialized) struct AllKernelTests {
  @Test func `the best level is chosen, and levels that the CPU lacks are refused`() {
    let before = KernelLevel.current
    #expect(levels.contains(.generic) && levels.contains(before))
    for level in KernelLevel.allCases {
      #expect(level.use() == levels.contains(level))
      if levels.contains(level) { #expect(KernelLevel.current == level) }
    }
    #expect(before.use())
  }
}
