// SPDX-License-Identifier: Apache-2.0

/// How pages and pictures look: on light and dark screens, on phones and on paper.
package enum Stylesheet {
  /// The number of colours for series; Okabe and Ito's palette, which colour-blind readers can tell apart.
  static let seriesCount = 6

  /// The style of a page.
  package static let text = """
    :root { color-scheme: light dark; --text: #1d2129; --soft: #5b6472; --line: #d9dde3; --back: #ffffff; --panel: #f6f7f9;
      --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #cc79a7; --s4: #8a6d00; --s5: #56606e; }
    @media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --soft: #a2abb8; --line: #3a414c; --back: #14171c;
      --panel: #1d2129; --s0: #56b4e9; --s1: #f0803c; --s2: #35c79a; --s3: #e3a0c6; --s4: #f0e442; --s5: #b8c0cc; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 1rem; max-width: 64rem; color: var(--text); background: var(--back);
      font: 1rem/1.5 system-ui, sans-serif; }
    h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.5rem 0; }
    h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
    p, li { max-width: 44rem; overflow-wrap: anywhere; }
    .soft, figcaption { color: var(--soft); }
    .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.5rem; }
    figure { margin: 0; min-width: 0; break-inside: avoid; }
    figcaption { font-size: 0.9rem; }
    figcaption strong { color: var(--text); }
    .wide { overflow-x: auto; margin: 1.2rem 0; } pre { font-size: 0.85rem; line-height: 1.35; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
    th, td { padding: 0.2rem 0.7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
    th:first-child, td:first-child { text-align: left; }
    thead th { border-bottom: 2px solid var(--line); }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 1rem; font-variant-numeric: tabular-nums; }
    dt { color: var(--soft); } dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
    code { background: var(--panel); padding: 0.1rem 0.3rem; border-radius: 3px; overflow-wrap: anywhere; }
    svg { width: 100%; height: auto; max-width: 40rem; font: 13px system-ui, sans-serif; }
    svg text { fill: var(--text); } svg .tick { fill: var(--soft); }
    svg .end { text-anchor: end; } svg .mid { text-anchor: middle; }
    svg .axis { stroke: var(--soft); } svg .grid { stroke: var(--line); stroke-width: 0.7; }
    svg .reference { stroke: var(--soft); stroke-dasharray: 4 3; }
    svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; } svg .interval { stroke-width: 2.5; }
    svg .dot { fill-opacity: 0.85; stroke: none; } svg .bar { stroke: none; }
    svg .on-tile { fill: #1d2129; font-size: 11px; } svg .light { fill: #ffffff; }
    \(series)
    @media print { body { max-width: none; } :root { color-scheme: light; } }
    """

  private static var series: String {
    (0..<seriesCount).map { i in
      "svg .s\(i) { fill: var(--s\(i)); stroke: var(--s\(i)); } svg .line.s\(i) { fill: none; } "
        + "svg .t\(i) { fill: var(--s\(i)); }"
    }.joined(separator: "\n")
  }

  /// The colour of a value between −1 (blue) over 0 (white) to 1 (red-orange).
  package static func diverging(_ value: Double) -> String {
    let share = min(max(abs(value), 0), 1)
    let end = value < 0 ? (0x05, 0x5a, 0x8c) : (0xb0, 0x45, 0x00)
    func mixed(_ channel: Int) -> String {
      let level = Int((Double(0xf7) + (Double(channel) - Double(0xf7)) * share).rounded())
      return (level < 16 ? "0" : "") + String(level, radix: 16)
    }
    return "#" + mixed(end.0) + mixed(end.1) + mixed(end.2)
  }
}
