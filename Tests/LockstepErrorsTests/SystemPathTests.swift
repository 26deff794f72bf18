// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Testing

@Suite struct SystemPathTests {
  @Test func namesOfAnyBytesComeBack() {
    let names: [[UInt8]] = [
      Array("größe \u{1F600}.csv".utf8), [0x62, 0xFF, 0x2E], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98, 0x41, 0x80],
      Array("\u{10F7FF}\u{10F77F}".utf8), [0xED, 0xA0, 0x80, 0xF4, 0x90, 0x80, 0x80], [],
    ]
    for name in names {
      let text = String(systemPath: name)
      #expect(text.systemPath.map { UInt8(bitPattern: $0) } == name + [0])
      let pointed = name.map { CChar(bitPattern: $0) } + [0]
      #expect(pointed.withUnsafeBufferPointer { $0.baseAddress.map { String(systemPath: $0) } } == text)
    }
    #expect(String(systemPath: Array("a\u{10F77F}".utf8)) == "a\u{10F77F}")
  }

  @Test func messagesShowTheBytes() {
    let error = LockstepError(.noInput, "there is no such file", place: .init(file: String(systemPath: [0x61, 0xFF])))
    #expect(error.description == "a\\xff: there is no such file")
  }
}
