// SPDX-License-Identifier: Apache-2.0
//
// Central moments to the fourth order of each column, its zeros, and what is left when missing numbers, NaN, are left out.
//
// A block is read twice, the second time from the cache. Of columns without a missing number, moments.h finds the mean and the
// squares, to the same bits as without this; of others, the first reading finds a mean about the first number that is there.
// The second reading sums powers of z = x − c, where c is that mean rounded to a double, and the sums move to the mean itself,
// c + d, exactly: Σ (z − d)³ = Σ z³ − 3 d M − W d³ and Σ (z − d)⁴ = Σ z⁴ − 4 d Σ z³ + 6 d² M + 3 W d⁴, M the squares about the mean.
//
// Lanes are as in moments.h: columns, or below eight columns the elements of eight rows, as p vectors.

#define SHAPE_RUN 8

typedef struct {
  d8 center, minimum, maximum, zeros;
  dd8 weight, first, second, third, fourth;
} shape_strip;

typedef struct {
  lockstep_rows rows;
  const double *weights;
  bool is_narrow;
  ptrdiff_t strip_count, step, whole;
} shape_plan;

INLINE shape_plan make_shape_plan(lockstep_rows rows, const double *weights) {
  const bool is_narrow = rows.column_count < 8;
  return (shape_plan){
    rows, weights, is_narrow, is_narrow ? rows.column_count : (rows.column_count + 7) / 8, is_narrow ? 8 : 1,
    is_narrow ? rows.count / 8 * 8 : rows.count};
}

INLINE ptrdiff_t shape_column(const shape_plan *plan, ptrdiff_t s, ptrdiff_t l) {
  const ptrdiff_t p = plan->rows.column_count;
  return plan->is_narrow ? (8 * s + l) % p : strip_column(s, p) + l;
}

INLINE d8 shape_load(const shape_plan *plan, bool is_float, ptrdiff_t i, ptrdiff_t s) {
  if (plan->is_narrow) return load_across(plan->rows, is_float, i, 8 * s);
  return load8(row_at(plan->rows, is_float, i), is_float, strip_column(s, plan->rows.column_count));
}

INLINE d8 shape_weights(const shape_plan *plan, ptrdiff_t i, ptrdiff_t s) {
  if (!plan->weights) return (d8)1.0;
  if (!plan->is_narrow) return (d8)plan->weights[i];
  d8 w;
  for (ptrdiff_t l = 0; l < 8; l++) w[l] = plan->weights[i + (8 * s + l) / plan->rows.column_count];
  return w;
}

/// The weights, extremes and sums about the center of the numbers that are there.
INLINE void shape_sums(const shape_plan *plan, bool is_float, shape_strip *strips) {
  for (ptrdiff_t begin = 0; begin < plan->whole; begin += SHAPE_RUN * plan->step) {
    const ptrdiff_t end = begin + SHAPE_RUN * plan->step < plan->whole ? begin + SHAPE_RUN * plan->step : plan->whole;
    for (ptrdiff_t s = 0; s < plan->strip_count; s++) {
      shape_strip *strip = strips + s;
      d8 weight = 0, first = 0;
      for (ptrdiff_t i = begin; i < end; i += plan->step) {
        const d8 x = shape_load(plan, is_float, i, s);
        d8 w = shape_weights(plan, i, s);
        w = x == x ? w : (d8)0.0;
        const i8 counts = w != 0;
        const d8 y = counts ? x - strip->center : (d8)0.0;
        weight += w;
        first += w * y;
        strip->minimum = counts ? min8(x, strip->minimum) : strip->minimum;
        strip->maximum = counts ? max8(x, strip->maximum) : strip->maximum;
      }
      strip->weight = dd8_add1(strip->weight, weight);
      strip->first = dd8_add1(strip->first, first);
    }
  }
}

