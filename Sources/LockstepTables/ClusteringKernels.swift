// SPDX-License-Identifier: Apache-2.0

/// What k-means asks of a block of rows.
public protocol ClusteringKernels {}
