// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Lockstep

/// `lockstep plan`.
struct PlanVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Tell the rows, sweeps, memory and messages of each process that a fit would take, without running it.",
    discussion: """
      Put "plan" before the verb of a command that fits. The files are looked at, the fit is tried on a few MiB of the first rows, and its \
      messages are counted as if all processes sent them. Of iterations it knows only those that the first rows took. Memory is what the \
      fit takes beyond the program and MPI. Afterwards, -v tells what the run has taken.

      Examples:
        lockstep plan pca data.csv
        lockstep plan kmeans --clusters 10 -n 16 --memory 2G 'day*.csv'
      """)

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The verb with its options and data, as it would be run.", valueName: "command"))
  var command: [String] = []

  func run() throws {
    if command.isEmpty || ["-h", "--help"].contains(command[0]) { throw CleanExit.helpRequest(self) }
    let parsed = try LockstepCommand.parseAsRoot(command)
    guard let verb = parsed as? any FitVerb else {
      throw LockstepError(
        .usage, "\(command[0]) is not a verb that fits a model",
        remedy: "plan one of " + Catalog.verbs.map { $0.configuration.commandName ?? "" }.joined(separator: ", "))
    }
    try verb.common.requireFormat(.table, .json)
    let plan = try Plan(of: verb, processCount: verb.common.processes ?? Launcher.current?.size ?? 1)
    guard MPI.speaksForAll else { return }
    if verb.common.json {
      try StandardOutput.write(try plan.json.encoded() + [UInt8(ascii: "\n")])
    } else {
      try StandardOutput.write(plan.lines.joined(separator: "\n") + "\n")
    }
  }
}

/// What a fit would take.
struct Plan {
  /// The fit's name.
  let title: String
  /// The number of columns.
  let columnCount: Int
  /// The rows of each process.
  let rowCounts: [Int]
  /// Whether the numbers of rows are no estimates.
  let isExact: Bool
  /// The memory of each process, in bytes, beyond what it begins with.
  let memoryByteCounts: [Int]
  /// The bytes that go to a scratch file on each process.
  let scratchByteCounts: [Int]
  let messages: MessagePlan
  /// Whether the number of sweeps is that of the first rows only.
  let dependsOnRows: Bool

  /// Looks at the data of a verb, and tries its fit on the first rows.
  init(of verb: some FitVerb, processCount: Int) throws {
    let data = verb.data
    let threadCount = verb.common.threads ?? max(1, Int.forProcesses(on: SoloCommunicator()) / processCount)
    var options = data.readOptions(columns: data.columns ?? .all, roles: verb.roles)
    (options.columnCount, options.threadCount) = (data.columnCount, threadCount)
    let log = CollectiveLog()
    let context = ExecutionContext(threadCount: threadCount, log: log)
    options = try context.foundCategories(options, of: data.request)

    var looks: [DataSource: DataLook] = [:]
    var counts: [Int] = []
    for rank in 0..<processCount {
      var count = 0
      for part in try DataNames.parts(of: data.request, rank: rank, size: processCount) {
        let look = try looks[part.source] ?? DataLook(part.source, options: options)
        looks[part.source] = look
        count += part.shard.range(of: look.rowCount).count
      }
      counts.append(count)
    }
    guard let first = looks.values.max(by: { $0.sample.rowCount < $1.sample.rowCount }) else {
      throw LockstepError(.noInput, "there is nothing to look at")
    }
    rowCounts = counts
    isExact = looks.values.allSatisfy(\.isExact)

    let session = Session(common: verb.common, context: context, progress: ProgressDisplay(.none))
    let outputs = try DiscardedOutputs()
    defer { outputs.remove() }
    // As of the run, the messages are those until the result is known.
    var collectives: [CollectiveLog.Step] = []
    let (sample, outcome) = try verb.perform(
      in: session,
      read: { session in
        InputRows(
          try session.context.read(data.request, options: options) { _, _, _ in SampleReading(sample: first.sample) })
      }, place: outputs.place, show: { collectives = $0.run.collectives })
    let method = Catalog.method(named: type(of: outcome.model).methodName)
    title = type(of: outcome.model).methodName
    columnCount = sample.rows.columnCount
    dependsOnRows = method?.iterates == true
    messages = MessagePlan(collectives, rowCounts: rowCounts)

    let elementByteCount = data.single ? 4.0 : 8.0
    let sampleRowCount = Double(max(first.sample.rowCount, 1))
    let rowByteCount = first.sample.byteCount / sampleRowCount * elementByteCount / 8
    let outputByteCount = outcome.rowOutputs.reduce(0.0) { $0 + $1.values.byteCount / sampleRowCount }
    let limit = try verb.common.memoryLimit
    let isFetchedAgain = looks.values.allSatisfy(\.isFetchedAgain)
    let isNumbered = looks.values.contains { $0.readingByteCount > 0 }
    let reading = Double(looks.values.map(\.readingByteCount).max() ?? 0)
    var (memory, scratch) = ([Int](), [Int]())
    for count in rowCounts {
      let rows = Double(count)
      let kept = outcome.estimator.byteCountPerRow(rowCount: count, columnCount: columnCount) * rows
      let own = rowByteCount * rows
      // The texts that threads read, and what the sweeps' threads sum in.
      let text = Double(threadCount) * 0.6e6 + 1.5e6
      let held = limit.map { Double($0.heldByteCount) } ?? .infinity
      let window = limit.map { Double($0.windowByteCount) } ?? 0
      let isStored = own > held
      let isOutputStored = outputByteCount * rows > held / 4
      // While rows are read, a window waits to be stored, and one of numbered rows is filled; a sweep has three, or all that is stored.
      let read = min(window, own - held) + (isNumbered ? window : 0)
      let ofStored = isFetchedAgain ? 3 * window : held + max(read, min(3 * window, own - held))
      memory.append(
        Int(
          clamped: (isStored ? ofStored : own) + (isOutputStored ? window : outputByteCount * rows) + kept + text
            + reading))
      scratch.append(
        Int(clamped: (isStored && !isFetchedAgain ? own - held : 0) + (isOutputStored ? outputByteCount * rows : 0)))
    }
    memoryByteCounts = memory
    scratchByteCounts = scratch
  }

