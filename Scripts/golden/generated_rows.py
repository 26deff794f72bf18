# SPDX-License-Identifier: Apache-2.0
"""Rows made by a generator of a few lines, so that golden files need not hold them.

The Swift tests have the same generator (`GeneratedRows`). Only additions, subtractions and multiplications of doubles are
used, one at a time and in the written order: both sides get the same bits.

    word():     SplitMix64 (S. Vigna): state += 0x9e3779b97f4a7c15;
                z = (state ^ state >> 30) * 0xbf58476d1ce4e5b9;
                z = (z ^ z >> 27) * 0x94d049bb133111eb;  z ^ z >> 31   (all modulo 2^64)
    uniform():  (word() >> 11) * 2^-53, in [0, 1)
    bell():     ((uniform() + uniform()) + (uniform() + uniform())) - 2, in [-2, 2)

Row i of n, in order, for groups g, box b, spread s, offset o:
    first, once:  anchors[group][column] = (uniform() - 0.5) * b     for all groups, all columns
    row:          group = word() >> 11 modulo g
                  row[column] = (anchors[group][column] + bell() * s) + o     for all columns
With `whole` every entry is then rounded to the nearest integer, ties to even.
"""
import numpy as np

MASK = (1 << 64) - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def word(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = ((self.state ^ (self.state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def uniform(self):
        return (self.word() >> 11) * 2.0**-53

    def bell(self):
        first = self.uniform() + self.uniform()
        second = self.uniform() + self.uniform()
        return (first + second) - 2.0


def generated_rows(rows, columns, seed, groups, box, spread, offset=0.0, whole=False):
    """The rows as a float64 array of shape (rows, columns)."""
    source = SplitMix64(seed)
    anchors = [[(source.uniform() - 0.5) * box for _ in range(columns)] for _ in range(groups)]
    table = np.empty((rows, columns))
    for i in range(rows):
        anchor = anchors[(source.word() >> 11) % groups]
        for j in range(columns):
            table[i, j] = (anchor[j] + source.bell() * spread) + offset
    return np.rint(table) if whole else table


def digest(table):
    """FNV-1a, 64 bits, over the bytes of the entries, little end first: tells whether two sides made the same rows."""
    value = 0xCBF29CE484222325
    for byte in np.ascontiguousarray(table, dtype="<f8").tobytes():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return f"{value:016x}"
