// SPDX-License-Identifier: Apache-2.0

/// ZIP archives whose check sums are made to fit, so that what is behind the check is tried too.
enum Archive {
  /// The CRC-32 of bytes.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
  }

  /// An archive with the check sums that its directory should have.
  static func withChecksums(_ archive: [UInt8]) -> [UInt8] {
    var bytes = archive
    func number(_ offset: Int, _ count: Int) -> Int? {
      guard offset >= 0, offset + count <= bytes.count else { return nil }
      return bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    for entry in bytes.indices where number(entry, 4) == 0x0201_4B50 {
      guard let local = number(entry + 42, 4), let byteCount = number(entry + 24, 4), let name = number(local + 26, 2),
        let extra = number(local + 28, 2), local + 30 + name + extra + byteCount <= bytes.count
      else { continue }
      let start = local + 30 + name + extra
      let crc = checksum(bytes[start..<start + byteCount])
      for i in 0..<4 where entry + 16 + i < bytes.count {
        bytes[entry + 16 + i] = UInt8(truncatingIfNeeded: crc >> (8 * i))
      }
    }
    return bytes
  }
}
