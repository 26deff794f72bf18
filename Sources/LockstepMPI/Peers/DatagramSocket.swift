// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An address with a port, as the system's calls take it.
struct DatagramAddress: Sendable, Hashable {
  let bytes: [UInt8]
}

/// A socket for datagrams between machines, on a port that the system chooses.
struct DatagramSocket: Sendable {
  /// What a look at the socket finds.
  enum Finding {
    case datagram([UInt8], from: DatagramAddress)
    /// Datagrams that were sent to ports behind which there is nobody any more.
    case refused([[UInt8]])
    /// Datagrams that could not be sent, which tells nothing of the receiver.
    case undelivered
    case nothing
  }

  let port: UInt16
  private let descriptor: Int32
  private let family: Int32
  /// No datagram of ours is longer.
  private static let capacity = 256

  /// Opens a socket for both versions of the protocol, or for the older one; `nil` where neither can be had.
  init?() {
    var found: (Int32, Int32)?
    for family in [AF_INET6, AF_INET] where found == nil {
      let socket = Glibc.socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      if socket >= 0 { found = (socket, family) }
    }
    guard let (descriptor, family) = found else { return nil }
    self.descriptor = descriptor
    self.family = family
    func set(_ level: Int, _ option: Int32, _ value: Int32) {
      var value = value
      setsockopt(descriptor, Int32(level), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
    if family == AF_INET6 {
      set(IPPROTO_IPV6, IPV6_V6ONLY, 0)
      set(IPPROTO_IPV6, IPV6_RECVERR, 1)
    }
    set(IPPROTO_IP, IP_RECVERR, 1)
    var address = sockaddr_storage()
    address.ss_family = sa_family_t(family)
    let size = family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    let isBound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(size)) == 0 }
    }
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
    }
    guard isBound, isNamed else {
      _ = Glibc.close(descriptor)
      return nil
    }
    // The port is at the same place in both kinds of address.
    port = withUnsafeBytes(of: &address) { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
  }

  /// An address of this machine or another, from its numbers; `nil` if this socket does not reach such addresses.
  func address(_ numbers: String, port: UInt16) -> DatagramAddress? {
    var hints = addrinfo()
    hints.ai_family = family
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    hints.ai_flags = AI_NUMERICHOST | (family == AF_INET6 ? AI_V4MAPPED : 0)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(numbers, String(port), &hints, &list) == 0, let list else { return nil }
    defer { freeaddrinfo(list) }
    guard let address = list.pointee.ai_addr else { return nil }
    return DatagramAddress(bytes: Array(UnsafeRawBufferPointer(start: address, count: Int(list.pointee.ai_addrlen))))
  }

  /// The addresses of this machine that others may reach, in numbers.
  static func ownAddresses() -> [String] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var addresses: [String] = []
    var next = list
    while let entry = next?.pointee {
      next = entry.ifa_next
      let flags = Int32(bitPattern: entry.ifa_flags)
      guard let address = entry.ifa_addr, flags & Int32(IFF_UP) != 0,
        flags & Int32(IFF_LOOPBACK) == 0
      else { continue }
      let size: Int
      switch Int32(address.pointee.sa_family) {
      case AF_INET: size = MemoryLayout<sockaddr_in>.size
      case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
      default: continue
      }
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let status = getnameinfo(
        address, socklen_t(size), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
      let numbers = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      // Addresses of a link alone mean nothing on another machine.
      if status == 0, !numbers.contains("%"), !addresses.contains(numbers) { addresses.append(numbers) }
    }
    return addresses
  }

  /// Sends, if that is possible now; nothing tells whether it arrives.
  func send(_ bytes: [UInt8], to address: DatagramAddress) {
    _ = address.bytes.withUnsafeBytes { raw in
      raw.withMemoryRebound(to: sockaddr.self) {
        sendto(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT), $0.baseAddress, socklen_t(raw.count))
      }
    }
  }

  func close() { _ = Glibc.close(descriptor) }

  /// Waits until there is something to receive, or the time is over.
  func wait(milliseconds: Int32) {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&entry, 1, milliseconds)
  }

  /// What has arrived; does not wait.
  func receive() -> Finding {
    var buffer = [UInt8](repeating: 0, count: Self.capacity)
    var sender = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let count = withUnsafeMutablePointer(to: &sender) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        recvfrom(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &length)
      }
    }
    if count >= 0 {
      let address = withUnsafeBytes(of: &sender) { DatagramAddress(bytes: Array($0.prefix(Int(length)))) }
      return .datagram(Array(buffer[..<count]), from: address)
    }
    guard errno != EAGAIN, errno != EINTR else { return .nothing }
    let isRefused = errno == ECONNREFUSED
    // The system keeps what could not be delivered, and hands it back.
    var returned: [[UInt8]] = []
    while true {
      let flags = Int32(MSG_ERRQUEUE) | Int32(MSG_DONTWAIT)
      let count = recv(descriptor, &buffer, buffer.count, flags)
      guard count >= 0 else { break }
      returned.append(Array(buffer[..<count]))
    }
    return isRefused ? .refused(returned) : .undelivered
  }
}
