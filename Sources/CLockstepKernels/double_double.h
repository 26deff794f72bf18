// SPDX-License-Identifier: Apache-2.0
//
// Double-double arithmetic (Dekker 1971; Knuth; Hida, Li & Bailey 2001; error bounds: Joldes, Muller & Popescu 2017), for
// one number and for eight.

typedef lockstep_dd dd;
typedef struct {
  d8 high;
  d8 low;
} dd8;

/// s + e = a + b exactly.
#define TWO_SUM(type, a, b, s, e)  \
  type s = (a) + (b), e;           \
  {                                \
    type bb = s - (a);             \
    e = ((a) - (s - bb)) + ((b) - bb); \
  }

INLINE dd dd_quick(double a, double b) {  // |a| ≥ |b|, or a = 0
  double s = a + b;
  return (dd){s, b - (s - a)};
}
INLINE dd dd_of(double a) { return (dd){a, 0}; }
INLINE dd dd_sum(double a, double b) {
  TWO_SUM(double, a, b, s, e)
  return (dd){s, e};
}
INLINE dd dd_add(dd a, dd b) {
  TWO_SUM(double, a.high, b.high, s, e)
  TWO_SUM(double, a.low, b.low, t, f)
  dd c = dd_quick(s, e + t);
  return dd_quick(c.high, f + c.low);
}
INLINE dd dd_negated(dd a) { return (dd){-a.high, -a.low}; }
INLINE dd dd_subtract(dd a, dd b) { return dd_add(a, dd_negated(b)); }
INLINE dd dd_add1(dd a, double b) {
  TWO_SUM(double, a.high, b, s, e)
  return dd_quick(s, e + a.low);
}
INLINE dd dd_multiply(dd a, dd b) {
  double p = a.high * b.high;
  double e = __builtin_fma(a.high, b.high, -p) + __builtin_fma(a.high, b.low, a.low * b.high);
  return dd_quick(p, e);
}
INLINE dd dd_divide(dd a, dd b) {
  double q = a.high / b.high;
  dd r = dd_subtract(a, dd_multiply(b, dd_of(q)));
  double q2 = r.high / b.high;
  r = dd_subtract(r, dd_multiply(b, dd_of(q2)));
  return dd_add1(dd_quick(q, q2), r.high / b.high);
}

INLINE dd8 dd8_quick(d8 a, d8 b) {
  d8 s = a + b;
  return (dd8){s, b - (s - a)};
}
INLINE dd8 dd8_add(dd8 a, dd8 b) {
  TWO_SUM(d8, a.high, b.high, s, e)
  TWO_SUM(d8, a.low, b.low, t, f)
  dd8 c = dd8_quick(s, e + t);
  return dd8_quick(c.high, f + c.low);
}
/// a + b where the low part need not be normalized at once.
INLINE dd8 dd8_add1(dd8 a, d8 b) {
  TWO_SUM(d8, a.high, b, s, e)
  return (dd8){s, a.low + e};
}
INLINE dd8 dd8_multiply(dd8 a, dd8 b) {
  d8 p = a.high * b.high;
  d8 e = fma8(a.high, b.high, -p) + fma8(a.high, b.low, a.low * b.high);
  return dd8_quick(p, e);
}
INLINE dd8 dd8_of(dd a) { return (dd8){(d8)a.high, (d8)a.low}; }
INLINE dd8 dd8_negated(dd8 a) { return (dd8){-a.high, -a.low}; }
