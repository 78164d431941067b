#!/usr/bin/env python3
"""Puts what `tools/bench SUITE --markdown` prints into docs/performance.md, between the comments
`<!-- bench SUITE -->` and `<!-- end -->`:

    tools/bench evm --markdown | tools/bench_page.py evm

The first cells of the table's head are the suite's; the machine's name becomes a line above it."""

import pathlib
import re
import sys

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "performance.md"


def table(lines):
    """The rows under one head; peers' names move from the cells into it."""
    machine = [line for line in lines if line.startswith("machine: ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in lines if line.startswith("|")]
    peers = []
    for row in rows:
        for cell in row[2:]:
            match = re.fullmatch(r"([a-z]\w*) [\d.e-]+", cell)
            if match and match[1] not in peers:
                peers.append(match[1])
    head = ["program", "ours"] + [name for peer in peers for name in (peer, "ratio")] + ["note"]
    out = [f"{line.removeprefix('machine: ')}." for line in machine]
    out += ["", "| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    for row in rows:
        cells, rest = row[:2], row[2:]
        for peer in peers:
            if rest and rest[0].startswith(peer + " "):
                cells += [rest[0].removeprefix(peer + " "), rest[1]]
                rest = rest[2:]
            else:
                cells += ["", ""]
        out.append("| " + " | ".join(cells + [" ".join(rest)]) + " |")
    return "\n".join(out)


def main():
    begin, end = f"<!-- bench {sys.argv[1]} -->\n", "<!-- end -->"
    page = PAGE.read_text()
    start = page.index(begin) + len(begin)
    stop = page.index(end, start)
    PAGE.write_text(page[:start] + table(sys.stdin.read().splitlines()) + "\n" + page[stop:])


if __name__ == "__main__":
    main()