/// The sums of powers about the center; the first two only where numbers are missing, because they are known where none is.
INLINE void shape_powers(const shape_plan *plan, bool is_float, bool has_missing, shape_strip *strips) {
  for (ptrdiff_t begin = 0; begin < plan->whole; begin += SHAPE_RUN * plan->step) {
    const ptrdiff_t end = begin + SHAPE_RUN * plan->step < plan->whole ? begin + SHAPE_RUN * plan->step : plan->whole;
    for (ptrdiff_t s = 0; s < plan->strip_count; s++) {
      shape_strip *strip = strips + s;
      const d8 center = strip->center;
      d8 first = 0, second = 0, third = 0, fourth = 0, zeros = strip->zeros;
      for (ptrdiff_t i = begin; i < end; i += plan->step) {
        const d8 x = shape_load(plan, is_float, i, s);
        d8 w = shape_weights(plan, i, s), z = x - center;
        if (has_missing) {
          w = x == x ? w : (d8)0.0;
          z = w != 0 ? z : (d8)0.0;
        }
        const d8 zz = z * z, wz = w * z, wzz = w * zz;
        if (has_missing) {
          first += wz;
          second += wzz;
        }
        third = fma8(wzz, z, third);
        fourth = fma8(wzz, zz, fourth);
        zeros += x == 0 ? w : (d8)0.0;
      }
      if (has_missing) {
        strip->first = dd8_add1(strip->first, first);
        strip->second = dd8_add1(strip->second, second);
      }
      strip->third = dd8_add1(strip->third, third);
      strip->fourth = dd8_add1(strip->fourth, fourth);
      strip->zeros = zeros;
    }
  }
}

/// The sums of one column.
typedef struct {
  dd weight, first, second, third, fourth;
  double minimum, maximum, zeros;
} shape_column_sums;

INLINE dd lane_of(dd8 a, ptrdiff_t l) { return dd_quick(a.high[l], a.low[l]); }

INLINE void add_lane(shape_column_sums *sums, const shape_strip *strip, ptrdiff_t l) {
  sums->weight = dd_add(sums->weight, lane_of(strip->weight, l));
  sums->first = dd_add(sums->first, lane_of(strip->first, l));
  sums->second = dd_add(sums->second, lane_of(strip->second, l));
  sums->third = dd_add(sums->third, lane_of(strip->third, l));
  sums->fourth = dd_add(sums->fourth, lane_of(strip->fourth, l));
  sums->minimum = strip->minimum[l] < sums->minimum ? strip->minimum[l] : sums->minimum;
  sums->maximum = strip->maximum[l] > sums->maximum ? strip->maximum[l] : sums->maximum;
  sums->zeros += strip->zeros[l];
}

INLINE void clear_strip(shape_strip *strip) {
  memset(strip, 0, sizeof *strip);
  strip->minimum = (d8)(double)INFINITY;
  strip->maximum = (d8)-(double)INFINITY;
}

/// Sums of each column about `centers`, p numbers: the first reading, or the second.
INLINE void sum_shapes(
  lockstep_rows rows, bool is_float, const double *weights, bool has_missing, bool is_second, const double *centers,
  shape_strip *strips, shape_column_sums *sums) {
  const shape_plan plan = make_shape_plan(rows, weights);
  const ptrdiff_t p = rows.column_count;
  for (ptrdiff_t s = 0; s < plan.strip_count; s++) {
    clear_strip(strips + s);
    for (ptrdiff_t l = 0; l < 8; l++) strips[s].center[l] = centers[shape_column(&plan, s, l)];
  }
  if (is_second) shape_powers(&plan, is_float, has_missing, strips);
  else shape_sums(&plan, is_float, strips);
  for (ptrdiff_t j = 0; j < p; j++) {
    memset(sums + j, 0, sizeof *sums);
    sums[j].minimum = INFINITY;
    sums[j].maximum = -INFINITY;
  }
  if (!plan.is_narrow) {
    for (ptrdiff_t j = 0; j < p; j++) {
      // The last strip holds columns of the one before too.
      const ptrdiff_t s = j / 8, l = j - strip_column(s, p);
      add_lane(sums + j, strips + s, l);
    }
    return;
  }
  for (ptrdiff_t j = 0; j < p; j++)
    for (ptrdiff_t e = j; e < 8 * p; e += p) add_lane(sums + j, strips + e / 8, e % 8);
  const ptrdiff_t rest = rows.count - plan.whole;
  if (rest == 0) return;
  // Eight rows again, of which those that are not there are missing.
  double elements[8 * 7], rest_weights[8];
  for (ptrdiff_t i = 0; i < 8; i++) {
    rest_weights[i] = i < rest && weights ? weights[plan.whole + i] : 1;
    for (ptrdiff_t j = 0; j < p; j++)
      elements[i * p + j] = i < rest ? load1(row_at(rows, is_float, plan.whole + i), is_float, j) : (double)NAN;
  }
  const lockstep_rows last = {elements, false, 8, p, p};
  const shape_plan tail = make_shape_plan(last, rest_weights);
  for (ptrdiff_t s = 0; s < tail.strip_count; s++) {
    const d8 center = strips[s].center;
    clear_strip(strips + s);
    strips[s].center = center;
  }
  if (is_second) shape_powers(&tail, false, true, strips);
  else shape_sums(&tail, false, strips);
  for (ptrdiff_t j = 0; j < p; j++)
    for (ptrdiff_t e = j; e < 8 * p; e += p) add_lane(sums + j, strips + e / 8, e % 8);
}

