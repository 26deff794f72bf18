// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

@Suite struct DateTests {
  @Test(arguments: [
    ("1970-01-01", 0), ("1970-01-02", 86400), ("1969-12-31", -86400), ("2000-02-29", 951_782_400),
    ("2024-01-31", 1_706_659_200), ("1900-03-01", -2_203_891_200), ("1600-02-29", -11_670_998_400),
    ("0000-01-01", -62_167_219_200), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ("2024-01-31T12:30:05", 1_706_704_205), ("2024-01-31 12:30", 1_706_704_200),
    ("2024-01-31T12:30:05Z", 1_706_704_205), ("2024-01-31T12:30:05+02:00", 1_706_697_005),
    ("2024-01-31T12:30:05-0530", 1_706_724_005), ("2024-01-31T00:30+01", 1_706_657_400),
    ("2024-01-31T12:30:05.25Z", 1_706_704_205.25), ("1969-12-31T23:59:59.75", -0.25),
    ("1969-12-31T23:59:58.750000", -1.25), ("1970-01-01T00:00:00.1", 0.1), ("1969-12-31T23:59:59.9", -0.1),
    ("2024-01-31T12:30:05.123456789", 1_706_704_205.123456789),
  ]) func datesAreSecondsSince1970(text: String, seconds: Double) throws {
    #expect(try rows(of: "\(text),1\n\"\(text)\",2\n") == [[seconds, 1], [seconds, 2]])
  }

  @Test(arguments: [
    "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "2024-01-00", "2024-1-31", "2024-01-31T",
    "2024-01-31T24:00", "2024-01-31T12:60", "2024-01-31T12:30:60", "2024-01-31T12:30:05.", "2024-01-31T12:30:05 Z",
    "2024-01-31Z", "2024-01-31T12:30:05+2", "2024-01-31T12:30:05+02:", "2024-01-31T12:30:05+24:00", "2024-01-31x",
    "02024-01-31", "-2024-01-31", "2024-01-31  12:30",
  ]) func whatIsNoDateIsRefusedWithItsPlace(text: String) throws {
    let message = try failure(of: "when,x\n2024-01-31,1\n\(text),1\n")
    #expect(message.hasPrefix("data.csv:3, column 1 (\"when\"): \"\(text)\" is not a number; "))
  }

  @Test func aDateIsNoHeader() throws {
    #expect(try rows(of: "2024-01-31,1\n2024-02-01,2\n").count == 2)
  }

  @Test func missingDatesAreMissing() throws {
    let text = "when,x\n2024-01-31,1\n,2\nNA,3\n1970-01-01,4\n"
    #expect(try rows(of: text, ReadOptions(missing: .skipRow)) == [[1_706_659_200, 1], [0, 4]])
  }

  @Test func datesAndNumbersDoNotMix() throws {
    #expect(
      try failure(of: "when\n2024-01-31\n17\n")
        == "data.csv: column \"when\" holds dates in some rows and numbers in others; "
        + "write all of them alike, or leave the column out with --columns")
    #expect(try rows(of: "2024-01-31,5\n").count == 1)
  }

  @Test func floatsAreRoundedOnce() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("2024-01-31T12:30:05.25\n")
    #expect(try CSVFile<Float>(path).table.nested == [[Float(1_706_704_205.25)]])
  }
}
