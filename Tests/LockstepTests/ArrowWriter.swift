// SPDX-License-Identifier: Apache-2.0

/// Writes columns of doubles as Arrow's formats have them, batch after batch, so that tests need no other program.
struct ArrowWriter {
  var names: [String]
  /// The rows of each batch.
  var batches: [[[Double]]]

  /// The stream of messages.
  var stream: [UInt8] {
    message(kind: 1, schema, bodyByteCount: 0) + batches.flatMap { batch($0) } + [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]
  }

  /// The file with an index of its batches at the end.
  var file: [UInt8] {
    var bytes = Array("ARROW1\0\0".utf8) + message(kind: 1, schema, bodyByteCount: 0)
    var blocks: [UInt8] = []
    for rows in batches {
      let message = batch(rows)
      let bodyByteCount = 8 * rows.count * names.count
      blocks += Flat.bytes(Int64(bytes.count)) + Flat.bytes(Int64(message.count - bodyByteCount))
      blocks += Flat.bytes(Int64(bodyByteCount))
      bytes += message
    }
    let index = Flat.table([
      0: .number(Flat.bytes(Int16(4))), 1: .reference(schema), 3: .reference(.structures(count: batches.count, blocks)),
    ]).message
    return bytes + index + Flat.bytes(Int32(index.count)) + Array("ARROW1".utf8)
  }

  private var schema: Flat {
    .table([
      1: .reference(
        .list(
          names.map { name in
            .table([
              0: .reference(.text(name)), 1: .number([1]), 2: .number([3]),
              3: .reference(.table([0: .number(Flat.bytes(Int16(2)))])), 5: .reference(.list([])),
            ])
          }))
    ])
  }

  private func batch(_ rows: [[Double]]) -> [UInt8] {
    var nodes: [UInt8] = []
    var buffers: [UInt8] = []
    var body: [UInt8] = []
    for j in names.indices {
      nodes += Flat.bytes(Int64(rows.count)) + Flat.bytes(Int64(0))
      buffers += Flat.bytes(Int64(body.count)) + Flat.bytes(Int64(0))
      buffers += Flat.bytes(Int64(body.count)) + Flat.bytes(Int64(8 * rows.count))
      for row in rows { body += Flat.bytes(row[j].bitPattern) }
    }
    let description = Flat.table([
      0: .number(Flat.bytes(Int64(rows.count))), 1: .reference(.structures(count: names.count, nodes)),
      2: .reference(.structures(count: 2 * names.count, buffers)),
    ])
    return message(kind: 3, description, bodyByteCount: body.count) + body
  }

  private func message(kind: UInt8, _ header: Flat, bodyByteCount: Int) -> [UInt8] {
    let content = Flat.table([
      0: .number(Flat.bytes(Int16(4))), 1: .number([kind]), 2: .reference(header),
      3: .number(Flat.bytes(Int64(bodyByteCount))),
    ]).message
    return [0xFF, 0xFF, 0xFF, 0xFF] + Flat.bytes(Int32(content.count)) + content
  }
}

/// Something in a FlatBuffers message.
private indirect enum Flat {
  enum Field {
    case number([UInt8])
    case reference(Flat)
  }

  case table([Int: Field])
  case list([Flat])
  case structures(count: Int, [UInt8])
  case text(String)

  static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// A message that holds this table, its length a multiple of 8.
  var message: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 8)
    let root = append(to: &bytes)
    bytes.replaceSubrange(0..<4, with: Flat.bytes(UInt32(root)))
    bytes += [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
    return bytes
  }

  /// Appends this and what it refers to, and returns where it is.
  private func append(to bytes: inout [UInt8]) -> Int {
    bytes += [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
    func refer(_ place: Int, to content: Flat) {
      let target = content.append(to: &bytes)
      bytes.replaceSubrange(place..<place + 4, with: Flat.bytes(UInt32(target - place)))
    }
    switch self {
    case .table(let fields):
      // The places of the fields, eight bytes each in the table, and then the table.
      let count = (fields.keys.max() ?? -1) + 1
      let places = bytes.count
      bytes += Flat.bytes(UInt16(4 + 2 * count)) + Flat.bytes(UInt16(8 + 8 * count))
      for f in 0..<count { bytes += Flat.bytes(UInt16(fields[f] == nil ? 0 : 8 + 8 * f)) }
      bytes += [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
      let start = bytes.count
      bytes += Flat.bytes(Int32(start - places)) + [UInt8](repeating: 0, count: 4 + 8 * count)
      for (f, field) in fields.sorted(by: { $0.key < $1.key }) {
        let place = start + 8 + 8 * f
        switch field {
        case .number(let number): bytes.replaceSubrange(place..<place + number.count, with: number)
        case .reference(let content): refer(place, to: content)
        }
      }
      return start
    case .list(let items):
      let start = bytes.count
      bytes += Flat.bytes(UInt32(items.count)) + [UInt8](repeating: 0, count: 4 * items.count)
      for (i, item) in items.enumerated() { refer(start + 4 + 4 * i, to: item) }
      return start
    case .structures(let count, let content):
      bytes += [0, 0, 0, 0]
      bytes += Flat.bytes(UInt32(count)) + content
      return bytes.count - content.count - 4
    case .text(let text):
      let start = bytes.count
      bytes += Flat.bytes(UInt32(text.utf8.count)) + Array(text.utf8) + [0]
      return start
    }
  }
}
