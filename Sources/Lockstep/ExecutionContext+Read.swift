// SPDX-License-Identifier: Apache-2.0

extension ExecutionContext {
  /// Reads this process's share of files that all processes name alike.
  ///
  /// ```swift
  /// let rows = try world.read("all.csv")                              // one file, cut among the processes at row ends
  /// let rows = try world.read("day*.csv")                             // whole files, in order, dealt to the processes
  /// let rows = try world.read("file{rank}.csv")                       // each process its own
  /// ```
  /// Collective. Rows keep the order of the files, whatever the number of processes. CSV, NPY, NPZ, SVMLight,
  /// Matrix Market, Arrow and HDF5 files are told apart by their content; of a shared file each process reads its own bytes only.
  /// Means that stand for missing values (a sweep over the rows), and the values of categorical columns, are those of all processes.
  ///
  /// ```swift
  /// let rows = try world.read("houses.csv", targets: "price", weights: "times", missing: .mean)
  /// let model = try LinearRegression().fit(rows, in: world)
  /// ```
  /// - Parameters:
  ///   - names: Files, globs, or patterns with `{rank}`.
  ///   - columns: The features; default: all columns that have no other role.
  ///   - except: Columns that are not features; default: none.
  ///   - targets: The columns to explain; default: none.
  ///   - weights: The column of the weights; default: none.
  ///   - label: The column of the classes; default: none.
  ///   - missing: What to do with missing values; default: an error.
  ///   - categorical: The features that are categorical; default: none.
  ///   - type: What numbers are stored in: `Double.self` or `Float.self`.
  /// - Returns: This process's rows, with their targets, weights and classes, as `fit` takes them.
  /// - Throws: ``LockstepError`` on every process if any of them cannot read its share, with file, line, column and rank.
  public func read<Element: Scalar>(
    _ names: String..., columns: ColumnSelection = .all, except: ColumnSelection? = nil,
    targets: ColumnSelection? = nil, weights: ColumnSelection? = nil, label: ColumnSelection? = nil,
    missing: MissingValuePolicy = .error, categorical: CategoricalColumns = .none, as type: Element.Type = Double.self
  ) throws -> LoadedRows<Element> {
    let options = ReadOptions(
      columns: columns, except: except, targets: targets, weights: weights, label: label, missing: missing,
      categorical: categorical)
    return try read(names, options: options, as: type)
  }

  /// Reads this process's share of files that all processes name alike.
  ///
  /// - Parameters:
  ///   - names: Files, globs, or patterns with `{rank}`.
  ///   - options: What to read of them, and how.
  ///   - type: What numbers are stored in: `Double.self` or `Float.self`.
  /// - Returns: This process's rows, with their targets, weights and classes, as `fit` takes them.
  /// - Throws: ``LockstepError`` on every process if any of them cannot read its share, with file, line, column and rank.
  public func read<Element: Scalar>(
    _ names: String..., options: ReadOptions, as type: Element.Type = Double.self
  ) throws -> LoadedRows<Element> { try read(names, options: options, as: type) }

  /// Reads this process's share of files that all processes name alike.
  public func read<Element: Scalar>(
    _ names: [String], options: ReadOptions = ReadOptions(), as type: Element.Type = Double.self
  ) throws -> LoadedRows<Element> { try read(.names(names), options: options, as: type) }

  /// Reads this process's share of files, or of a query's rows, that all processes ask for alike.
  ///
  /// ```swift
  /// let rows = try world.read(.query(DataQuery("SELECT a, b FROM 'x.parquet' ORDER BY a", allowsFiles: true)))
  /// ```
  package func read<Element: Scalar>(
    _ request: DataRequest, options: ReadOptions = ReadOptions(), as type: Element.Type = Double.self
  ) throws -> LoadedRows<Element> {
    try read(request, options: options) { try DataReading<Element>($0, options: $1, notes: $2) }
  }

  /// The same with another way to read this process's parts: `plan` has read the first rows already.
  package func read<Reading: PartReading>(
    _ request: DataRequest, options: ReadOptions,
    opening open: (_ parts: [DataPart], _ options: ReadOptions, _ notes: [String]) throws -> Reading
  ) throws -> LoadedRows<Reading.Element> {
    var options = try foundCategories(options, of: request)
    options.threadCount = options.threadCount ?? threadCount
    options.memoryLimit = options.memoryLimit ?? memoryLimit
    // Rank 0 says for all which files there are, and how long they are: they may grow, or be others elsewhere.
    let isShared = size > 1 || log != nil
    let shared =
      isShared
      ? try decide {
        SharedFiles(request: request, listing: try DataNames.listing(of: request, processCount: max(size, 2)))
      } : nil
    let (reading, grown) = try agree {
      try ledger.measure(\.read) {
        try options.checkEncoding()
        try shared?.require(request, rank: rank)
        let listing = try shared?.listing ?? DataNames.listing(of: request, processCount: size)
        let parts = try DataNames.parts(of: request, listed: listing, rank: rank, size: size)
        let grown = rank == 0 ? [] : try GrownFile.check(parts, rank: rank)
        return (try open(parts, options, listing?.notes ?? []), grown)
      }
    }
    // A part of a file begins inside quotes if the parts before it have an odd number of them.
    let parts = try gathered(
      QuotedPart(
        quoteCount: reading.quoteCount, isFirst: reading.isFirstPartOfFile, columnCount: reading.leastColumnCount,
        grown: grown, notes: DataNames.notes(on: request, rank: rank)))
    let allGrown = parts.flatMap(\.grown)
    if !allGrown.isEmpty {
      _ = try decide {
        try GrownFile.check(allGrown)
        return true
      }
    }
    var quotesBefore = 0
    var other = rank
    while !parts[other].isFirst, other > 0 {
      other -= 1
      quotesBefore += parts[other].quoteCount
    }
    let loaded = try agree {
      try ledger.measure(\.read) {
        try reading.resolved(
          startingInsideQuotes: quotesBefore % 2 == 1, columnCount: parts.reduce(0) { max($0, $1.columnCount) })
      }
    }
    var all = try completed(loaded, options: options)
    all.addNotes(parts.flatMap(\.notes))
    return all
  }

