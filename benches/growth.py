#!/usr/bin/env python3
"""How the cost of a scan grows: with detectors, with the number of files, with the share of rows that hold personal data,
and with threads. Prints a table in Markdown for each.

    python3 benches/growth.py target/release/datakart [detectors|files|density|threads]...

The files are made anew: rows of a customer table and lines of a log, with reserved domains, addresses and telephone
numbers only. Cases of a table run in turns, round by round; a ratio is the median of the rounds' ratios to the table's
first case.
"""

import argparse
import json
import os
import pathlib
import statistics
import tempfile

import speed

# Detectors: one, the common ones with a shape of their own, all.
DETECTORS = {"email": ["--only", "email"], f"{len(speed.SHAPES)}": ["--only", ",".join(speed.SHAPES)], "all": []}
FILES = 10, 1_000, 100_000
DENSITY = 0, 10, 50, 100
FIELDS = "id", "name", "contact", "reference", "note", "origin"
FIRST = "Kari", "Ola", "Anna", "Lars", "Ingrid", "Per", "Marit"
LAST = "Nordmann", "Hansen", "Johansen", "Olsen", "Larsen", "Andersen", "Berg", "Haugen", "Dahl", "Lund", "Moen"


def person(i):
    """A customer's cells."""
    first, last = FIRST[i % len(FIRST)], LAST[i % len(LAST)]
    mail, phone = f"{first}.{last}{i}@example.no".lower(), f"+44 7700 900{i % 1000:03}"
    return f"{first} {last}", mail, phone, f"198{i % 10}-0{i % 9 + 1}-{i % 28 + 1:02}", f"192.0.2.{i % 255}"


def thing(i):
    """What stands in the same columns where there is nothing about anybody, as long."""
    return "spare part", f"shelf {i} by the second door", f"lot {i % 100_000:06}", f"size {i % 90:03} x", f"rev. {i % 255:03}"


def is_personal(i, percent):
    """Of so many rows in a hundred, spread evenly."""
    return i * percent // 100 != (i + 1) * percent // 100


def row(i, percent):
    """Cells of a row: an identifier, then five that do or do not hold personal data."""
    return f"{i}", *(person if is_personal(i, percent) else thing)(i)


def table(path, size, percent):
    """A CSV file of about so many bytes."""
    with open(path, "w", encoding="utf-8") as out:
        out.write(";".join(FIELDS) + "\n")
        write(out, size, lambda i: ";".join(row(i, percent)))


def log(path, size, percent):
    """A log of about so many bytes."""
    form = "2026-03-12T10:{:02}:{:02} INFO request id={} of {}, {}, {}, {} from {}"
    line = lambda i: form.format(i // 60 % 60, i % 60, *row(i, percent))
    with open(path, "w", encoding="utf-8") as out:
        write(out, size, line)


def write(out, size, line):
    """Writes lines until there are so many bytes."""
    i = 0
    while size > 0:
        text = line(i) + "\n"
        size -= out.write(text)
        i += 1


def split(folder, number, size, percent):
    """The same lines of JSON in so many files, a thousand in a folder."""
    written, i = 0, 0
    for n in range(number):
        path = folder / f"{n // 1000:03}" / f"{n:06}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            while written * number < size * (n + 1):
                written += out.write(json.dumps(dict(zip(FIELDS, row(i, percent)))) + "\n")
                i += 1


class Bench:
    """A program, a folder to work in, and how long and how often."""

    def __init__(self, args, work):
        self.datakart, self.rounds, self.threads = os.path.abspath(args.datakart), args.rounds, args.threads
        self.size, self.work = args.mb * 1_000_000, pathlib.Path(work)

    def folder(self, name):
        """A new folder."""
        path = self.work / name
        path.mkdir()
        return path

    def both(self, percent):
        """A table and a log of this density."""
        folder = self.folder(f"density-{percent}")
        table(folder / "customers.csv", self.size // 2, percent)
        log(folder / "requests.log", self.size // 2, percent)
        return folder

    def show(self, title, cases):
        """Runs the cases, each a folder with threads and options, and prints their table."""
        scan = lambda case: speed.scan(self.datakart, str(case[0]), case[1], self.work, *case[2])
        for case in cases.values():
            scan(case)  # Warms the caches.
        rounds = [{name: scan(case) for name, case in cases.items()} for _ in range(self.rounds)]
        first = next(iter(cases))
        print(f"\n| {title} | CPU time | wall time | CPU, as a ratio | wall, as a ratio | MB/s of CPU | peak memory |")
        print("|---|---|---|---|---|---|---|")
        for name, (folder, _, _) in cases.items():
            cpu, wall, peak = (statistics.median(r[name][i] for r in rounds) for i in range(3))
            ratio = [statistics.median(r[name][i] / r[first][i] for r in rounds) for i in (0, 1)]
            rate = sum(size for _, size in speed.files(folder)) / 1e6 / cpu
            cells = name, f"{cpu:.2f} s", f"{wall:.2f} s", f"{ratio[0]:.2f}", f"{ratio[1]:.2f}", f"{rate:.0f}", f"{peak:.0f} MiB"
            print(f"| {' | '.join(cells)} |", flush=True)

    def detectors(self):
        """One, the common ones, all."""
        folder = self.both(50)
        self.show("detectors", {name: (folder, self.threads, options) for name, options in DETECTORS.items()})

    def files(self):
        """The same bytes in more and more files, with something to tell of each and with nothing."""
        for percent, title in (0, "files, nothing in them"), (100, "files, findings in each"):
            folders = {number: self.folder(f"files-{percent}-{number}") for number in FILES}
            for number, folder in folders.items():
                split(folder, number, self.size, percent)
            self.show(title, {f"{number:,}": (folder, self.threads, []) for number, folder in folders.items()})

    def density(self):
        """More and more rows with personal data."""
        self.show("rows with personal data", {f"{percent} %": (self.both(percent), self.threads, []) for percent in DENSITY})

    def of_threads(self):
        """One big file, and many small ones."""
        one, many = self.folder("one"), self.folder("many")
        table(one / "customers.csv", self.size, 50)
        split(many, 1_000, self.size, 50)
        for name, folder in ("one file", one), ("1,000 files", many):
            self.show(f"threads, {name}", {f"{n}": (folder, n, []) for n in range(1, (os.cpu_count() or 1) + 1)})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tables = {"detectors": Bench.detectors, "files": Bench.files, "density": Bench.density, "threads": Bench.of_threads}
    parser.add_argument("datakart")
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(tables)}; all without one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="threads where they are not what is measured")
    parser.add_argument("--mb", type=int, default=40, help="size of the files of a case; below 20 some of the 100,000 are empty")
    args = parser.parse_intermixed_args()
    if unknown := set(args.tables) - set(tables):
        parser.error(f"no such table: {', '.join(sorted(unknown))}")
    for name in args.tables or tables:
        with tempfile.TemporaryDirectory() as work:
            tables[name](Bench(args, work))


if __name__ == "__main__":
    main()
