// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// The centroids of one sweep of Lloyd's iteration, packed for the kernels, with what the bounds of the rows need.
///
/// Rows and centroids are taken relative to a shift s, so that data far from the origin keep their digits. The score of a
/// row x and a centroid c, ½‖c − s‖² − (x − s)·(c − s), is one chain of fused multiply-adds over the columns in order; it
/// orders the centroids of a row as the distance does. The nearest centroid is the one of least score, and of equal
/// scores the lowest index. No score depends on the other rows, on the groups, on the kernel level, or on whether bounds
/// were used.
///
/// Sweeps that follow each other with `bounds` skip the scores that the triangle inequality settles (Hamerly, SDM 2010;
/// Ding et al., ICML 2015; Elkan, ICML 2003), with an allowance for rounding, so the labels are exactly those of the
/// plain algorithm. Each of the `groupCount` groups of centroids near each other has one bound per row.
///
/// Unchecked, because the compiler cannot see that the memory behind the pointers is written in `init` only.
public final class CentroidPanels: @unchecked Sendable {
  /// The number of centroids, k.
  public let clusterCount: Int
  /// The number of columns, p.
  public let columnCount: Int
  /// The number of groups, t: 1, 2, 4, or a multiple of 8.
  ///
  /// Some may be empty.
  public let groupCount: Int
  /// The centroids, k × p, as given.
  public let centroids: [Double]
  /// The shift, p numbers.
  public let shift: [Double]
  let groups: [Int32]
  /// Where k · p is at most this, scores cost less than what codes and bounds spare.
  public static var cheapScoreCount: Int { Int(LOCKSTEP_CHEAP_SCORES) }
  /// How rows are rounded whose codes spare scores; `nil` if there are none.
  package let codeScale: CodeScale?
  let view: lockstep_centroids
  /// The centroids for sparse rows of more columns than are scattered.
  let sparseView: lockstep_sparse_centroids
  private let memory: UnsafeMutableRawPointer

  /// Packs the centroids for a first sweep, or for one without bounds.
  ///
  /// - Parameters:
  ///   - centroids: k × p numbers, row-major.
  ///   - shift: p numbers, the same for all rows of the sweep; the mean of the centroids does well.
  ///   - groupCount: The number of groups, as `LloydBounds` advises.
  ///   - measuresSeparations: Whether to compute the k × k distances between the centroids, which sharpen the bounds.
  ///     Worth it if k is small against the number of rows.
  ///   - codeScale: The scale of the rows' codes, if sweeps are given such.
  /// - Complexity: O(k p t), and k² p / 2 with separations; O(k (p + t)) memory.
  package convenience init(
    _ centroids: [Double], shift: [Double], groupCount: Int = 1, measuresSeparations: Bool = true,
    codeScale: CodeScale? = nil
  ) {
    let columnCount = shift.count
    precondition(
      columnCount > 0 && !centroids.isEmpty && centroids.count % columnCount == 0,
      "\(centroids.count) numbers do not make centroids of \(columnCount) columns")
    precondition(LloydBounds.isGroupCount(groupCount), "\(groupCount) is not 1, 2, 4 or a multiple of 8 up to 64")
    self.init(
      centroids, shift: shift, groups: Self.groups(of: centroids, columnCount: columnCount, count: groupCount),
      groupCount: groupCount, previous: nil, measuresSeparations: measuresSeparations && groupCount > 0,
      codeScale: codeScale)
  }

  /// Packs the centroids for the sweep that follows the one of `previous`, with the same groups.
  ///
  /// - Precondition: As many centroids and columns as before.
  public convenience init(
    _ centroids: [Double], shift: [Double], following previous: CentroidPanels, measuresSeparations: Bool = true
  ) {
    precondition(
      centroids.count == previous.centroids.count && shift.count == previous.columnCount,
      "\(centroids.count) numbers follow \(previous.clusterCount) × \(previous.columnCount)")
    self.init(
      centroids, shift: shift, groups: previous.groups, groupCount: previous.groupCount, previous: previous,
      measuresSeparations: measuresSeparations, codeScale: previous.codeScale)
  }

