// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// What `doctor` finds.
struct Diagnosis {
  /// Findings by name, in the order to show them.
  private(set) var findings: [(name: String, text: String)] = []
  /// What the user should do about them, a clause each.
  private(set) var advice: [String] = []

  /// What a process that stands for all can tell when MPI could not be started.
  init(failure: LockstepError) {
    findMachine(ranks: [RankFacts.here(threadCount: 1)])
    add("MPI", "cannot be used: \(failure.message)" + (failure.cause.map { ": \($0)" } ?? ""))
    findLauncher()
    findStarter()
    if let remedy = failure.remedy { advice.append(remedy) }
  }

  /// Looks around, and sends messages among all ranks.
  ///
  /// Collective.
  init(in context: ExecutionContext) throws {
    let ranks = try context.gathered(RankFacts.here(threadCount: context.threadCount))
    let check = try context.size > 1 ? MessageCheck(context) : nil
    guard context.rank == 0 else { return }
    findMachine(ranks: ranks)
    let mpi = findMPI()
    findLauncher()
    let starter = findStarter()
    findProcesses(ranks: ranks, localSize: context.communicator.localSize)
    if let check { for finding in check.findings { add(finding.name, finding.text) } }
    findOtherMachines()
    advise(ranks: ranks, localSize: context.communicator.localSize, mpi: mpi, starter: starter)
  }

  private mutating func add(_ name: String, _ text: String) { findings.append((name, text)) }

  private mutating func findMachine(ranks: [RankFacts]) {
    add("lockstep", LockstepCommand.version)
    let first = ranks[0]
    add("machine", first.host + (first.system.isEmpty ? "" : ", \(first.system)"))
    add("cores", "\(first.usableCoreCount) usable of \(first.coreCount)")
    let kernels = Set(ranks.map(\.kernels)).sorted()
    add("kernels", kernels.joined(separator: ", "))
    findLibraries()
  }

  private mutating func findLibraries() {
    find("SHA-256") { try SHA256.libraryName() }
    find("LAPACK") { try LinearAlgebraLibrary.path }
  }

  /// A library that is loaded at run time.
  private mutating func find(_ name: String, _ search: () throws -> String) {
    do { add(name, try search()) } catch {
      let error = LockstepError(wrapping: error)
      add(name, "none: \(error.message)")
      if let cause = error.cause { add("\(name) tried", cause) }
      if let remedy = error.remedy { advice.append("\(name): \(remedy)") }
    }
  }

  @discardableResult
  private mutating func findMPI() -> MPIDescription? {
    do {
      let mpi = try MPI.describe()
      add("MPI", "\(mpi.version)")
      add("MPI library", "\(mpi.path), \(mpi.abi.rawValue) ABI, because \(mpi.reason)")
      if let level = mpi.threadLevel { add("MPI thread level", level) }
      return mpi
    } catch {
      let error = LockstepError(wrapping: error)
      add("MPI", "none: \(error.message)")
      if let cause = error.cause { add("MPI tried", cause) }
      return nil
    }
  }

  private mutating func findLauncher() {
    guard let launcher = Launcher.current else { return add("launcher", "none: this process was started alone") }
    let size = launcher.size.map { ", of \(count($0, "process", "processes"))" } ?? ""
    add("launcher", "\(launcher.kind.rawValue), by $\(launcher.variable)\(size)")
  }

  @discardableResult
  private mutating func findStarter() -> Launcher.Command? {
    do {
      let launcher = try Launcher.find(processCount: 1)
      add("-n starts", "\(launcher.arguments[0]) (\(launcher.family.rawValue))")
      return launcher
    } catch {
      add("-n starts", "nothing: \(LockstepError(wrapping: error).message)")
      return nil
    }
  }

  private mutating func findProcesses(ranks: [RankFacts], localSize: Int) {
    let hosts = Set(ranks.map(\.host)).count
    var text = count(ranks.count, "process", "processes")
    if ranks.count > 1 { text += hosts > 1 ? " on \(hosts) machines, \(localSize) on this one" : " on this machine" }
    let threads = Set(ranks.map(\.threadCount)).sorted()
    text +=
      ", of "
      + (threads.count == 1 ? count(threads[0], "thread") : "\(threads[0]) to \(threads[threads.count - 1]) threads")
    add("processes", text)
  }

  /// Whether a loss of the other machines would be seen.
  private mutating func findOtherMachines() {
    let (answering, silent) = MPI.otherMachines
    guard !answering.isEmpty || !silent.isEmpty else { return }
    add("watch", "\(answering.count) of \(count(answering.count + silent.count, "other machine")) answer")
    if !silent.isEmpty {
      advice.append(
        "\(silent.joined(separator: ", ")) keep datagrams (UDP) away, so that nobody would see their loss; let them pass between the "
          + "machines of the job")
    }
  }