/// Moves third and fourth powers about c to c + d.
INLINE void store_shape(double *column, ptrdiff_t p, dd third, dd fourth, dd square, dd weight, dd d) {
  const dd dd2 = dd_multiply(d, d), dm = dd_multiply(d, square);
  dd cubes = dd_subtract(third, dd_add(dd_multiply(dd_of(3), dm), dd_multiply(weight, dd_multiply(d, dd2))));
  dd fours = dd_subtract(fourth, dd_multiply(dd_of(4), dd_multiply(d, third)));
  fours = dd_add(fours, dd_multiply(dd_of(6), dd_multiply(d, dm)));
  fours = dd_add(fours, dd_multiply(dd_of(3), dd_multiply(weight, dd_multiply(dd2, dd2))));
  if (fours.high < 0) fours = dd_of(0);
  column[6 * p] = cubes.high;
  column[7 * p] = cubes.low;
  column[8 * p] = fours.high;
  column[9 * p] = fours.low;
}

/// What is known of one column whose missing numbers were left out.
INLINE void store_present(double *column, ptrdiff_t p, const shape_column_sums *sums, double center) {
  const dd weight = sums->weight;
  if (!(weight.high > 0)) {
    for (int run = 0; run < LOCKSTEP_SHAPE_RUNS; run++) column[run * p] = 0;
    column[0] = INFINITY;
    column[p] = -INFINITY;
    return;
  }
  const dd d = dd_divide(sums->first, weight), mean = dd_add1(d, center);
  dd square = dd_subtract(sums->second, dd_multiply(d, sums->first));
  if (square.high < 0) square = dd_of(0);
  column[0] = sums->minimum;
  column[p] = sums->maximum;
  column[2 * p] = mean.high;
  column[3 * p] = mean.low;
  column[4 * p] = square.high;
  column[5 * p] = square.low;
  store_shape(column, p, sums->third, sums->fourth, square, weight, d);
  column[10 * p] = weight.high;
  column[11 * p] = weight.low;
  column[12 * p] = sums->zeros;
}

INLINE dd column_shapes(
  lockstep_rows rows, bool is_float, const double *weights, bool skips_missing, double *shapes, void *scratch) {
  const ptrdiff_t p = rows.column_count;
  const dd weight = weights ? column_moments(rows, is_float, weights, true, shapes, scratch)
                            : column_moments(rows, is_float, weights, false, shapes, scratch);
  bool is_complete = true;
  for (ptrdiff_t j = 0; j < p; j++) is_complete &= __builtin_isfinite(shapes[4 * p + j]) != 0;
  shape_strip *strips = scratch;
  shape_column_sums *sums = (shape_column_sums *)(strips + (p < 8 ? p : (p + 7) / 8));
  double *centers = (double *)(sums + p);
  if (is_complete || !skips_missing) {
    memcpy(centers, shapes + 2 * p, (size_t)p * sizeof *centers);
    sum_shapes(rows, is_float, weights, false, true, centers, strips, sums);
    for (ptrdiff_t j = 0; j < p; j++) {
      double *column = shapes + j;
      store_shape(
        column, p, sums[j].third, sums[j].fourth, (dd){column[4 * p], column[5 * p]}, weight, dd_of(column[3 * p]));
      column[10 * p] = weight.high;
      column[11 * p] = weight.low;
      column[12 * p] = sums[j].zeros;
    }
    return weight;
  }
  for (ptrdiff_t j = 0; j < p; j++) {
    centers[j] = 0;
    for (ptrdiff_t i = 0; i < rows.count; i++) {
      const double x = load1(row_at(rows, is_float, i), is_float, j);
      if (x != x || (weights && weights[i] == 0)) continue;
      centers[j] = x;
      break;
    }
  }
  sum_shapes(rows, is_float, weights, true, false, centers, strips, sums);
  for (ptrdiff_t j = 0; j < p; j++) {
    double *column = shapes + j;
    column[0] = sums[j].minimum;
    column[p] = sums[j].maximum;
    column[10 * p] = sums[j].weight.high;
    column[11 * p] = sums[j].weight.low;
    if (sums[j].weight.high > 0) centers[j] = dd_add1(dd_divide(sums[j].first, sums[j].weight), centers[j]).high;
  }
  sum_shapes(rows, is_float, weights, true, true, centers, strips, sums);
  for (ptrdiff_t j = 0; j < p; j++) {
    const double *column = shapes + j;
    sums[j].minimum = column[0];
    sums[j].maximum = column[p];
    sums[j].weight = (dd){column[10 * p], column[11 * p]};
    store_present(shapes + j, p, sums + j, centers[j]);
  }
  return weight;
}

