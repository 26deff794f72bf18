// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Testing

@Suite struct LockstepErrorTests {
  @Test func describesPlaceMessageCauseRankAndRemedyInThatOrder() {
    let error = LockstepError(
      .malformedInput, "\"abc\" is not a number", remedy: "correct it",
      place: .init(file: "data.csv", line: 701, column: 3, columnName: "price"), rank: 2, cause: "from_chars")
    #expect(
      "\(error)" == "data.csv:701, column 3 (\"price\"): \"abc\" is not a number: from_chars (rank 2); correct it")
    #expect("\(LockstepError(.usage, "no rows"))" == "no rows")
  }

  @Test func keepsTheFirstRankThatSawIt() {
    let error = LockstepError(.noInput, "there is no such file").seen(byRank: 3)
    #expect(error.rank == 3 && error.seen(byRank: 0).rank == 3)
  }

  @Test func wrapsOtherErrorsAsTheUsers() {
    struct Mistake: Error {}
    #expect(LockstepError(wrapping: Mistake()).code == .userCode)
    let error = LockstepError(.noMPI, "no MPI")
    #expect(LockstepError(wrapping: error) == error)
  }

  @Test(arguments: [
    (LockstepError.Code.usage, Int32(64)), (.malformedInput, 65), (.notFinite, 65), (.shapeMismatch, 65),
    (.tooFewRows, 65), (.rankDeficient, 65), (.noInput, 66), (.noMPI, 69), (.unsupported, 65), (.missingLibrary, 69),
    (.outputFailed, 73),
    (.cancelled, 130), (.internalInconsistency, 70), (.init(rawValue: "of a later release"), 70),
  ]) func exitCodesAreThoseOfSysexits(code: LockstepError.Code, exitCode: Int32) {
    #expect(code.exitCode == exitCode)
  }
}