  /// For people.
  var lines: [String] {
    let mark = isExact ? "" : "about "
    var lines = [
      "\(title): \(mark)\(count(rowCounts.reduce(0, +), "row")) of \(count(columnCount, "column")) "
        + "on \(count(rowCounts.count, "process", "processes"))", "",
    ]
    func most(_ values: [Int]) -> Int { values.max() ?? 0 }
    var figures = [
      ("rows of a process", "\(rowCounts.min() ?? 0) to \(most(rowCounts))"),
      ("sweeps over the rows", "\(messages.sweepCount)" + (dependsOnRows ? ", as on the first rows" : "")),
      ("memory of a process", "\(ByteText.megabytes(most(memoryByteCounts))) MB beyond the program and MPI"),
      ("messages of a process", "\(ByteText.megabytes(most(messages.byteCounts))) MB sent and received"),
    ]
    if most(scratchByteCounts) > 0 {
      figures.append(("scratch file of a process", "\(ByteText.megabytes(most(scratchByteCounts))) MB"))
    }
    let width = figures.map(\.0.count).max() ?? 0
    lines += figures.map { $0.0 + String(repeating: " ", count: width + 2 - $0.0.count) + $0.1 }
    return lines
  }

  /// For programs: arrays have one entry for each process.
  var json: JSONValue {
    func numbers(_ values: [Int]) -> JSONValue { .array(values.map { .integer($0) }) }
    return .object([
      "method": .string(title), "rowCount": .integer(rowCounts.reduce(0, +)), "isExact": .bool(isExact),
      "columnCount": .integer(columnCount), "processCount": .integer(rowCounts.count),
      "sweepCount": .integer(messages.sweepCount), "rowCounts": numbers(rowCounts),
      "memoryByteCounts": numbers(memoryByteCounts), "scratchByteCounts": numbers(scratchByteCounts),
      "messageByteCounts": numbers(messages.byteCounts),
    ])
  }
}

extension Int {
  /// A number of bytes, as far as an integer goes: files may claim any number of rows.
  fileprivate init(clamped value: Double) { self = value < 0x1p62 ? Int(value) : 1 << 62 }
}

extension LoadedRows {
  /// The memory that all tables and labels take.
  fileprivate var byteCount: Double {
    var total = Double(labels?.count ?? 0) * 8
    for run in ([rows] + extraTables).flatMap(\.runs) {
      guard let block = run.inMemory else { continue }
      if let sparse = block as? SparseRows<Element> {
        total += Double(sparse.entryCount * (MemoryLayout<Element>.stride + 4) + 8 * sparse.rowCount)
      } else {
        total += Double(block.rowCount * block.columnCount * MemoryLayout<Element>.stride)
      }
    }
    return total
  }
}

/// The first rows in place of those of this process.
private struct SampleReading: PartReading {
  let sample: LoadedRows<Double>

  var quoteCount: Int { 0 }
  var leastColumnCount: Int { sample.columnCount }
  var isFirstPartOfFile: Bool { true }
  func resolved(startingInsideQuotes: Bool, columnCount: Int) -> LoadedRows<Double> { sample }
}

/// A directory for the outputs of the first rows, which are written as those of a run are, and thrown away.
private final class DiscardedOutputs {
  private let path: String
  private var names: [String] = []

  init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/lockstep-plan-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw LockstepError(
        .outputFailed, "there is no place for the outputs of a trial", place: .init(file: parent),
        cause: String(cString: strerror(errno)))
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The place of an output: a file for each process if it is one for each, with the name's ending.
  func place(_ name: String) -> String {
    let middle = RankPattern(name).dependsOnRank ? "{rank}" : ""
    let file = "\(path)/\(names.count)\(middle).\(name.split(separator: ".").last ?? "")"
    names.append(RankPattern(file).name(for: 0))
    return file
  }

  func remove() {
    for name in names { unlink(name) }
    rmdir(path)
  }
}
