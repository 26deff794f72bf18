// SPDX-License-Identifier: Apache-2.0

import LockstepCommunication
import LockstepErrors

/// One message that no C `int` can count.
enum LargeMessage {
  static func run(in world: any Communicator) throws {
    guard world.size == 2 else { throw LockstepError(.usage, "large takes 2 processes, not \(world.size)") }
    let count = 1 << 31 + 10
    var isGood = true
    if world.rank == 0 {
      var message = [UInt8](repeating: 7, count: count)
      // A mark in each 64 MiB, and at both ends.
      for (number, index) in marks(count).enumerated() { message[index] = UInt8(number) }
      try world.send(message, to: 1)
    } else {
      let message = try world.receive(from: 0)
      isGood = message.count == count && marks(count).enumerated().allSatisfy { message[$1] == UInt8($0) }
      var sum = 0
      message.withUnsafeBufferPointer { for byte in $0 where byte != 7 { sum += 1 } }
      isGood = isGood && sum == marks(count).count - 1
    }
    isGood = try world.allGather([isGood ? 1 : 0]).allSatisfy { $0 == [1] }
    if world.rank == 0 { print(isGood ? "passed  a message of \(count) bytes" : "FAILED  a message of \(count) bytes") }
    guard isGood else { throw LockstepError(.internalInconsistency, "a large message came out wrong") }
  }

  /// Places to mark: number 7, which is also the filling, is among them, hence the "- 1" above.
  private static func marks(_ count: Int) -> [Int] { Array(stride(from: 0, to: count - 1, by: 64 << 20)) + [count - 1] }
}
