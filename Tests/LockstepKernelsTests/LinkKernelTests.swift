// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import LockstepKernels

@Suite(.serialized) struct LinkKernelTests {
  private static let levels = KernelLevel.allCases

  @Test func `weights, residuals and deviances are those of the formulas`() {
    var predictors: [Double] = []
    for i in -60...60 { predictors.append(Double(i) / 4 + 0.01) }
    let counts = predictors.indices.map { Double($0 % 5) }
    for family in [LinkFamily.logit, .poisson, .gamma] {
      let targets = counts.map { family == .logit ? min($0, 1) : family == .gamma ? $0 + 0.25 : $0 }
      let (weights, residuals, sums) = LinkKernel.step(
        family, predictors: predictors, targets: targets, rowWeights: nil)
      var deviance = 0.0
      for (i, e) in predictors.enumerated() {
        let y = targets[i]
        let (v, gradient, loss): (Double, Double, Double)
        switch family {
        case .logit:
          let (p, rest) = (1 / (1 + exp(-e)), 1 / (1 + exp(e)))
          (v, gradient, loss) = (p * rest, y == 1 ? rest : -p, y == 1 ? log1p(exp(-e)) : log1p(exp(e)))
        case .poisson:
          let mean = exp(e)
          (v, gradient, loss) = (mean, y - mean, (y == 0 ? 0 : y * log(y / mean)) - (y - mean))
        case .gamma:
          let mean = exp(e)
          (v, gradient, loss) = (1, (y - mean) / mean, (y - mean) / mean - log(y / mean))
        }
        #expect(abs(weights[i] - v) <= 4e-15 * v, "\(family) at \(e)")
        #expect(abs(weights[i] * residuals[i] - gradient) <= 1e-14 * max(abs(gradient), y), "\(family) at \(e)")
        deviance += 2 * loss
      }
      #expect(abs(sums.deviance - deviance) <= 1e-14 * deviance, "\(family)")
    }
  }

  @Test func `all levels give the same bits`() {
    var predictors: [Double] = []
    for i in 0..<203 { predictors += [Double(i * i % 71) / 3 - 11, Double(i % 13) - 6] }
    let targets = (0..<203).map { Double($0 * 7 % 4) }
    let weights = (0..<203).map { Double($0 % 3) }
    let before = KernelLevel.current
    defer { before.use() }
    for family in [LinkFamily.logit, .poisson, .gamma] {
      let y = targets.map { family == .logit ? min($0, 1) : family == .gamma ? $0 + 0.5 : $0 }
      var first: [UInt64]?
      for level in Self.levels where level.use() {
        for start in [nil, predictors] {
          let step = weights.withUnsafeBufferPointer {
            LinkKernel.step(family, predictors: start, targets: y, rowWeights: $0.baseAddress)
          }
          guard start != nil else { continue }
          let sums = [step.sums.deviance, step.sums.leastMargin, step.sums.greatestMargin]
          let bits = (step.weights + step.residuals + sums).map { $0.bitPattern }
          #expect(first == nil || first == bits, "\(family) at \(level)")
          first = bits
        }
      }
    }
  }

  @Test func `two classes of many are the logit's`() {
    let predictors = (0..<101).map { Double($0 * $0 % 37) / 3 - 6 }
    let classes = (0..<101).map { Int32($0 * 7 % 2) }
    let one = LinkKernel.step(.logit, predictors: predictors, targets: classes.map(Double.init), rowWeights: nil)
    let many = ClassProbabilities(predictors: predictors, classes: classes, classCount: 2, rowWeights: nil)
    let step = many.step(1, rowWeights: nil)
    for i in 0..<101 {
      #expect(abs(step.weights[i] - one.weights[i]) <= 1e-14 * one.weights[i])
      #expect(abs(step.residuals[i] - one.residuals[i]) <= 1e-14 * abs(one.residuals[i]))
    }
    #expect(abs(many.sums.deviance - one.sums.deviance) <= 1e-13 * one.sums.deviance)
  }

  @Test func `a predictor that is not finite makes the deviance a NaN`() {
    for bad in [Double.nan, .infinity, -.infinity] {
      let predictors = [0.5, bad, 1]
      for family in [LinkFamily.logit, .poisson, .gamma] {
        let step = LinkKernel.step(family, predictors: predictors, targets: [1, 1, 1], rowWeights: nil)
        #expect(step.sums.deviance.isNaN)
      }
      #expect(
        ClassProbabilities(predictors: predictors, classes: [0, 1, 0], classCount: 2, rowWeights: nil).sums.deviance
          .isNaN)
    }
  }
}
