// SPDX-License-Identifier: Apache-2.0

@_exported import LockstepCommunication
@_exported import LockstepErrors
@_exported import LockstepLinearAlgebra
@_exported import LockstepMPI
@_exported import LockstepMethods
@_exported import LockstepReduction
@_exported import LockstepStatistics
@_exported import LockstepTableIO
@_exported import LockstepTables
