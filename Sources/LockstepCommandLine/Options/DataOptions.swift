// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// What to read, and how.
struct DataOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The rows: files of CSV, NPY, NPZ (SciPy's sparse matrices too), Arrow, HDF5, Parquet, SVMLight or Matrix Market, told by their content; text "
        + "also compressed by gzip, zstd, bzip2 or xz. One file is split among the processes, several are dealt to them in order. A pattern "
        + "with {rank} names each process's own file, a quoted glob several, x.h5:/group/table a table in a file, and - is standard input.",
      valueName: "data"))
  var data: [String] = []

  @Option(
    help: ArgumentHelp(
      "The rows: what a query gives, which DuckDB answers, as in \"SELECT a, b FROM 'x.parquet' ORDER BY a\". Each process "
        + "asks for its share. Files that it names are read with --sql-allow-files only. (default: files)",
      valueName: "query"))
  var sql: String?

  @Flag(help: "Let the query of --sql read the files of this machine that it names.")
  var sqlAllowFiles = false

  @Option(
    help: ArgumentHelp(
      "Refuse files of any other format: csv, npy, npz, arrow, hdf5, parquet, svmlight or matrix-market. (default: each "
        + "file's own)", valueName: "format"))
  var inputFormat: PinnedFormat?

  /// The files, or the query.
  var request: DataRequest {
    if let sql { return .query(DataQuery(sql, allowsFiles: sqlAllowFiles)) }
    return inputFormat.map { .namesOf($0, data) } ?? .names(data)
  }

  @Option(
    help: ArgumentHelp(
      "Columns by header name, number from 0, or range, as in price,0,3-7. A name that looks like a number is quoted: '\"2019\"'. "
        + "(default: all)", valueName: "list"),
    transform: ColumnSelection.init(parsing:))
  var columns: ColumnSelection?

  @Option(
    help: ArgumentHelp(
      "Columns to leave out, by header name, number from 0, or range. (default: none)", valueName: "list"),
    transform: ColumnSelection.init(parsing:))
  var except: ColumnSelection?

  @Option(help: "Whether the first row names the columns; auto: if any of its fields is neither number nor date.")
  var header = CSVHeader.automatic

  @Option(
    help: ArgumentHelp(
      "The character between two fields, or tab, comma, semicolon, space, pipe. (default: found in the first row)",
      valueName: "c"),
    transform: CSVOptions.delimiter(_:))
  var delimiter: UInt8?

  @Flag(help: "Double quotes are ordinary text, and enclose no fields.")
  var noQuotes = false

  @Option(
    name: .customLong("na"),
    help: ArgumentHelp(
      "More words that stand for a missing value, separated by commas, as in -999,unknown. (default: empty fields, NA, nan, and "
        + "what pandas takes: N/A, NULL, None, null and the like)", valueName: "list"),
    transform: { $0.split(separator: ",").map { String($0) } })
  var missingWords: [String]?

  @Option(
    help: ArgumentHelp(
      "The character that begins lines to pass over, as in #. (default: there are none)", valueName: "c"),
    transform: { try CSVOptions.mark($0, of: "mark of comments") })
  var comment: UInt8?

  @Option(
    name: .customLong("skip-lines"),
    help: ArgumentHelp("The number of lines before the header, or the first row.", valueName: "n"))
  var skippedLineCount = 0

  @Option(
    name: .customLong("decimal"),
    help: ArgumentHelp("The decimal mark, as in 1,5 with \",\". (default: .)", valueName: "c"),
    transform: { try CSVOptions.mark($0, of: "decimal mark") })
  var decimalMark: UInt8?

  @Option(
    name: .customLong("thousands"),
    help: ArgumentHelp("The mark between groups of three digits. (default: there is none)", valueName: "c"),
    transform: { try CSVOptions.mark($0, of: "mark between groups of digits") })
  var groupMark: UInt8?

  @Option(
    help: """
      A missing value, as an empty field or NA: stop with its place, leave the row out and count it, put the column's mean over all rows in \
      its place, or leave it out of its column only, which some verbs can.
      """)
  var missing = MissingValuePolicy.error

  @Option(
    help: ArgumentHelp(
      "Columns that are categorical, by header name, number from 0, or range, or auto: those that hold a text in the first "
        + "1,000 rows. Each becomes a column of ones and zeros for each of its values, or each but a base level: see --coding. (default: none)",
      valueName: "list"),
    transform: CategoricalColumns.init(parsing:))
  var categorical: CategoricalColumns?

  @Option(
    help: ArgumentHelp(
      "The columns that a categorical column becomes: one for each value (ones), or for each but the base level, to which coefficients compare the "
        + "others (reference). (default: reference in linear, logistic, Poisson and gamma regressions with an intercept, otherwise ones)",
      valueName: "coding"))
  var coding: CodingArgument?

  @Option(
    name: .customLong("reference"), parsing: .singleValue,
    help: ArgumentHelp(
      "The base level of a categorical column, as in --reference species=setosa; again for each column. (default: the first value in order)",
      valueName: "c=level"),
    transform: ReferenceLevel.init(parsing:))
  var references: [ReferenceLevel] = []

  @Option(
    help: ArgumentHelp(
      "The number of columns of SVMLight files, whose last columns may have no entry. (default: the largest index, or the "
        + "model's columns)", valueName: "p"))
  var columnCount: Int?

  @Flag(
    help: "The indices of SVMLight files count from 0. (default: from 1, unless a comment at their beginning says so)")
  var zeroBased = false

  @Flag(help: "Hold the rows in 32-bit floats, which takes half the memory; sums are in 64 bits still.")
  var single = false

  func validate() throws {
    if let columnCount, columnCount < 1 || columnCount > Int(Int32.max) {
      throw ValidationError("\(columnCount) columns; give a number from 1 to 2147483647 with --column-count.")
    }
    if !references.isEmpty {
      if coding == .ones { throw ValidationError("--reference names base levels, which --coding ones has none of.") }
      if categorical == nil { throw ValidationError("--reference is for --categorical; give both.") }
      if Set(references.map(\.column)).count < references.count {
        throw ValidationError("--reference is given twice for a column.")
      }
    }
    if inputFormat != nil, sql != nil {
      throw ValidationError("--input-format is for files; --sql reads none of them.")
    }
    if sqlAllowFiles, sql == nil { throw ValidationError("--sql-allow-files is for --sql; give both.") }
    if skippedLineCount < 0 { throw ValidationError("\(skippedLineCount) lines; give 0 or more with --skip-lines.") }
    if sql != nil, !data.isEmpty { throw ValidationError("--sql and files exclude each other.") }
    if data.isEmpty, sql == nil { throw ValidationError("Missing expected argument '<data> ...'") }
    if data.contains("-"), data.count > 1 { throw ValidationError("Standard input (-) cannot be read beside files.") }
    if data.contains("-"), let launcher = Launcher.current, launcher.size != 1 {
      throw ValidationError("Standard input (-) cannot be split among processes; read a file.")
    }
  }

  /// Why a verb that needs whole rows does not start.
  static var pairwiseRefusal: LockstepError {
    LockstepError(
      .usage, "rows are needed whole here, and --missing pairwise leaves single numbers out",
      remedy: "pass --missing skip-row, or --missing mean")
  }

  /// Throws if the rows of a part cannot be what they would be among those of all parts.
  func checkSummarizable() throws {
    guard missing != .mean else {
      throw LockstepError(
        .usage, "means are those of all rows, which a part does not know",
        remedy: "leave out --partial, or --missing mean")
    }
  }

  private func categoryCoding(_ roles: ColumnRoles) -> CategoryCoding {
    let isDefault = roles.hasBaseLevels || !references.isEmpty
    guard coding.map({ $0 == .reference }) ?? isDefault else { return .ones }
    return .reference(Dictionary(references.map { ($0.column, $0.level) }) { first, _ in first })
  }

  /// What to read, and how.
  func readOptions(columns: ColumnSelection, roles: ColumnRoles = ColumnRoles()) -> ReadOptions {
    ReadOptions(
      columns: columns, except: except, targets: roles.targets, weights: roles.weights, label: roles.label,
      missing: missing, categorical: categorical ?? .none, coding: categoryCoding(roles), isZeroBased: zeroBased,
      csv: CSVOptions(
        header: header, delimiter: delimiter, usesQuotes: !noQuotes,
        missingWords: CSVOptions.usualMissingWords + (missingWords ?? []),
        comment: comment, skippedLineCount: skippedLineCount, decimalMark: decimalMark ?? UInt8(ascii: "."),
        groupMark: groupMark))
  }
}

/// How categories become columns.
enum CodingArgument: String, ExpressibleByArgument, CaseIterable {
  case ones
  case reference
}

/// The base level of a column, as in `species=setosa`.
struct ReferenceLevel: Equatable {
  let column: String
  let level: String

  /// Reads a column and a level with `=` between them, the first one there is.
  ///
  /// - Throws: `LockstepError` with code `.usage` if there is none.
  init(parsing text: String) throws {
    guard let cut = text.firstIndex(of: "="), cut > text.startIndex else {
      throw LockstepError(.usage, "\"\(text)\" names no base level", remedy: "write it as in species=setosa")
    }
    column = String(text[..<cut])
    level = String(text[text.index(after: cut)...])
  }
}

extension CSVHeader: ExpressibleByArgument {}
extension PinnedFormat: ExpressibleByArgument {}
extension MissingValuePolicy: ExpressibleByArgument {}
