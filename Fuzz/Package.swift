// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// Feeds damaged files to the readers. Scripts/fuzz builds and runs it: it needs the sanitizers' flags.
let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "lockstep", path: "..")],
  targets: [
    .target(name: "CFuzz"),
    .executableTarget(name: "Fuzz", dependencies: ["CFuzz", .product(name: "Lockstep", package: "lockstep")]),
  ],
  swiftLanguageModes: [.v6]
)
