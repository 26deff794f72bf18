// SPDX-License-Identifier: Apache-2.0
//
// Weights, residuals and deviances of generalized linear regressions. See LockstepLinkKernels.h.

/// eˣ for −708 ≤ x ≤ 709; beyond, what it is at the ends. x = n ln 2 + r, and Taylor's polynomial of r.
INLINE d8 exp_8(d8 x) {
  const d8 magic = (d8)0x1.8p52;
  x = max8(min8(x, (d8)709.0), (d8)-708.0);
  const d8 shifted = fma8(x, (d8)0x1.71547652b82fep+0, magic), n = shifted - magic;
  const d8 r = fma8(n, (d8)-0x1.abc9e3b39803fp-56, fma8(n, (d8)-0x1.62e42fefa39efp-1, x));
  d8 p = (d8)(1.0 / 6227020800);
  p = fma8(p, r, (d8)(1.0 / 479001600));
  p = fma8(p, r, (d8)(1.0 / 39916800));
  p = fma8(p, r, (d8)(1.0 / 3628800));
  p = fma8(p, r, (d8)(1.0 / 362880));
  p = fma8(p, r, (d8)(1.0 / 40320));
  p = fma8(p, r, (d8)(1.0 / 5040));
  p = fma8(p, r, (d8)(1.0 / 720));
  p = fma8(p, r, (d8)(1.0 / 120));
  p = fma8(p, r, (d8)(1.0 / 24));
  p = fma8(p, r, (d8)(1.0 / 6));
  p = fma8(p, r, (d8)0.5);
  p = fma8(p, r, (d8)1.0);
  p = fma8(p, r, (d8)1.0);
  // The low bits of `shifted` are n.
  const i8 scale = ((i8)shifted + 1023) << 52;
  return p * (d8)scale;
}

/// ln(1 + r), with x = 1 + r, a normal number above 0, given too: 2 artanh(s) of a mantissa near 1, or of r itself where it is small.
INLINE d8 log_8(d8 x, d8 r) {
  const i8 exponent = ((i8)x - 0x3fe6a09e667f3bcd) >> 52;
  const d8 m = (d8)((i8)x - (exponent << 52));
  const i8 is_near = __builtin_elementwise_abs(r) < (d8)0.25;
  const d8 s = is_near ? r / (r + 2) : (m - 1) / (m + 1);
  const d8 n = is_near ? (d8)0.0 : __builtin_convertvector(exponent, d8);
  const d8 q = s * s, twice = s + s;
  d8 p = (d8)(1.0 / 25);
  p = fma8(p, q, (d8)(1.0 / 23));
  p = fma8(p, q, (d8)(1.0 / 21));
  p = fma8(p, q, (d8)(1.0 / 19));
  p = fma8(p, q, (d8)(1.0 / 17));
  p = fma8(p, q, (d8)(1.0 / 15));
  p = fma8(p, q, (d8)(1.0 / 13));
  p = fma8(p, q, (d8)(1.0 / 11));
  p = fma8(p, q, (d8)(1.0 / 9));
  p = fma8(p, q, (d8)(1.0 / 7));
  p = fma8(p, q, (d8)(1.0 / 5));
  p = fma8(p, q, (d8)(1.0 / 3));
  const d8 low = fma8(twice * q, p, n * (d8)0x1.abc9e3b39803fp-56);
  return fma8(n, (d8)0x1.62e42fefa39efp-1, twice + low);
}

/// Sums over rows, lane by lane.
typedef struct {
  d8 deviance, least, greatest;
} link_lanes;

INLINE link_lanes no_rows(void) { return (link_lanes){(d8)0.0, (d8)(double)INFINITY, (d8)(double)-INFINITY}; }

INLINE void add_margin(link_lanes *lanes, d8 margin, d8 w) {
  lanes->least = w > (d8)0.0 ? min8(margin, lanes->least) : lanes->least;
  lanes->greatest = w > (d8)0.0 ? max8(margin, lanes->greatest) : lanes->greatest;
}