// MARK: Sparse rows

/// From the stored entries alone: the zeros that are not stored count by the weight that is left.
INLINE dd sparse_column_shapes(
  lockstep_sparse_rows rows, bool is_float, const double *weights, bool skips_missing, double *shapes, void *scratch) {
  const ptrdiff_t p = rows.column_count;
  const dd weight = sparse_moments(rows, is_float, weights, shapes, scratch);
  bool is_complete = weight.high > 0;
  for (ptrdiff_t j = 0; j < p; j++) is_complete &= __builtin_isfinite(shapes[4 * p + j]) != 0;
  shape_column_sums *sums = scratch;
  double *centers = (double *)(sums + p), *stored = centers + p, *missing = stored + p;
  memset(sums, 0, (size_t)p * sizeof *sums);
  memset(centers, 0, 3 * (size_t)p * sizeof *centers);
  ptrdiff_t weighing = 0;
  for (ptrdiff_t j = 0; j < p; j++) {
    sums[j].minimum = INFINITY;
    sums[j].maximum = -INFINITY;
  }
  // The counts in `missing` and `stored` say whether a zero is left; weights say how much it weighs.
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const double w = weights ? weights[i] : 1;
    if (w == 0) continue;
    weighing++;
    for (ptrdiff_t e = rows.offsets[i]; e < rows.offsets[i + 1]; e++) {
      const ptrdiff_t j = rows.columns[e];
      const double x = load1(rows.values, is_float, e);
      shape_column_sums *c = sums + j;
      stored[j]++;
      if (skips_missing && x != x) {
        missing[j] += w;
        continue;
      }
      c->weight = dd_accumulate(c->weight, w, 0);
      c->first = dd_accumulate_product(c->first, w, x);
      c->minimum = x < c->minimum ? x : c->minimum;
      c->maximum = x > c->maximum ? x : c->maximum;
    }
  }
  for (ptrdiff_t j = 0; j < p; j++) {
    shape_column_sums *c = sums + j;
    const bool has_zeros = stored[j] < (double)weighing;
    const dd present = has_zeros ? dd_add1(weight, -missing[j]) : dd_quick(c->weight.high, c->weight.low);
    stored[j] = has_zeros ? dd_subtract(present, dd_quick(c->weight.high, c->weight.low)).high : 0;
    if (is_complete) centers[j] = shapes[2 * p + j];
    else centers[j] = present.high > 0 ? dd_divide(dd_quick(c->first.high, c->first.low), present).high : 0;
    c->weight = present;
    c->zeros = stored[j];
    if (has_zeros) {
      c->minimum = 0 < c->minimum ? 0 : c->minimum;
      c->maximum = 0 > c->maximum ? 0 : c->maximum;
    }
    const double z = -centers[j], w = stored[j];
    c->first = dd_multiply(dd_of(w), dd_of(z));
    c->second = dd_multiply(c->first, dd_of(z));
    c->third = dd_multiply(c->second, dd_of(z));
    c->fourth = dd_multiply(c->third, dd_of(z));
  }
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const double w = weights ? weights[i] : 1;
    if (w == 0) continue;
    for (ptrdiff_t e = rows.offsets[i]; e < rows.offsets[i + 1]; e++) {
      const ptrdiff_t j = rows.columns[e];
      const double x = load1(rows.values, is_float, e);
      if (skips_missing && x != x) continue;
      shape_column_sums *c = sums + j;
      const dd z = dd_sum(x, -centers[j]), wz = dd_multiply(dd_of(w), z), zz = dd_multiply(z, z);
      c->first = dd_add(c->first, wz);
      c->second = dd_add(c->second, dd_multiply(wz, z));
      c->third = dd_add(c->third, dd_multiply(wz, zz));
      c->fourth = dd_add(c->fourth, dd_multiply(dd_multiply(wz, z), zz));
      c->zeros += x == 0 ? w : 0;
    }
  }
  for (ptrdiff_t j = 0; j < p; j++) {
    double *column = shapes + j;
    if (!is_complete) {
      store_present(column, p, sums + j, centers[j]);
      continue;
    }
    store_shape(
      column, p, sums[j].third, sums[j].fourth, (dd){column[4 * p], column[5 * p]}, weight, dd_of(column[3 * p]));
    column[10 * p] = weight.high;
    column[11 * p] = weight.low;
    column[12 * p] = sums[j].zeros;
  }
  return weight;
}