  /// The options with the columns that hold a text in the first rows of the first file in place of ``CategoricalColumns/texts``.
  ///
  /// Collective if that is what the options say.
  package func foundCategories(_ options: ReadOptions, of request: DataRequest) throws -> ReadOptions {
    guard options.encoding == nil, options.categorical == .texts else { return options }
    let chosen = try decide {
      try options.textColumns(of: try DataNames.parts(of: request, rank: 0, size: size)[0].source)
    }
    var options = options
    options.categorical = chosen.map { .chosen($0) } ?? .none
    return options
  }

  /// Rows that each process has read by itself, with ``DataReading``, with what must be known of all rows: the kind of labels, means
  /// for missing values, and the values of categorical columns.
  ///
  /// Collective; `read` does it.
  ///
  /// - Parameters:
  ///   - loaded: This process's rows, which nobody else may have seen: they may be changed in place.
  ///   - options: The options that they were read with.
  /// - Returns: The rows as they should be.
  /// - Throws: ``LockstepError`` on every process: of what the processes have read, something does not fit together, or a column has
  ///   no mean.
  package func completed<Element: Scalar>(
    _ loaded: LoadedRows<Element>, options: ReadOptions
  ) throws -> LoadedRows<Element> {
    let facts = try merged(ReadingFacts(loaded, options)) { try $0.merged(with: $1) }
    try facts.check(loaded)
    // Labels are whole numbers on all processes, or texts on all.
    let labelled = (options.label == nil ? loaded : loaded.withLabels(asWholeNumbers: facts.areLabelsWhole))
      .withRoles(of: options)
    // What all processes were told decides, not what one of them has read: an encoding takes sweeps of all.
    guard options.needsEncoding else { return labelled }
    let encoding =
      try options.encoding ?? encoding(of: loaded, values: facts.values, options)
    return try agree {
      try ledger.measure(\.read) { try labelled.encoded(by: encoding, fillsMissing: options.missing == .mean) }
    }
  }

  /// The encoding that the rows of all processes make.
  private func encoding(
    of loaded: LoadedRows<some Scalar>, values: [ReadingFacts.Values], _ options: ReadOptions
  ) throws -> ColumnEncoding {
    let names = loaded.columnNames
    var columns = (0..<loaded.columnCount).map { ColumnEncoding.Column(name: names?[$0]) }
    let codedNames = values.map { names?[$0.place] ?? "\($0.place)" }
    try options.coding.requireColumns(codedNames)
    for (column, name) in zip(values, codedNames) {
      columns[column.place].values = column.texts
      columns[column.place].base = try options.coding.base(of: name, among: column.texts)
    }
    guard options.missing == .mean else { return ColumnEncoding(columns) }
    let means = try reduce(PresentMeansPass(), over: loaded.rows)
    for j in columns.indices where columns[j].values == nil {
      let name = columns[j].name.map { "\"\($0)\"" } ?? "\(j)"
      guard means.counts[j] > 0 else {
        throw LockstepError(
          .malformedInput, "column \(name) has no value at all, and so no mean to fill in",
          remedy: "leave it out with \(option: .columns)")
      }
      guard means.means[j].isFinite else {
        throw LockstepError(
          .notFinite, "column \(name) has an infinite value or sum, and so no mean to fill in",
          remedy: "fix it, or leave it out with \(option: .columns)")
      }
      columns[j].mean = means.means[j]
    }
    return ColumnEncoding(columns)
  }
}

/// What a process tells the others about its part of a file.
private struct QuotedPart: Codable, Sendable {
  var quoteCount: Int
  var isFirst: Bool
  var columnCount: Int
  /// The shared files of which the process sees more than rank 0 did.
  var grown: [GrownFile]
  /// What a user may want to know of the process's own files.
  var notes: [String]
}

/// What rank 0 was asked to read, and the files that it found.
private struct SharedFiles: Codable, Sendable {
  var request: DataRequest
  var listing: DataListing?

  /// Throws if this rank was asked for something else, which would be left unread.
  func require(_ own: DataRequest, rank: Int) throws {
    // Patterns may lead to a directory of each process's own.
    guard own != request, !(own.isForEachRank && request.isForEachRank) else { return }
    throw LockstepError(
      .usage, "rank \(rank) reads \(own.summary), rank 0 \(request.summary)",
      remedy: "name the same data on all processes; \"file{rank}.csv\" is a file of each process's own")
  }
}

extension DataRequest {
  /// Whether each process reads files of its own.
  fileprivate var isForEachRank: Bool {
    switch self {
    case .names(let names), .namesOf(_, let names): names.allSatisfy { RankPattern($0).dependsOnRank }
    case .query: false
    }
  }

  /// The data in a few words.
  fileprivate var summary: String {
    switch self {
    case .names(let names), .namesOf(_, let names):
      names.count == 1 ? names[0] : "\(names.count) files, \(names.first ?? "none") first"
    case .query: "a query"
    }
  }
}