INLINE lockstep_link_sums link_sums(link_lanes lanes) {
  lockstep_link_sums sums = {sum8(lanes.deviance), INFINITY, -INFINITY};
  for (int i = 0; i < 8; i++) {
    if (lanes.least[i] < sums.least_margin) sums.least_margin = lanes.least[i];
    if (lanes.greatest[i] > sums.greatest_margin) sums.greatest_margin = lanes.greatest[i];
  }
  return sums;
}

/// Eight rows: e becomes the residual, and v is the weight without w.
INLINE d8 link_step(int family, bool is_start, d8 *e, d8 y, d8 w, d8 change, link_lanes *lanes) {
  d8 v, r, deviance;
  const d8 predictor = *e;
  // No weight is so small that a residual divided by it overflows.
  const d8 far = max8(min8(predictor, (d8)300.0), (d8)-300.0);
  if (family == LOCKSTEP_LINK_LOGIT) {
    const i8 is_above = far >= (d8)0.0, is_one = y > (d8)0.5;
    const d8 t = exp_8(-__builtin_elementwise_abs(far)), q = 1 / (1 + t), small = t * q;
    const d8 probability = is_above ? q : small, rest = is_above ? small : q;
    v = probability * rest;
    r = is_one ? 1 / probability : -1 / rest;
    // −ln of the probability of the row's class.
    const d8 towards = is_one ? predictor : -predictor;
    deviance = log_8(1 + t, t) + (towards < (d8)0.0 ? -towards : (d8)0.0);
    if (is_start) r += predictor;
    add_margin(lanes, is_one ? change : -change, w);
  } else if (family == LOCKSTEP_LINK_POISSON) {
    const d8 mean = is_start ? y + (d8)0.1 : exp_8(far);
    v = mean;
    r = (y - mean) / mean;
    const i8 is_zero = y == (d8)0.0;
    const d8 ratio = is_zero ? (d8)1.0 : y / mean, excess = is_zero ? (d8)0.0 : r;
    deviance = fma8(y, log_8(ratio, excess), mean - y);
    if (is_start) r += log_8(mean, mean - 1);
    add_margin(lanes, is_zero ? -change : -__builtin_elementwise_abs(change), w);
  } else {
    const d8 mean = is_start ? y : exp_8(far);
    v = (d8)1.0;
    r = (y - mean) / mean;
    deviance = r - log_8(y / mean, r);
    if (is_start) r = log_8(y, y - 1);
  }
  // A predictor that is not finite makes the deviance a NaN.
  if (!is_start) lanes->deviance = fma8(w + w, deviance, fma8(predictor, (d8)0.0, lanes->deviance));
  *e = r;
  return v;
}

INLINE d8 load_some(const double *from, ptrdiff_t stride, ptrdiff_t count, double other) {
  d8 result = (d8)other;
  for (ptrdiff_t i = 0; i < count; i++) result[i] = from[i * stride];
  return result;
}

INLINE void link_all(
  int family, bool is_start, ptrdiff_t count, const double *predictors, ptrdiff_t stride, bool has_direction,
  const double *targets, const double *row_weights, double *weights, double *residuals, link_lanes *lanes) {
  for (ptrdiff_t i = 0; i < count; i += 8) {
    const ptrdiff_t n = count - i < 8 ? count - i : 8;
    d8 e = is_start ? (d8)0.0 : load_some(predictors + i * stride, stride, n, 0);
    const d8 change = has_direction ? load_some(predictors + i * stride + 1, stride, n, 0) : (d8)0.0;
    const d8 y = load_some(targets + i, 1, n, 1);
    const d8 w = row_weights ? load_some(row_weights + i, 1, n, 0) : load_some((const double[8]){1, 1, 1, 1, 1, 1, 1, 1}, 1, n, 0);
    const d8 v = link_step(family, is_start, &e, y, w, change, lanes) * w;
    for (ptrdiff_t k = 0; k < n; k++) {
      weights[i + k] = v[k];
      residuals[i + k] = e[k];
    }
  }
}

