// SPDX-License-Identifier: Apache-2.0

import Foundation
import LockstepTables
import Testing

@Suite struct RowLabelsTests {
  @Test func `labels are ordered by value, and texts by their bytes`() {
    let labels: [ClassLabel] = ["é", "z", "Z", 10, -5, "", "e\u{301}", 9, "zz"]
    #expect(labels.sorted() == [-5, 9, 10, "", "Z", "e\u{301}", "z", "zz", "é"])
    // One letter to a reader, and two texts to a file.
    #expect("é" as ClassLabel != "e\u{301}" && Set(labels).count == labels.count)
    #expect(labels.map(\.description).prefix(4) == ["\"é\"", "\"z\"", "\"Z\"", "10"])
  }

  @Test(arguments: [
    [3, 3, 1, 2, 3], [], [7], [-1_000_000, 5, -1_000_000], [.min, .max, 0, .min], Array(-3000...3000), [1 << 40, 3],
  ]) func `codes are places among the distinct labels`(values: [Int]) {
    let labels = RowLabels(values)
    let (classes, codes) = labels.coded
    #expect(classes == Set(values).sorted().map { .integer($0) })
    #expect(codes.map { classes[Int($0)] } == values.map { .integer($0) })
    #expect(labels.count == values.count && labels.integers == values && !labels.isText)
  }

  @Test func `texts are stored once`() throws {
    let texts = ["b", "a", "b", "c", "a"]
    let labels = RowLabels(texts)
    #expect((0..<5).map { labels[$0] } == texts.map { .string($0) })
    #expect(labels.coded.classes == ["a", "b", "c"] && labels.coded.codes == [1, 0, 1, 2, 0])
    // The same label under two indices is one class.
    let doubled = RowLabels(indices: [0, 1, 2, 0], names: ["x", "a", "x"])
    #expect(doubled.coded.classes == ["a", "x"] && doubled.coded.codes == [1, 0, 1, 1])
    #expect(doubled == RowLabels(["x", "a", "x", "x"]) && doubled != RowLabels(["x", "a", "x", "a"]))
    #expect(doubled.hashValue == RowLabels(["x", "a", "x", "x"]).hashValue)
  }

  @Test func `views, joining and bytes`() throws {
    for labels in [RowLabels(["b", "a", "b", "c", "a"]), RowLabels([5, -7, 5, 0, -7])] {
      let view = labels.rows(1..<4)
      #expect(view.count == 3 && view[0] == labels[1] && view[2] == labels[3])
      #expect(view.rows(1..<1).count == 0 && view.rows(2..<3)[0] == labels[3])
      #expect(labels.rows(0..<2).appending([labels.rows(2..<4), labels.rows(4..<5)]) == labels)
      let bytes = try JSONEncoder().encode(view)
      #expect(try JSONDecoder().decode(RowLabels.self, from: bytes) == view)
    }
    // Names that the view does not use stay behind.
    let bytes = try JSONEncoder().encode(RowLabels(["long name", "a"]).rows(1..<2))
    #expect(!String(decoding: bytes, as: UTF8.self).contains("long"))
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(RowLabels.self, from: Data(#"{"values": [1], "names": ["a"]}"#.utf8))
    }
    // Tables of names that differ.
    let joined = RowLabels(["x", "y"]).appending([RowLabels(["y", "z"]), RowLabels([String]())])
    #expect(joined == RowLabels(["x", "y", "y", "z"]))
  }

  @Test func `rows take their labels with them`() throws {
    let rows = SupervisedRows(
      features: DenseRows([1.0, 2, 3, 4], columnCount: 1), weights: DenseRows([1, 2, 3, 4], columnCount: 1),
      labels: RowLabels(["a", "b", "c", "d"]))
    #expect(rows.layout == "dense Double with weights with text labels")
    #expect(rows.rows(1..<3).labels == RowLabels(["b", "c"]))
    let joined = rows.rows(2..<4).appending([rows.rows(0..<1)]) as? SupervisedRows
    #expect(joined?.labels == RowLabels(["c", "d", "a"]) && joined?.row(2) == [1])
    let bytes = try JSONEncoder().encode(rows.rows(1..<2).transferable())
    let back = try JSONDecoder().decode(TransferableRows.self, from: bytes).rows as? SupervisedRows
    #expect(back?.labels == RowLabels(["b"]) && back?.row(0) == [2] && back?.weights?.row(0) == [2])
    let source = TrainingRows(Table(rows: [[1.0], [2.0]]), labels: RowLabels([7, 8]))
    #expect(source.layout == "dense Double with integer labels")
    try source.forEachChunk { #expect(($0 as? SupervisedRows)?.labels == RowLabels([7, 8])) }
  }
}
