// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the system knows of this process: its environment, ancestors, cores and loaded libraries.
package enum ProcessFacts {
  /// The environment, as a dictionary.
  static func environment() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return variables
  }

  /// The executables of the parent, the grandparent and so on, as far as they may be read.
  static func ancestors() -> [String] {
    var paths: [String] = []
    var process = getppid()
    while process > 1, paths.count < 64 {
      if let path = target(ofLink: "/proc/\(process)/exe") { paths.append(path) }
      // "pid (name) state ppid …": a name may hold blanks and parentheses, so the fields are counted from the last ")".
      guard let text = contents(ofFile: "/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { break }
      let fields = text[text.index(after: end)...].split(separator: " ")
      guard fields.count > 1, let parent = Int32(fields[1]) else { break }
      process = parent
    }
    return paths
  }

  /// The paths of the MPI libraries that are loaded into this process already.
  static func loadedMPILibraries() -> [String] {
    var paths: [String] = []
    for mapping in mappings() where isMPILibrary(mapping.path) && !paths.contains(mapping.path) {
      paths.append(mapping.path)
    }
    return paths
  }

  /// The file that the code at `address` was loaded from.
  static func file(ofAddress address: UnsafeRawPointer) -> String? {
    mappings().first { $0.addresses.contains(UInt(bitPattern: address)) }?.path
  }

  /// The files mapped into this process, from lines such as `7f00-7f10 r-xp 00000000 08:01 42   /usr/lib/libmpi.so.40`.
  private static func mappings() -> [(addresses: Range<UInt>, path: String)] {
    (contents(ofFile: "/proc/self/maps") ?? "").split(separator: "\n").compactMap { line in
      guard let slash = line.firstIndex(of: "/"), let dash = line.firstIndex(of: "-"),
        let blank = line.firstIndex(of: " "), dash < blank, blank < slash,
        let start = UInt(line[..<dash], radix: 16), let end = UInt(line[line.index(after: dash)..<blank], radix: 16),
        start < end
      else { return nil }
      return (start..<end, String(line[slash...]))
    }
  }

  /// Whether a file of that name is the C library of an MPI.
  static func isMPILibrary(_ path: String) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    return ["libmpi.so", "libmpich.so", "libmpi_abi.so"].contains { name.hasPrefix($0) }
  }

  /// The cores that this process may run on: an affinity mask set by a launcher counts.
  package static func usableCoreCount() -> Int {
    let count = coreCount(ofMasks: [coreMask()])
    return count > 0 ? count : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// The affinity mask, as the kernel writes it: hexadecimal digits and commas.
  static func coreMask() -> [UInt8] {
    let lines = (contents(ofFile: "/proc/self/status") ?? "").split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("Cpus_allowed:") }) else { return [] }
    return Array(line.dropFirst("Cpus_allowed:".count).utf8.drop { $0 == UInt8(ascii: "\t") })
  }

  /// The cores that are in any of several masks of one machine; 0 if nothing is known.
  static func coreCount(ofMasks masks: [[UInt8]]) -> Int {
    var digits: [Int] = []
    for mask in masks {
      let values = mask.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
      digits += Array(repeating: 0, count: max(0, values.count - digits.count))
      for (index, value) in values.enumerated() { digits[index] |= value }
    }
    return digits.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// What tells this machine from others: the number the kernel drew when it started, which containers share, too.
  static func machineIdentity() -> [UInt8] {
    if let boot = contents(ofFile: "/proc/sys/kernel/random/boot_id") { return Array(boot.utf8) }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 257) { buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress, gethostname(start, 256) == 0 else { return [] }
      return Array(String(cString: start).utf8)
    }
  }

  /// The file that a path leads to through all links, or `nil` if there is none.
  static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  static func target(ofLink path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress, readlink(path, start, Int(PATH_MAX)) > 0 else { return nil }
      return String(cString: start)
    }
  }

  static func contents(ofFile path: String) -> String? {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(file, &chunk, chunk.count)
      guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
      bytes += chunk[..<count]
    }
  }
}