  private mutating func advise(ranks: [RankFacts], localSize: Int, mpi: MPIDescription?, starter: Launcher.Command?) {
    let first = ranks[0]
    if mpi == nil {
      advice.append(
        "to use several processes, install MPICH or Open MPI, or set $LOCKSTEP_MPI_LIBRARY; computing alone needs neither"
      )
    } else if starter == nil, ranks.count == 1 {
      advice.append("there is a library and no launcher: install the launcher that belongs to it for several processes")
    }
    if localSize > first.coreCount {
      advice.append(
        "\(localSize) processes share \(count(first.coreCount, "core")); more processes than cores take turns and gain nothing"
      )
    }
    let used = ranks.filter { $0.host == first.host }.reduce(0) { $0 + $1.threadCount }
    if localSize <= first.coreCount, used > first.coreCount {
      advice.append("\(used) threads share \(count(first.coreCount, "core")); leave --threads out")
    }
    if used < first.coreCount, ranks.count > 1, first.usableCoreCount < first.coreCount {
      advice.append(
        "the launcher binds processes to cores, so that \(used) of \(first.coreCount) cores work; pass it --bind-to none, "
          + "or start more processes")
    }
    if geteuid() == 0, Launcher.current == nil, mpi?.abi == .openMPI {
      advice.append(
        "as root, Open MPI's mpirun wants OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; -n sets them")
    }
    if getenv("SLURM_STEP_NUM_TASKS") != nil, getenv("SLURM_KILL_BAD_EXIT").map({ String(cString: $0) }) != "1" {
      advice.append("start with srun -K, which ends all processes at once when one is lost, if you do not already")
    }
    if Set(ranks.map(\.version)).count > 1 {
      advice.append("the processes run different releases of lockstep; install the same one on all machines")
    }
    if Set(ranks.map(\.kernels)).count > 1 {
      advice.append("the machines' CPUs differ; the result does not, but the slowest sets the pace")
    }
  }
}

extension Diagnosis {
  /// For people.
  var lines: [String] {
    let width = (findings.map(\.name.count).max() ?? 0) + 2
    let advice = advice.isEmpty ? [("advice", "none: all is well")] : self.advice.map { ("advice", $0) }
    return (findings.map { ($0.name, $0.text) } + advice).map { name, text in
      name + String(repeating: " ", count: width - name.count) + text
    }
  }

  /// For programs.
  var json: JSONValue {
    var members = Dictionary(findings.map { ($0.name, JSONValue.string($0.text)) }) { first, _ in first }
    members["advice"] = .array(advice.map(JSONValue.string))
    return .object(members)
  }
}

/// What each process knows of itself.
struct RankFacts: Codable, Sendable {
  var host: String
  var system: String
  var coreCount: Int
  var usableCoreCount: Int
  var threadCount: Int
  var kernels: String
  var version: String

  /// This process.
  static func here(threadCount: Int) -> RankFacts {
    var name = utsname()
    uname(&name)
    func text<T>(_ field: T) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    let usable = ProcessFacts.usableCoreCount()
    return RankFacts(
      host: text(name.nodename), system: "\(text(name.sysname)) \(text(name.release)) \(text(name.machine))",
      coreCount: max(usable, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), usableCoreCount: usable,
      threadCount: threadCount, kernels: CPUKernels.levelName, version: LockstepCommand.version)
  }
}

/// A few messages among all ranks, checked and timed.
struct MessageCheck {
  /// What came out, on rank 0.
  private(set) var findings: [(name: String, text: String)] = []

  /// Sends them.
  ///
  /// Collective.
  ///
  /// - Throws: `LockstepError` with code `.communication` if a message is not what was sent.
  init(_ context: ExecutionContext) throws {
    let world = context.communicator
    let (rank, size) = (world.rank, world.size)
    let next = (rank + 1) % size
    let previous = (rank + size - 1) % size

    // Every rank to its neighbour, of sizes on both sides of the limits at which libraries change their way of sending.
    let messageByteCounts = [0, 1, 1000, 100_000, 1 << 22]
    try context.agree {
      for byteCount in messageByteCounts {
        try world.send(Self.message(from: rank, byteCount: byteCount), to: next)
        guard try world.receive(from: previous) == Self.message(from: previous, byteCount: byteCount) else {
          throw LockstepError(
            .communication, "a message of \(byteCount) bytes from rank \(previous) to rank \(rank) arrived changed")
        }
      }
    }
    findings.append(
      (
        "ring",
        "\(count(messageByteCounts.count, "message")) from each process to the next, up to 4 MiB: all arrived whole"
      ))

    let roundTrip = try Self.median(100) {
      if rank == 0 {
        try world.send([1], to: 1)
        _ = try world.receive(from: 1)
      } else if rank == 1 {
        try world.send(try world.receive(from: 0), to: 0)
      }
    }
    let large = [UInt8](repeating: 7, count: 1 << 24)
    let transfer = try Self.median(5) {
      if rank == 0 {
        try world.send(large, to: 1)
        _ = try world.receive(from: 1)
      } else if rank == 1 {
        _ = try world.receive(from: 0)
        try world.send([1], to: 0)
      }
    }
    let exchange = try Self.median(50) { _ = try world.allGather([UInt8](repeating: 1, count: 8)) }
    findings.append(("message", "\(NumberText.short(roundTrip * 5e5)) µs from rank 0 to rank 1"))
    findings.append(
      ("bandwidth", "\(NumberText.short((Double(large.count) / transfer / 1e6).rounded())) MB/s from rank 0 to rank 1"))
    findings.append(("all to all", "\(NumberText.short(exchange * 1e6)) µs for 8 bytes of each process to all"))
  }

  private static func message(from rank: Int, byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: rank &* 31 &+ $0) }
  }

  /// The median time of `body` in seconds.
  private static func median(_ times: Int, _ body: () throws -> Void) rethrows -> Double {
    var seconds: [Double] = []
    for _ in 0..<times {
      let start = ContinuousClock.now
      try body()
      seconds.append(start.duration(to: .now) / .seconds(1))
    }
    return seconds.sorted()[times / 2]
  }
}
