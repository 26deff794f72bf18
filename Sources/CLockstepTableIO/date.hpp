// SPDX-License-Identifier: Apache-2.0

#ifndef LOCKSTEP_DATE_HPP
#define LOCKSTEP_DATE_HPP

#include <charconv>
#include <cstdint>
#include <cstring>

namespace lockstep {

/// Reads a whole field as a date, or a date and time, of ISO 8601: `2024-01-31`, `2024-01-31T12:30:05.25Z`, with a blank in
/// place of the `T`, without seconds, and with `+02:00`, `+0200` or `+02` in place of the `Z`. Without either it is UTC.
class DateReader {
 public:
  DateReader(const char *p, const char *end) : p(p), end(end) {}

  /// Whether the field begins as a date does: four digits, a hyphen, a digit.
  static bool isLikely(const char *p, const char *end) {
    if (end - p < 6 || p[4] != '-' || !isDigit(p[5])) return false;
    return isDigit(p[0]) && isDigit(p[1]) && isDigit(p[2]) && isDigit(p[3]);
  }

  /// The seconds since the beginning of 1970, rounded to nearest; false if the field is no date that there is.
  template <class T> bool read(T &value) {
    int64_t year, month, day, hour = 0, minute = 0, second = 0;
    if (!digits(4, 9999, year) || !skip('-') || !digits(2, 12, month) || !skip('-') || !digits(2, 31, day)) return false;
    if (month < 1 || day < 1 || day > dayCount(year, month)) return false;
    int64_t offset = 0;
    if (p < end) {
      if (!skip('T') && !skip(' ')) return false;
      if (!digits(2, 23, hour) || !skip(':') || !digits(2, 59, minute)) return false;
      if (skip(':') && (!digits(2, 59, second) || !readFraction())) return false;
      if (!readOffset(offset)) return false;
    }
    const int64_t seconds = ((daysFrom1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - offset;
    return p == end && combine(seconds, value);
  }

 private:
  const char *p;
  const char *const end;
  /// The digits behind the point, without zeros at the end.
  static constexpr int largestFraction = 18;
  int64_t fraction = 0;
  int fractionDigits = 0;

  static bool isDigit(char c) { return c >= '0' && c <= '9'; }

  static bool isLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

  static int64_t dayCount(int64_t year, int64_t month) {
    if (month == 2) return isLeap(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  }

  /// Years that begin in March put the leap day last. Source: Hinnant (2013), "chrono-compatible low-level date algorithms".
  static int64_t daysFrom1970(int64_t year, int64_t month, int64_t day) {
    const int64_t y = (month <= 2 ? year - 1 : year) + 400;  // 400 years later, to be positive
    const int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 + dayOfYear - 146097 - 719468;
  }

  bool skip(char c) {
    const bool isHere = p < end && *p == c;
    p += isHere;
    return isHere;
  }

  bool digits(int count, int64_t most, int64_t &number) {
    if (end - p < count) return false;
    number = 0;
    for (int i = 0; i < count; i++, p++) {
      if (!isDigit(*p)) return false;
      number = number * 10 + (*p - '0');
    }
    return number <= most;
  }

  bool readFraction() {
    if (!skip('.')) return true;
    const char *const first = p;
    const char *last = p;  // behind the last digit other than zero
    for (; p < end && isDigit(*p); p++) {
      if (*p != '0') last = p + 1;
    }
    if (p == first || last - first > largestFraction) return false;
    fractionDigits = int(last - first);
    for (const char *digit = first; digit < last; digit++) fraction = fraction * 10 + (*digit - '0');
    return true;
  }

  bool readOffset(int64_t &offset) {
    if (p == end || skip('Z')) return true;
    const bool isWest = *p == '-';
    if (!skip('+') && !skip('-')) return false;
    int64_t hours, minutes = 0;
    if (!digits(2, 23, hours)) return false;
    if (p < end) {
      skip(':');
      if (!digits(2, 59, minutes)) return false;
    }
    offset = (hours * 60 + minutes) * 60 * (isWest ? -1 : 1);
    return true;
  }

  /// The whole seconds and the fraction in one number, correctly rounded: by way of its decimal digits.
  template <class T> bool combine(int64_t seconds, T &value) const {
    int64_t whole = seconds, part = fraction;
    if (seconds < 0 && fraction != 0) {
      int64_t one = 1;
      for (int i = 0; i < fractionDigits; i++) one *= 10;
      whole = seconds + 1;
      part = one - fraction;
    }
    char text[48];
    char *next = std::to_chars(text, text + 24, whole < 0 ? -whole : whole).ptr;
    if (fractionDigits > 0) {
      *next++ = '.';
      char digits[24];
      const int count = int(std::to_chars(digits, digits + 24, part).ptr - digits);
      for (int i = count; i < fractionDigits; i++) *next++ = '0';
      std::memcpy(next, digits, size_t(count));
      next += count;
    }
    if (std::from_chars(text, next, value).ec != std::errc()) return false;
    if (seconds < 0) value = -value;
    return true;
  }
};

}  // namespace lockstep

#endif
