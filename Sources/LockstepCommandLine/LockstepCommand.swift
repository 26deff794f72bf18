// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

@main struct LockstepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "lockstep")
}
