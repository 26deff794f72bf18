// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

extension DataFormat {
  /// The table of a file of this format, if its rows are numbered; `nil` if they have to be looked for.
  ///
  /// - Throws: `LockstepError` if the file is damaged, or the library for it is missing.
  func store(_ file: InputFile, byteCount: Int, named: FileMember) throws -> (any ColumnStore)? {
    switch self {
    case .arrow: ArrowStore(try ArrowFile(file, byteCount: byteCount))
    case .hdf5: try HDF5Store(path: named.path, member: named.member)
    case .npz: try NPZStore(file, byteCount: byteCount, member: named.member)
    case .csv, .npy, .matrixMarket, .svmLight, .parquet, .compressed: nil
    }
  }
}
