// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// A reader, what to feed it, and small files that it accepts.
///
/// The first byte of an input is no part of the file: it chooses the options.
struct Target: Sendable {
  let name: String
  let seeds: @Sendable () -> [[UInt8]]
  /// Reads a file; the byte chooses options.
  let read: @Sendable (UInt8, [UInt8]) throws -> Void

  /// All readers.
  ///
  /// A new one is a line here.
  static let all = [
    Target(name: "csv", seeds: { Seeds.csv.map(Seeds.withOptions) }, read: readRows),
    Target(name: "gzip", seeds: { Seeds.csv.map { Seeds.withOptions(Seeds.gzip($0)) } }, read: readRows),
    Target(name: "zstd", seeds: { Seeds.csv.map { Seeds.withOptions(Seeds.zstd($0)) } }, read: readRows),
    Target(name: "svmlight", seeds: { Seeds.svmLight.map(Seeds.withOptions) }, read: readRows),
    Target(name: "matrix-market", seeds: { Seeds.matrixMarket.map(Seeds.withOptions) }, read: readRows),
    Target(name: "npy", seeds: { Seeds.npy.map(Seeds.withOptions) }, read: readRows),
    Target(name: "arrow", seeds: { Seeds.arrow.map(Seeds.withOptions) }, read: readRows),
    Target(name: "npz-rows", seeds: { Seeds.npzRows.map(Seeds.withOptions) }, read: readRows),
    Target(name: "npz", seeds: { Seeds.npz.map(Seeds.withOptions) }, read: readArchive),
    Target(name: "model", seeds: { Seeds.models.map(Seeds.withOptions) }, read: readModel),
    Target(name: "stream", seeds: { Seeds.streams.flatMap { [[0] + $0, [3] + $0] } }, read: readStream),
  ]

  /// Feeds an input to the reader.
  func run(_ input: [UInt8]) {
    guard let options = input.first else { return }
    do {
      try read(options, Array(input.dropFirst()))
    } catch is LockstepError {
      // What a damaged file deserves.
    } catch {
      fatalError("\(name): an error of another type: \(error)")
    }
  }
}

/// Reads rows, whole and in parts.
@Sendable private func readRows(_ choice: UInt8, _ bytes: [UInt8]) throws {
  let file = MemoryFile(bytes)
  var options = ReadOptions(threadCount: choice & 1 == 0 ? 1 : 2)
  options.missing = choice & 2 == 0 ? .error : .skipRow
  options.csv.usesQuotes = choice & 4 == 0
  options.label = choice & 8 == 0 ? nil : .last
  if choice & 16 != 0 { options.csv.header = .no }
  if choice & 32 != 0 {
    _ = try rows(of: file.path, cutInto: 1, options: options, as: Float.self)
    return
  }
  let whole = Result { try rows(of: file.path, cutInto: 1, options: options, as: Double.self) }
  let parts = Result { try rows(of: file.path, cutInto: 2 + Int(choice >> 6), options: options, as: Double.self) }
  switch (whole, parts) {
  case (.success(let one), .success(let other)):
    precondition(one == other, "the file in parts has other rows than the whole: \(other) and \(one)")
  case (.failure(let error as LockstepError), .success(let other)):
    // A whole file without rows is refused where it is read; parts of it are refused by whoever fits.
    precondition(
      error.code == .noInput || error.code == .malformedInput && other == [], "only the whole fails: \(error)")
    throw error
  case (.success, .failure(let error)): preconditionFailure("only the parts fail: \(error)")
  case (.failure(let error), .failure): throw error
  case (.failure(let error), .success): throw error
  }
}

/// The bits of all rows of a file that several processes share.
private func rows<Element: Scalar>(
  of path: String, cutInto count: Int, options: ReadOptions, as type: Element.Type
) throws -> [UInt64] {
  let readings = try (0..<count).map {
    try DataReading<Element>([DataPart(path, shard: FileShard(index: $0, count: count))], options: options)
  }
  let columnCount = readings.reduce(0) { max($0, $1.leastColumnCount) }
  var quoteCount = 0
  var bits: [UInt64] = []
  for reading in readings {
    let loaded = try reading.resolved(startingInsideQuotes: quoteCount % 2 == 1, columnCount: columnCount)
    quoteCount += reading.quoteCount
    guard loaded.rows.columnCount < 1 << 10 else { continue }
    try loaded.rows.forEachChunk { block in
      for i in 0..<block.rowCount { bits += block.row(i).map(\.bitPattern) }
    }
  }
  return bits
}

/// Reads an archive, with its check sums put right half of the time.
@Sendable private func readArchive(_ choice: UInt8, _ bytes: [UInt8]) throws {
  let file = MemoryFile(choice & 1 == 0 ? bytes : Archive.withChecksums(bytes))
  _ = try NPZFile(file.path)
}

/// Reads a model.
@Sendable private func readModel(_ choice: UInt8, _ bytes: [UInt8]) throws {
  let file = MemoryFile(bytes.first == UInt8(ascii: "P") && choice & 1 != 0 ? Archive.withChecksums(bytes) : bytes)
  _ = try ModelFile(reading: file.path)
}

/// Reads a stream, which goes on with rows and with another, and makes its model.
///
/// Half of the time the digest, which few changes pass, is not looked at.
@Sendable private func readStream(_ choice: UInt8, _ bytes: [UInt8]) throws {
  let stream = try MethodStream(decoding: bytes, checksDigest: choice & 1 == 0)
  if choice & 2 == 0 { _ = try stream.model() }
  var joined = stream
  // Rows of another layout are refused.
  do { try joined.observe(Seeds.rows(for: stream.method)) } catch let error as LockstepError
    where error.code == .shapeMismatch
  {
  }
  var other = try stream.method.stream(stream.parameters)
  try other.observe(Seeds.rows(for: stream.method))
  try joined.merge(other)
  _ = try MethodStream(decoding: try joined.encoded()).model()
}
