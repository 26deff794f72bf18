// swift-tools-version:6.1
import PackageDescription

// Arrows go one way: a target may depend only on targets above it in this list
// (Scripts/check-imports holds every `import` against the same table).
// What `lockstep --version` says of the sources, where whoever builds them tells; Scripts/release and `make install` do.
let commit = Context.environment["LOCKSTEP_COMMIT"]?.filter { $0.isHexDigit } ?? ""

let package = Package(
  name: "lockstep",
  products: [
    .library(name: "Lockstep", targets: ["Lockstep"]),
    .library(name: "LockstepCommunication", targets: ["LockstepCommunication"]),
    .library(name: "LockstepTestSupport", targets: ["LockstepTestSupport"]),
    .executable(name: "lockstep", targets: ["LockstepCommandLine"]),
    .library(name: "LockstepCInterface", type: .dynamic, targets: ["LockstepCInterface"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(name: "LockstepErrors"),
    .target(name: "LockstepCommunication", dependencies: ["LockstepErrors"]),
    .target(name: "LockstepMPI", dependencies: ["LockstepCommunication", "LockstepErrors"]),
    .target(name: "CLockstepKernels"),
    .target(name: "LockstepKernels", dependencies: ["CLockstepKernels"]),
    .target(name: "LockstepTables", dependencies: ["LockstepKernels", "LockstepErrors"]),
    // It parses what comes from outside: with the C library's checked functions, which need an optimizing compiler. Other flags against
    // attacks are not for a package to give; Scripts/release gives them.
    .target(
      name: "CLockstepTableIO",
      cxxSettings: [.define("_FORTIFY_SOURCE", to: "2", .when(configuration: .release))]),
    .target(
      name: "LockstepTableIO", dependencies: ["LockstepTables", "LockstepErrors", "CLockstepTableIO"]),
    .target(
      name: "LockstepReduction",
      dependencies: ["LockstepTables", "LockstepCommunication", "LockstepErrors"]),
    .target(name: "LockstepGraphics"),
    .target(name: "LockstepLinearAlgebra", dependencies: ["LockstepTables", "LockstepKernels", "LockstepErrors"]),
    .target(
      name: "LockstepStatistics",
      dependencies: [
        "LockstepReduction", "LockstepLinearAlgebra", "LockstepTables", "LockstepKernels", "LockstepErrors",
      ]),
    .target(
      name: "LockstepMethods",
      dependencies: [
        "LockstepStatistics", "LockstepLinearAlgebra", "LockstepGraphics",
        "LockstepReduction", "LockstepTables", "LockstepTableIO", "LockstepKernels", "LockstepErrors",
      ]),
    .target(name: "CLockstepVersion", cSettings: [.define("LOCKSTEP_COMMIT", to: "\"\(commit)\"")]),
    .target(
      name: "Lockstep",
      dependencies: [
        "CLockstepVersion",
        "LockstepStatistics", "LockstepLinearAlgebra",
        "LockstepMethods", "LockstepReduction", "LockstepTableIO", "LockstepTables", "LockstepMPI",
        "LockstepCommunication", "LockstepErrors",
      ]),
    .target(name: "CLockstepInterface"),
    .target(name: "LockstepCInterface", dependencies: ["Lockstep", "LockstepGraphics", "CLockstepInterface"]),
    .executableTarget(
      name: "LockstepCommandLine",
      dependencies: [
        "Lockstep", "LockstepGraphics", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "MPIConformance",
      dependencies: [
        "LockstepReduction", "LockstepTables", "LockstepMPI", "LockstepCommunication", "LockstepErrors",
      ]),

    // Times the reading of CSV: Benchmarks/csv/compare.
    .executableTarget(
      name: "lockstep-csv-benchmark", dependencies: ["LockstepTableIO", "LockstepTables"],
      path: "Benchmarks/csv/Sources"),
    // Times the reading of any format: lockstep-format-benchmark THREADS ROUNDS FILE...
    .executableTarget(
      name: "lockstep-format-benchmark", dependencies: ["LockstepTableIO", "LockstepTables"],
      path: "Benchmarks/formats/Sources"),
    .executableTarget(name: "KMeansExample", dependencies: ["Lockstep"], path: "Examples/KMeansExample"),
    // Microseconds of a collective, beside the MPI library's own: Benchmarks/collectives/compare.
    .executableTarget(
      name: "lockstep-collectives-benchmark",
      dependencies: ["LockstepReduction", "LockstepMPI", "LockstepCommunication", "LockstepErrors"],
      path: "Benchmarks/collectives/Sources"),

    .target(name: "LockstepTestSupport", dependencies: ["Lockstep"]),
    .testTarget(name: "LockstepErrorsTests", dependencies: ["LockstepErrors"]),
    .testTarget(name: "LockstepCommunicationTests", dependencies: ["LockstepCommunication"]),
    .testTarget(name: "LockstepMPITests", dependencies: ["LockstepMPI"]),
    .testTarget(name: "LockstepKernelsTests", dependencies: ["LockstepKernels"]),
    .testTarget(name: "LockstepGraphicsTests", dependencies: ["LockstepGraphics"]),
    .testTarget(name: "LockstepTablesTests", dependencies: ["LockstepTables"]),
    .testTarget(
      name: "LockstepTableIOTests", dependencies: ["LockstepTableIO"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "LockstepLinearAlgebraTests", dependencies: ["LockstepLinearAlgebra", "LockstepTables"]),
    .testTarget(
      name: "LockstepReductionTests", dependencies: ["LockstepReduction", "LockstepTestSupport"]),
    .testTarget(
      name: "LockstepStatisticsTests", dependencies: ["LockstepStatistics", "LockstepTestSupport"]),
    .testTarget(
      name: "LockstepMethodsTests", dependencies: ["LockstepMethods", "LockstepTestSupport"],
      resources: [.copy("Golden")]),
    .testTarget(name: "LockstepTests", dependencies: ["Lockstep", "LockstepTestSupport"]),
    .testTarget(
      name: "LockstepCInterfaceTests", dependencies: ["LockstepCInterface", "CLockstepInterface", "Lockstep"]),
    .testTarget(
      name: "LockstepCommandLineTests", dependencies: ["LockstepCommandLine", "LockstepTestSupport"]),
    .executableTarget(name: "FailingRank", dependencies: ["Lockstep"], path: "Tests/FailingRank"),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

// The readers fed with damaged files. Scripts/fuzz builds and runs it: it needs the sanitizers' flags.
if Context.environment["LOCKSTEP_FUZZ"] != nil {
  package.targets += [
    .target(name: "CFuzz", path: "Fuzz/Sources/CFuzz"),
    .executableTarget(name: "Fuzz", dependencies: ["CFuzz", "Lockstep"], path: "Fuzz/Sources/Fuzz"),
  ]
}