  private init(
    _ centroids: [Double], shift: [Double], groups: [Int32], groupCount: Int, previous: CentroidPanels?,
    measuresSeparations: Bool, codeScale: CodeScale?
  ) {
    precondition(codeScale.map { $0.shift.count == shift.count } ?? true, "codes of other columns")
    let k = centroids.count / shift.count
    let p = shift.count
    let t = groupCount
    var drifts = [Float](repeating: 0, count: k)
    if let previous { lockstep_drifts(centroids, previous.centroids, k, p, &drifts) }
    let slots = Self.slots(of: groups, count: t, drifts: drifts)
    let slotCount = slots.clusters.count
    precondition(k < Int(Int32.max), "\(k) clusters")

    // One allocation for everything the kernels read; each part starts at a multiple of 64 bytes.
    var size = 0
    func reserve(_ bytes: Int) -> Int {
      defer { size += (bytes + 63) / 64 * 64 }
      return size
    }
    let centroidsOffset = reserve(8 * k * p)
    let shiftOffset = reserve(8 * p)
    let negatedOffset = reserve(8 * k * p)
    let halfNormsOffset = reserve(8 * k)
    let panelsOffset = reserve(8 * slotCount * p)
    let slotHalfNormsOffset = reserve(8 * slotCount)
    let slotClustersOffset = reserve(8 * slotCount)
    let startsOffset = reserve(8 * t)
    let endsOffset = reserve(8 * t)
    let groupsOffset = reserve(4 * k)
    let driftsOffset = reserve(4 * k)
    let groupDriftsOffset = reserve(4 * k * t)
    let separationsOffset = reserve(4 * k * t)
    let isWide = p > SparseKernels.scatteredColumnCount
    let paddedCount = isWide ? (k + 7) / 8 * 8 : 0
    let sparseOffset = reserve(8 * paddedCount * p)
    let sparseHalfNormsOffset = reserve(8 * paddedCount)
    let codesOffset = reserve(codeScale.map { k * $0.bytesPerRow } ?? 0)
    let constantsOffset = reserve(codeScale == nil ? 0 : 4 * k)
    let errorsOffset = reserve(codeScale == nil ? 0 : 4 * k)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    func place<T: BitwiseCopyable>(_ offset: Int, _ values: [T]) -> UnsafeMutablePointer<T> {
      let start = (memory + offset).bindMemory(to: T.self, capacity: values.count)
      values.withUnsafeBufferPointer { if let from = $0.baseAddress { start.initialize(from: from, count: $0.count) } }
      return start
    }

    let centroidMemory = place(centroidsOffset, centroids)
    let shiftMemory = place(shiftOffset, shift)
    let negated = place(negatedOffset, [Double](repeating: 0, count: k * p))
    let halfNorms = place(halfNormsOffset, [Double](repeating: 0, count: k))
    let panels = place(panelsOffset, [Double](repeating: 0, count: slotCount * p))
    let slotHalfNorms = place(slotHalfNormsOffset, [Double](repeating: 0, count: slotCount))
    let slotClusters = place(slotClustersOffset, slots.clusters)
    let starts = place(startsOffset, slots.starts)
    let ends = place(endsOffset, slots.ends)
    let groupsMemory = place(groupsOffset, groups)
    let radius = lockstep_pack_centroids(
      centroids, k, p, shift, slotClusters, slotCount, negated, halfNorms, panels, slotHalfNorms)

    let driftMemory = place(driftsOffset, drifts)
    let groupDrifts = place(groupDriftsOffset, Self.groupDrifts(drifts, groups: groups, groupCount: t))
    let separations = place(separationsOffset, [Float](repeating: 0, count: k * t))
    if measuresSeparations { lockstep_separations(centroids, k, p, groups, t, separations) }

    var codes = lockstep_centre_codes()
    if let codeScale, codeScale.suitsBounds {
      let codeMemory = (memory + codesOffset).bindMemory(to: Int32.self, capacity: k * codeScale.bytesPerRow / 4)
      let constants = (memory + constantsOffset).bindMemory(to: Int32.self, capacity: k)
      let errors = (memory + errorsOffset).bindMemory(to: Float.self, capacity: k)
      lockstep_encode_centres(centroids, k, p, codeScale.shift, codeScale.step, codeMemory, constants, errors)
      codes = lockstep_centre_codes(
        centres: centroidMemory, codes: codeMemory, constants: constants, errors: errors,
        largest_error: CentreCodes.largest(UnsafeBufferPointer(start: errors, count: k)), count: k)
    }

    if isWide {
      let sparse = (memory + sparseOffset).bindMemory(to: Double.self, capacity: paddedCount * p)
      let norms = (memory + sparseHalfNormsOffset).bindMemory(to: Double.self, capacity: paddedCount)
      let radius = lockstep_pack_sparse_centroids(centroids, k, p, sparse, norms)
      sparseView = lockstep_sparse_centroids(negated: sparse, half_norms: norms, radius: radius)
    } else {
      sparseView = lockstep_sparse_centroids()
    }

    self.codeScale = codeScale
    self.clusterCount = k
    self.columnCount = p
    self.groupCount = t
    self.centroids = centroids
    self.shift = shift
    self.groups = groups
    self.memory = memory
    self.view = lockstep_centroids(
      cluster_count: k, column_count: p, group_count: t, centroids: centroidMemory, shift: shiftMemory,
      negated: negated, half_norms: halfNorms,
      panels: panels, slot_half_norms: slotHalfNorms, slot_clusters: slotClusters, group_starts: starts,
      group_ends: ends, groups: groupsMemory, drifts: driftMemory, group_drifts: groupDrifts, separations: separations,
      radius: radius, guard: 4 * Double(p + 4) * 0x1p-53 * 1.01, codes: codes)
  }

  deinit { memory.deallocate() }
}
