// SPDX-License-Identifier: Apache-2.0
//
// What a step of a generalized linear regression makes of linear predictors. Exponentials and logarithms are our own, so that every CPU
// gives the same bits; their errors are below two units in the last place.

#ifndef LOCKSTEP_LINK_KERNELS_H
#define LOCKSTEP_LINK_KERNELS_H

// Included by CLockstepKernels.h.

enum {
  LOCKSTEP_LINK_LOGIT = 0,    // classes 0 and 1, logit link
  LOCKSTEP_LINK_POISSON = 1,  // counts, log link
  LOCKSTEP_LINK_GAMMA = 2,    // positive numbers, log link
};

/// What a sweep learns of rows besides their weights and residuals.
typedef struct {
  double deviance;         // NaN if a predictor is not finite
  double least_margin;     // of all rows, how far a step along the direction moves the predictor the row's way, at the least
  double greatest_margin;  // and at the most
} lockstep_link_sums;

/// For each row with the linear predictor e = predictors[i · stride] and the target y: the weight v of a Newton (gamma: scoring) step,
/// times the row's own weight if there are such, and the residual r, so that v · r is the gradient of the log-likelihood.
///
/// With `has_direction`, predictors[i · stride + 1] is the change of the predictor along a direction, for the margins: that of a row of
/// class 1 is the change, of class 0 its negative; of a count of 0 its negative, of other counts −|change|. Rows of weight 0 have none.
/// Without predictors, the step starts from the targets themselves: residuals are then e + r, and there is no deviance. (Logit: e = 0.)
lockstep_link_sums lockstep_link_rows(
  int family, ptrdiff_t count, const double *_Nullable predictors, ptrdiff_t stride, bool has_direction,
  const double *_Nonnull targets, const double *_Nullable row_weights, double *_Nonnull weights, double *_Nonnull residuals);

/// For each row with the linear predictors e of the classes 1 … c − 1, that of class 0 being 0: probabilities[k · count + i] of all c
/// classes. Directions, with `has_directions`, are c − 1 more predictors: a row's margin is the change of its own class's predictor less
/// the greatest of the others'.
lockstep_link_sums lockstep_class_probabilities(
  ptrdiff_t count, ptrdiff_t class_count, const double *_Nonnull predictors, ptrdiff_t stride, bool has_directions,
  const int32_t *_Nonnull classes, const double *_Nullable row_weights, double *_Nonnull probabilities);

/// The weights of the step for the classes k and l: w p_k (1 − p_k), with residuals, if k = l, else w p_k p_l. `a` and `b` are their
/// probabilities, `rest` is 1 − p_k.
void lockstep_class_weights(
  ptrdiff_t count, ptrdiff_t k, ptrdiff_t l, const double *_Nonnull probabilities, ptrdiff_t class_count,
  const int32_t *_Nonnull classes, const double *_Nullable row_weights, double *_Nonnull weights,
  double *_Nullable residuals);

#endif
