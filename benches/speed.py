#!/usr/bin/env python3
"""Speed of datakart against other tools, in pairs: one run of each, again and again, and the medians of the ratios.

    python3 benches/speed.py target/release/datakart DIR...
    python3 benches/speed.py --floor target/release/datakart DIR...
    python3 benches/speed.py --threads 1 --peer 'Hyperscan=./hs -r {patterns} {}' target/release/datakart DIR...
    python3 benches/speed.py --slice 4 --pairs 1 --peer 'presidio=python3 benches/libraries.py presidio {}' target/release/datakart DIR

ripgrep (on the PATH) does a part of the job: the shapes of 25 detectors as one union, counted per line, without
checksums, columns, evidence or an inventory. The shapes are read from the detector files; --patterns FILE takes others,
one a line. --floor adds what no scanner can do without: ripgrep walks the same files, reads them and looks once at every
byte for one that no text holds, a single pass of memchr. --peer NAME=COMMAND adds any other tool; {} in its command
stands for the folder, {patterns} for the file of ripgrep's patterns and {threads} for the number of threads.

All see the same files with warm caches. A ratio above 1 means that datakart takes longer. MB/s are of CPU time.
"""

import argparse
import functools
import hashlib
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib

# Detectors whose shapes ripgrep gets: the common ones that have a shape of their own.
SHAPES = """email iban payment_card ip_address mac_address phone imei bic gb_nino no_fodselsnummer no_kontonr
no_orgnr se_personnummer se_orgnr dk_cpr fi_hetu is_kennitala de_steuer_id nl_bsn be_nn fr_nir es_dni
it_codice_fiscale pl_pesel us_ssn""".split()
# Exit codes that tell of a whole run: what was found, or what could not be read; from 200 on Kingfisher's.
WHOLE = (0, 1, 3, 200, 205)


def union():
    """The shapes as ripgrep reads them: bytes, at word boundaries."""
    folder = pathlib.Path(__file__).parent.parent / "patterns"
    found = {}
    for path in sorted(folder.rglob("*.toml")):
        detector = tomllib.loads(path.read_text(encoding="utf-8"))
        if detector.get("id") in SHAPES and "pattern" in detector:
            found[detector["id"]] = rf"\b(?:{detector['pattern']})\b"
    missing = set(SHAPES) - set(found)
    if missing:
        sys.exit(f"no pattern of {', '.join(sorted(missing))} under {folder}")
    return "\n".join(found.values()) + "\n"


def run(command):
    """CPU and wall time in seconds, and peak memory in MiB (of Linux never less than this script's own, some 20)."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in WHOLE:
        sys.exit(f"{command[0]} ended with {code}: {shlex.join(command)}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def scan(datakart, folder, threads, work, *more):
    """The same of a scan, whose outputs are thrown away."""
    out, key = os.path.join(work, "out"), os.path.join(work, "key")
    command = [datakart, "scan", folder, "--threads", str(threads), "--key", key, "--out", out, "--quiet", *more]
    times = run(command)
    shutil.rmtree(out)
    return times


def files(folder):
    """The files of a folder with their sizes."""
    paths = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
    return [(path, os.path.getsize(path)) for path in paths if os.path.isfile(path)]


def cut(folder, megabytes, work):
    """Copies some of the files: the same each time, and none that would be more than an eighth of them all."""
    most = megabytes * 1_000_000
    order = lambda file: hashlib.sha256(os.path.relpath(file[0], folder).encode(errors="surrogateescape")).digest()
    to = tempfile.mkdtemp(dir=work)
    for path, size in sorted(files(folder), key=order):
        if size <= min(most, megabytes * 125_000):
            copy = os.path.join(to, os.path.relpath(path, folder))
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copyfile(path, copy)
            most -= size
    return to


def rivals(args, work):
    """Name and command of each rival, the folder and the number of threads still to be filled in."""
    rg = ["rg", "-uuu", "-a", "-j{threads}", "--no-filename"]
    patterns = args.patterns or os.path.join(work, "patterns")
    if not args.patterns:
        pathlib.Path(patterns).write_text(union(), encoding="utf-8")
    found = [("ripgrep", rg + ["--no-unicode", "--count-matches", "-f", patterns, "{}"])]
    if args.floor:
        found.append(("one pass of memchr", rg + ["--count", r"(?-u:\xFF)", "{}"]))
    for peer in args.peer:
        name, _, command = peer.partition("=")
        found.append((name, [part.replace("{patterns}", patterns) for part in shlex.split(command)]))
    return found


def compare(ours, theirs, pairs):
    """Runs pairs: the medians of the ratios of CPU and wall time, and of what each took."""
    ours()  # Warms the caches.
    runs = [(ours(), theirs()) for _ in range(pairs)]
    ratios = [statistics.median(a[i] / b[i] for a, b in runs) for i in (0, 1)]
    return ratios, *([statistics.median(run[i] for run in side) for i in range(3)] for side in zip(*runs))


def short(number):
    """Two digits, or all before the point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.2g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datakart")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--patterns", help="patterns for ripgrep, one a line")
    parser.add_argument("--floor", action="store_true", help="also compare with one pass of memchr")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND", help="also compare with this tool")
    parser.add_argument("--slice", type=int, metavar="MB", help="take so much of each folder, for slow tools")
    args = parser.parse_args()
    if not shutil.which("rg"):
        sys.exit("ripgrep (rg) is not on the PATH")
    print("| corpus | rival | CPU time, datakart : rival | wall time | MB/s of both | peak memory of both, MiB |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        for folder in args.folders:
            name = pathlib.Path(folder).name
            folder = cut(folder, args.slice, work) if args.slice else folder
            size = sum(size for _, size in files(folder))
            ours = functools.partial(scan, os.path.abspath(args.datakart), folder, args.threads, work)
            for rival, command in rivals(args, work):
                theirs = [part.replace("{threads}", str(args.threads)).replace("{}", folder) for part in command]
                (cpu, wall), a, b = compare(ours, functools.partial(run, theirs), args.pairs)
                speed = ", ".join(short(size / 1e6 / side[0]) for side in (a, b))
                cells = f"{name}, {size / 1e6:.0f} MB", rival, short(cpu), short(wall), speed, f"{a[2]:.0f}, {b[2]:.0f}"
                print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
