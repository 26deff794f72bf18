// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What went wrong, where, on which rank, and what to do about it.
///
/// The one error type of the library for bad input, a bad environment and failed communication. It is `Codable` because
/// it crosses ranks: a failure on one rank is thrown on all of them, with the same words.
///
/// ```
/// data.csv:701, column 3 ("price"): "abc" is not a number (rank 2); fix it, or pass --missing skip-row
/// ```
/// Programmers' mistakes are preconditions, and numerical outcomes (an unconverged fit) are data in the model.
public struct LockstepError: Error, Codable, Hashable, Sendable {
  /// The kind of failure.
  public var code: Code
  /// What happened, to what, with the numbers; no full stop.
  public var message: String
  /// What the user can do about it, as a clause that may follow a semicolon; `nil` where nothing useful can be said.
  ///
  /// It names options in the words of ``language``.
  public var remedy: String? {
    get { remedy(in: Self.language) }
    set { remedyTemplate = newValue }
  }
  /// The remedy before a language is chosen.
  var remedyTemplate: String?
  /// Where in the user's data, if it is a matter of data.
  public var place: Place?
  /// The rank that saw it first; `nil` until the error has crossed a communicator, or when there is one rank only.
  public var rank: Int?
  /// The words of the system underneath: `strerror`, `dlerror`, `MPI_Error_string`.
  public var cause: String?

  /// Creates an error.
  public init(
    _ code: Code, _ message: String, remedy: String? = nil, place: Place? = nil, rank: Int? = nil, cause: String? = nil
  ) {
    self.code = code
    self.message = message
    remedyTemplate = remedy
    self.place = place
    self.rank = rank
    self.cause = cause
  }

  /// The same error, marked with the rank that saw it unless it is marked already.
  public func seen(byRank rank: Int) -> LockstepError {
    var copy = self
    copy.rank = copy.rank ?? rank
    return copy
  }

  /// Any error as a `LockstepError`: itself, or its description under the code ``Code/userCode``.
  public init(wrapping error: any Error) {
    self = error as? LockstepError ?? LockstepError(.userCode, String(describing: error))
  }
}

extension LockstepError: CustomStringConvertible {
  /// One line: place, message, cause, rank, remedy.
  public var description: String { description(in: Self.language) }

  /// The same with options in the words of a language.
  public func description(in language: Language) -> String {
    var text = ""
    if let place, !place.description.isEmpty { text += "\(place): " }
    // What comes from files, and from systems underneath, is no part of a terminal's language, and may have any length.
    text += PrintableText.of(message, limit: 1200)
    if let cause { text += ": \(PrintableText.of(cause, limit: 1200))" }
    if let rank { text += " (rank \(rank))" }
    if let remedy = remedy(in: language) { text += "; \(PrintableText.of(remedy, limit: 1200))" }
    return text
  }
}

extension LockstepError {
  /// The kind of failure: an open set, so that a new kind breaks no caller's `switch`.
  public struct Code: RawRepresentable, Codable, Hashable, Sendable {
    /// The stable name of the code.
    public var rawValue: String
    /// Creates a code from its stable name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Arguments that contradict each other or the data.
    public static let usage = Code(rawValue: "usage")
    /// Text or bytes that are not what their format says.
    public static let malformedInput = Code(rawValue: "malformedInput")
    /// A file that is missing, unreadable or empty.
    public static let noInput = Code(rawValue: "noInput")
    /// A NaN or an infinity where a finite number is needed.
    public static let notFinite = Code(rawValue: "notFinite")
    /// Tables or models whose sizes do not fit together.
    public static let shapeMismatch = Code(rawValue: "shapeMismatch")
    /// Fewer rows than the method needs.
    public static let tooFewRows = Code(rawValue: "tooFewRows")
    /// A matrix whose rank is too low for a unique answer.
    public static let rankDeficient = Code(rawValue: "rankDeficient")
    /// A message that could not be sent or received.
    public static let communication = Code(rawValue: "communication")
    /// A rank whose process or machine is gone, or cannot be reached any more.
    public static let lostRank = Code(rawValue: "lostRank")
    /// No MPI library, or one that does not belong to the launcher.
    public static let noMPI = Code(rawValue: "noMPI")
    /// A kind of data, or of computation, that cannot be done.
    public static let unsupported = Code(rawValue: "unsupported")
    /// A library or program of the system that is needed, and is not there or does not work.
    public static let missingLibrary = Code(rawValue: "missingLibrary")
    /// An output that could not be written.
    public static let outputFailed = Code(rawValue: "outputFailed")
    /// More memory or address space than the system gives.
    public static let outOfMemory = Code(rawValue: "outOfMemory")
    /// The computation was stopped on request.
    public static let cancelled = Code(rawValue: "cancelled")
    /// The computation was stopped by a signal, and its progress is in a checkpoint.
    public static let stoppedWithCheckpoint = Code(rawValue: "stoppedWithCheckpoint")
    /// An error thrown by the caller's own code.
    public static let userCode = Code(rawValue: "userCode")
    /// A defect of this library.
    public static let internalInconsistency = Code(rawValue: "internalInconsistency")

