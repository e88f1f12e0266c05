#!/usr/bin/env python3
"""Speed of datakart against ripgrep, in pairs: one run of each, again and again, and the medians of the ratios.

    python3 benches/speed.py target/release/datakart DIR...

ripgrep (on the PATH) does a part of the job: the shapes of 25 detectors as one union, counted per line, without
checksums, columns, evidence or an inventory. The shapes are read from the detector files; --patterns FILE takes others,
one a line. Both see the same files with warm caches, at the same number of threads. A ratio above 1 means that datakart
takes longer.
"""

import argparse
import os
import pathlib
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
    """CPU and wall time in seconds, and peak memory in MiB."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1, 3):
        sys.exit(f"{command[0]} ended with {code}: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def compare(datakart, folder, patterns, args, work):
    """Runs the pairs and prints a line."""
    ours, theirs = [], []
    rg = ["rg", "-uuu", "-a", f"-j{args.threads}", "--no-filename", "--no-unicode", "--count-matches", "-f", patterns, folder]
    for number in range(args.pairs + 1):
        out = os.path.join(work, str(number))
        key = os.path.join(work, "key")
        scan = [datakart, "scan", folder, "--threads", str(args.threads), "--key", key, "--out", out, "--quiet"]
        pair = run(scan), run(rg)
        shutil.rmtree(out)
        if number > 0:  # The first pair warms the caches.
            ours.append(pair[0])
            theirs.append(pair[1])
    ratio = [statistics.median(a[i] / b[i] for a, b in zip(ours, theirs)) for i in (0, 1)]
    median = lambda runs, i: statistics.median(r[i] for r in runs)
    print(
        f"{folder}: CPU {ratio[0]:.2f}, wall {ratio[1]:.2f} (datakart {median(ours, 0):.2f} s CPU, {median(ours, 1):.2f} s, "
        f"{median(ours, 2):.0f} MiB; ripgrep {median(theirs, 0):.2f} s CPU, {median(theirs, 1):.2f} s)"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datakart")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--patterns", help="patterns for ripgrep, one a line")
    args = parser.parse_args()
    if not shutil.which("rg"):
        sys.exit("ripgrep (rg) is not on the PATH")
    with tempfile.TemporaryDirectory() as work:
        patterns = args.patterns or os.path.join(work, "patterns")
        if not args.patterns:
            pathlib.Path(patterns).write_text(union(), encoding="utf-8")
        for folder in args.folders:
            compare(os.path.abspath(args.datakart), folder, patterns, args, work)


if __name__ == "__main__":
    main()
