// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// The limit of memory for text files whose rows would not fit into what the machine, or the process's control groups, have left.
///
/// The system promises memory that is not there, and ends a process that uses it without a word.
struct AutomaticLimit {
  let limit: MemoryLimit
  let note: String

  /// The limit; `nil` where the rows fit, as far as one can see.
  ///
  /// - Throws: `LockstepError` of reading the beginning of a file.
  static func of<Element: Scalar>(
    _ parts: [DataPart], _ options: ReadOptions, available: AvailableMemory = AvailableMemory(), as type: Element.Type
  ) throws -> AutomaticLimit? {
    var textByteCount = 0
    for part in parts {
      guard let path = part.file, let byteCount = part.stamp?.byteCount ?? FileStamp(path)?.byteCount else { continue }
      textByteCount += part.shard.range(of: byteCount).count
    }
    // Three bytes of text make at most a number of eight.
    guard textByteCount > 1 << 26, let left = available.byteCount, textByteCount > left / 8 * 3 / 2,
      let first = parts.first(where: { $0.file != nil }), let path = first.file
    else { return nil }
    let file = try InputFile(path)
    let head: [UInt8] = try Array(unsafeUninitializedCapacity: 1 << 20) { buffer, count in
      count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
    guard DataFormat(head: head) == .csv else { return nil }
    let layout = try CSVLayout(options: options, name: file.name) { Array(head.prefix($0)) }
    let plan = try CSVPlan(layout: layout, options: options, name: file.name)
    let lineCount = max(1, head.count { $0 == 0x0A })
    let rowCount = Double(textByteCount) / Double(head.count) * Double(lineCount)
    let rows = Int(rowCount * Double(plan.valueCount * MemoryLayout<Element>.stride + plan.textCount * 8))
    // As much as a tenth is needed besides the rows.
    guard rows > left / 10 * 9 else { return nil }
    let limit = try MemoryLimit(byteCount: max(MemoryLimit.least, left / 2))
    return AutomaticLimit(
      limit: limit,
      note: "the rows take about \(rows >> 20) MB and \(left >> 20) MB of memory are left: "
        + "they go to a scratch file, as with a limit of \(limit.byteCount >> 20) MB")
  }
}
