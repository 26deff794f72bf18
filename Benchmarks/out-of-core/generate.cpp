// SPDX-License-Identifier: Apache-2.0
// Makes rows in overlapping clusters, the same on every machine, as CSV or NPY by the name of the file:
//
//   generate FILE ROWS COLUMNS CLUSTERS
//
// Numbers are multiples of 1/1024, so that the text of each is short and exact.

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// SplitMix64.
struct Random {
  std::uint64_t state;
  std::uint64_t next() {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
};

[[noreturn]] void fail(const char *message) {
  std::fprintf(stderr, "generate: %s\n", message);
  std::exit(1);
}

}  // namespace

int main(int count, char **words) {
  if (count != 5) fail("generate FILE ROWS COLUMNS CLUSTERS");
  const std::string_view name = words[1];
  const long rows = std::atol(words[2]), columns = std::atol(words[3]), clusters = std::atol(words[4]);
  if (rows < 1 || columns < 1 || clusters < 1) fail("numbers from 1");
  const bool isText = name.ends_with(".csv");
  std::FILE *file = std::fopen(words[1], "wb");
  if (!file) fail("the file cannot be written");
  std::vector<char> buffer(1 << 20);
  std::setvbuf(file, buffer.data(), _IOFBF, buffer.size());
  if (!isText) {
    std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                         std::to_string(columns) + "), }";
    header.resize((10 + header.size() + 64) / 64 * 64 - 11, ' ');
    header += '\n';
    const unsigned char lead[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0,
                                    static_cast<unsigned char>(header.size() & 255),
                                    static_cast<unsigned char>(header.size() >> 8)};
    std::fwrite(lead, 1, 10, file);
    std::fwrite(header.data(), 1, header.size(), file);
  }
  Random centers{1}, draws{2};
  std::vector<int> center(clusters * columns);
  for (int &value : center) value = static_cast<int>(centers.next() % 20480) - 10240;
  std::vector<double> row(columns);
  std::vector<char> line(columns * 32);
  for (long i = 0; i < rows; ++i) {
    const int *own = &center[draws.next() % clusters * columns];
    char *end = line.data();
    for (long j = 0; j < columns; ++j) {
      // The sum of four uniform numbers is close enough to a bell.
      const std::uint64_t bits = draws.next();
      const int noise = static_cast<int>((bits & 4095) + (bits >> 12 & 4095) + (bits >> 24 & 4095) + (bits >> 36 & 4095)) - 8190;
      row[j] = (own[j] + noise) / 1024.0;
      if (!isText) continue;
      end = std::to_chars(end, end + 31, row[j]).ptr;
      *end++ = j + 1 < columns ? ',' : '\n';
    }
    if (isText) std::fwrite(line.data(), 1, end - line.data(), file);
    else std::fwrite(row.data(), sizeof(double), columns, file);
  }
  if (std::fclose(file) != 0) fail("the file could not be written to its end");
}
