// SPDX-License-Identifier: Apache-2.0

// A user's program of which one rank fails on the way, for Scripts/failures:
//
//     FailingRank throw|agree|trap|exit|kill|all|none RANK
//
// All ranks go on with collectives. `throw` throws outside of any, `agree` inside one, `trap` breaks a precondition, `exit`
// leaves without a word, `kill` dies by SIGKILL, with `all` every rank throws outside of any, whatever RANK is, and `none` is
// the program without a failure.

import Glibc
import Lockstep

struct Refusal: Error, CustomStringConvertible {
  let description = "this rank refuses to go on"
}

let arguments = CommandLine.arguments
guard arguments.count == 3, let victim = Int(arguments[2]) else {
  printError(LockstepError(.usage, "expected: FailingRank throw|agree|trap|exit|kill|all|none RANK"))
  exit(64)
}
let manner = arguments[1]

Lockstep.run { world in
  for sweep in 0..<200 {
    let failsNow = (world.rank == victim || manner == "all") && sweep == 100
    if failsNow {
      switch manner {
      case "throw", "all": throw Refusal()
      case "trap": preconditionFailure("this rank breaks a precondition")
      case "exit": exit(3)
      case "kill": kill(getpid(), SIGKILL)
      default: break
      }
    }
    try world.agree { if failsNow && manner == "agree" { throw Refusal() } }
  }
}
