// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepMethods
import Testing

struct JSONDepthTests {
  @Test func deepDocumentsAreRefusedBeforeTheyTakeTheStack() throws {
    func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
      Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
    }
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      #expect(throws: Never.self) { try JSONValue(parsing: nested(64, open, close)) }
      for depth in [65, 510, 100_000] {
        let error = #expect(throws: LockstepError.self) { try JSONValue(parsing: nested(depth, open, close)) }
        #expect(error?.code == .malformedInput)
      }
    }
    let brackets = "\"" + String(repeating: "[{\\\"", count: 200) + "\""
    #expect(try JSONValue(parsing: Array(brackets.utf8)) == .string(String(repeating: "[{\"", count: 200)))
  }
}