    /// The exit code of a process that ends with this failure, after `sysexits.h`: 64 usage, 65 bad data, 66 no input,
    /// 69 no MPI (or the wrong one), 70 everything else, 73 no output, 75 stopped with a checkpoint, 130 cancelled, 128 + n stopped by
    /// signal n.
    public var exitCode: Int32 {
      switch self {
      case .usage: 64
      case .malformedInput, .notFinite, .shapeMismatch, .tooFewRows, .rankDeficient, .unsupported: 65
      case .noInput: 66
      case .noMPI, .missingLibrary: 69
      case .outputFailed: 73
      case .stoppedWithCheckpoint: 75
      case .cancelled: 130
      default: stoppingSignal.map { 128 + $0 } ?? 70
      }
    }
  }

  /// A place in the user's data.
  public struct Place: Codable, Hashable, Sendable, CustomStringConvertible {
    /// The file, as the user named it.
    public var file: String?
    /// The line in the file, from 1.
    public var line: Int?
    /// The row of the file, or of the whole table in rank order if no file is told, from 0, for data that has no lines.
    ///
    /// Messages count rows from 1, as they count lines and columns.
    public var row: Int?
    /// The column, from 1 in files with lines as an editor counts, named as well if the file has a header.
    public var column: Int?
    /// The column's name in the header.
    public var columnName: String?

    /// Creates a place from what is known of it.
    public init(
      file: String? = nil, line: Int? = nil, row: Int? = nil, column: Int? = nil, columnName: String? = nil
    ) {
      self.file = file
      self.line = line
      self.row = row
      self.column = column
      self.columnName = columnName
    }

    /// `file:line, column 3 ("price")`, or `row 17, column 3`, all counted from 1.
    public var description: String {
      var parts: [String] = []
      let file = file.map { PrintableText.of($0, limit: 4096) }
      let columnName = columnName.map { PrintableText.of($0, limit: 60) }
      if let file {
        parts.append(line.map { "\(file):\($0)" } ?? file)
      } else if let line {
        parts.append("line \(line)")
      }
      if let row { parts.append("row \(row + 1)") }
      if let column {
        parts.append("column \(column)" + (columnName.map { " (\"\($0)\")" } ?? ""))
      } else if let columnName {
        parts.append("column \"\(columnName)\"")
      }
      return parts.joined(separator: ", ")
    }
  }
}

extension LockstepError.Code {
  /// The computation was stopped by a signal, such as SIGTERM.
  public static func stopped(bySignal number: Int32) -> Self { Self(rawValue: signalPrefix + String(number)) }

  /// The signal of ``stopped(bySignal:)``; `nil` for any other code.
  public var stoppingSignal: Int32? {
    rawValue.hasPrefix(Self.signalPrefix) ? Int32(rawValue.dropFirst(Self.signalPrefix.count)) : nil
  }

  private static var signalPrefix: String { "stoppedBySignal" }

  /// `SIGTERM` for 15.
  package static func signalName(_ number: Int32) -> String {
    switch number {
    case SIGTERM: "SIGTERM"
    case SIGINT: "SIGINT"
    case SIGHUP: "SIGHUP"
    case SIGUSR1: "SIGUSR1"
    case SIGUSR2: "SIGUSR2"
    case SIGXCPU: "SIGXCPU"
    default: "signal \(number)"
    }
  }
}
