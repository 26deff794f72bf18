// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepTables

/// The distinct labels that one thread has met, numbered from 0.
struct LabelTable {
  private var labels: [[UInt8]] = []
  private var hashes: [UInt64] = []
  private var slots = [Int32](repeating: -1, count: 64)  // a power of two of them, at least twice the labels

  /// The labels as texts.
  var names: [String] { labels.map { String(decoding: $0, as: UTF8.self) } }

  /// The label with a number, as text.
  func name(_ number: Int) -> String { String(decoding: labels[number], as: UTF8.self) }

  /// The number of the label at a place of a text.
  mutating func number(of span: LockstepCSVSpan, in text: UnsafeRawBufferPointer) -> Int {
    let label = UnsafeRawBufferPointer(rebasing: text[span.offset..<span.offset + Int(span.length)])
    guard span.hasDoubledQuotes else { return number(of: label) }
    var single: [UInt8] = []
    var isSecond = false
    for byte in label {
      isSecond = byte == UInt8(ascii: "\"") && !isSecond
      if byte != UInt8(ascii: "\"") || isSecond { single.append(byte) }
    }
    return single.withUnsafeBytes { number(of: $0) }
  }

  /// The number of a label.
  mutating func number(of label: UnsafeRawBufferPointer) -> Int {
    // FNV-1a: labels are short.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in label { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var slot = place(of: hash)
    while slots[slot] >= 0 {
      let number = Int(slots[slot])
      if hashes[number] == hash, labels[number].elementsEqual(label) { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Int32(labels.count)
    labels.append(Array(label))
    hashes.append(hash)
    if 2 * labels.count > slots.count { grow() }
    return labels.count - 1
  }

  private func place(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash ^ hash >> 32) & (slots.count - 1) }

  private mutating func grow() {
    slots = Array(repeating: -1, count: 2 * slots.count)
    for (number, hash) in hashes.enumerated() {
      var slot = place(of: hash)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number)
    }
  }
}

/// The label of each row as it is read: which thread met it, and its number there.
enum LabelMark {
  static func mark(thread: Int, number: Int) -> Int64 { Int64(thread) << 32 | Int64(number) }

  /// The labels of marked rows, as texts in the order of their bytes: the same however many threads there were.
  static func labels(_ marks: UnsafeBufferPointer<Int64>, names: [Int: [String]]) -> RowLabels {
    let all = RowLabels(names.sorted { $0.key < $1.key }.flatMap(\.value)).coded
    var texts: [String] = []
    for case .string(let text) in all.classes { texts.append(text) }
    var starts: [Int: Int] = [:]
    var start = 0
    for (thread, own) in names.sorted(by: { $0.key < $1.key }) {
      starts[thread] = start
      start += own.count
    }
    let offsets = (0..<(names.keys.max() ?? -1) + 1).map { starts[$0] ?? 0 }
    return RowLabels(
      indices: marks.map { Int64(all.codes[offsets[Int($0 >> 32)] + Int($0 & 0xFFFF_FFFF)]) }, names: texts)
  }
}