static lockstep_link_sums link_rows(
  int family, ptrdiff_t count, const double *predictors, ptrdiff_t stride, bool has_direction, const double *targets,
  const double *row_weights, double *weights, double *residuals) {
  link_lanes lanes = no_rows();
  const bool is_start = !predictors;
#define LINK(family) \
  if (is_start) \
    link_all(family, true, count, predictors, stride, false, targets, row_weights, weights, residuals, &lanes); \
  else \
    link_all(family, false, count, predictors, stride, has_direction, targets, row_weights, weights, residuals, &lanes)
  switch (family) {
    case LOCKSTEP_LINK_LOGIT: LINK(LOCKSTEP_LINK_LOGIT); break;
    case LOCKSTEP_LINK_POISSON: LINK(LOCKSTEP_LINK_POISSON); break;
    default: LINK(LOCKSTEP_LINK_GAMMA);
  }
#undef LINK
  lockstep_link_sums sums = link_sums(lanes);
  if (is_start) sums.deviance = NAN;
  return sums;
}

static lockstep_link_sums class_probabilities(
  ptrdiff_t count, ptrdiff_t class_count, const double *predictors, ptrdiff_t stride, bool has_directions,
  const int32_t *classes, const double *row_weights, double *probabilities) {
  link_lanes lanes = no_rows();
  for (ptrdiff_t i = 0; i < count; i += 8) {
    const ptrdiff_t n = count - i < 8 ? count - i : 8;
    d8 own = (d8)-1.0;
    for (ptrdiff_t k = 0; k < n; k++) own[k] = classes[i + k];
    d8 greatest = (d8)0.0, finite = (d8)0.0;
    for (ptrdiff_t c = 1; c < class_count; c++) {
      const d8 e = load_some(predictors + i * stride + c - 1, stride, n, 0);
      finite = fma8(e, (d8)0.0, finite);
      greatest = max8(e, greatest);
    }
    d8 sum = (d8)0.0, towards = (d8)0.0, mine = (d8)0.0, others = (d8)(double)-INFINITY;
    for (ptrdiff_t c = 0; c < class_count; c++) {
      const i8 is_own = own == (d8)(double)c;
      const d8 e = c > 0 ? load_some(predictors + i * stride + c - 1, stride, n, 0) : (d8)0.0;
      const d8 share = exp_8(e - greatest);
      sum += share;
      towards = is_own ? greatest - e : towards;
      for (ptrdiff_t k = 0; k < n; k++) probabilities[c * count + i + k] = share[k];
      if (!has_directions) continue;
      const d8 change = c > 0 ? load_some(predictors + i * stride + class_count - 1 + c - 1, stride, n, 0) : (d8)0.0;
      mine = is_own ? change : mine;
      others = is_own ? others : max8(change, others);
    }
    const d8 w = row_weights ? load_some(row_weights + i, 1, n, 0) : load_some((const double[8]){1, 1, 1, 1, 1, 1, 1, 1}, 1, n, 0);
    lanes.deviance = fma8(w + w, log_8(sum, sum - 1) + towards, lanes.deviance + finite);
    if (has_directions) add_margin(&lanes, mine - others, w);
    for (ptrdiff_t c = 0; c < class_count; c++)
      for (ptrdiff_t k = 0; k < n; k++) probabilities[c * count + i + k] /= sum[k];
  }
  return link_sums(lanes);
}

static void class_weights(
  ptrdiff_t count, ptrdiff_t k, ptrdiff_t l, const double *probabilities, ptrdiff_t class_count, const int32_t *classes,
  const double *row_weights, double *weights, double *residuals) {
  const double *a = probabilities + k * count, *b = probabilities + l * count;
  for (ptrdiff_t i = 0; i < count; i++) {
    const double w = row_weights ? row_weights[i] : 1;
    if (k != l) {
      weights[i] = w * a[i] * b[i];
      continue;
    }
    double rest = 1 - a[i];
    if (a[i] > 0.5) {  // the sum of the others has more digits then
      rest = 0;
      for (ptrdiff_t c = 0; c < class_count; c++)
        if (c != k) rest += probabilities[c * count + i];
    }
    // No weight is so small that a residual divided by it overflows.
    const double own = a[i] > 1e-130 ? a[i] : 1e-130, other = rest > 1e-130 ? rest : 1e-130;
    weights[i] = w * own * other;
    residuals[i] = classes[i] == k ? 1 / own : -1 / other;
  }
}