// MARK: Merging

/// Pébay (2008), equations 2.1 and 2.2 of third and fourth order, then the mean and the squares as merge_column_moments has them.
static void merge_column_shapes(ptrdiff_t p, double *shapes, const double *later) {
  for (ptrdiff_t j = 0; j < p; j++) {
    double *a = shapes + j;
    const double *b = later + j;
    const dd na = {a[10 * p], a[11 * p]}, nb = {b[10 * p], b[11 * p]};
    if (!(nb.high > 0)) continue;
    if (!(na.high > 0)) {
      for (int run = 0; run < LOCKSTEP_SHAPE_RUNS; run++) a[run * p] = b[run * p];
      continue;
    }
    const dd n = dd_add(na, nb), share = dd_divide(nb, n), rest = dd_divide(na, n), factor = dd_multiply(share, na);
    const dd delta = dd_subtract((dd){b[2 * p], b[3 * p]}, (dd){a[2 * p], a[3 * p]}), square = dd_multiply(delta, delta);
    const dd ma = {a[4 * p], a[5 * p]}, mb = {b[4 * p], b[5 * p]};
    const dd ca = {a[6 * p], a[7 * p]}, cb = {b[6 * p], b[7 * p]};
    const dd fa = {a[8 * p], a[9 * p]}, fb = {b[8 * p], b[9 * p]};
    // δ³ W_a W_b (W_a − W_b) / W² + 3 δ (W_a M_b − W_b M_a) / W
    dd cubes = dd_multiply(dd_multiply(delta, square), dd_multiply(factor, dd_subtract(rest, share)));
    const dd turned = dd_multiply(delta, dd_subtract(dd_multiply(rest, mb), dd_multiply(share, ma)));
    cubes = dd_add(cubes, dd_multiply(dd_of(3), turned));
    // δ⁴ W_a W_b (W_a² − W_a W_b + W_b²) / W³ + 6 δ² (W_a² M_b + W_b² M_a) / W² + 4 δ (W_a C_b − W_b C_a) / W
    const dd ratio = dd_subtract(
      dd_add(dd_multiply(rest, rest), dd_multiply(share, share)), dd_multiply(rest, share));
    dd fours = dd_multiply(dd_multiply(square, square), dd_multiply(factor, ratio));
    const dd squares = dd_add(
      dd_multiply(dd_multiply(rest, rest), mb), dd_multiply(dd_multiply(share, share), ma));
    fours = dd_add(fours, dd_multiply(dd_of(6), dd_multiply(square, squares)));
    const dd skewed = dd_multiply(delta, dd_subtract(dd_multiply(rest, cb), dd_multiply(share, ca)));
    fours = dd_add(fours, dd_multiply(dd_of(4), skewed));
    cubes = dd_add(cubes, dd_add(ca, cb));
    fours = dd_add(fours, dd_add(fa, fb));
    if (fours.high < 0) fours = dd_of(0);
    merge_one_column(p, a, b, share, factor);
    a[6 * p] = cubes.high;
    a[7 * p] = cubes.low;
    a[8 * p] = fours.high;
    a[9 * p] = fours.low;
    a[10 * p] = n.high;
    a[11 * p] = n.low;
    a[12 * p] += b[12 * p];
  }
}
