#!/bin/sh
# Fuzzes the reader of one format, coverage-guided, on a stable toolchain:
#   tests/fuzz/run.sh FORMAT SECONDS [SEED_DIR ...]
# FORMAT is an id of `datakart formats`, or `any`. Seeds are the files below the given folders with one of
# the format's extensions; fixtures/ and the readers' own test files are always among them. The corpus is
# kept in tests/fuzz/corpus/FORMAT, what crashes in tests/fuzz/crashes (neither is committed: a crash that
# was fixed becomes a test of its reader).
set -eu
[ $# -ge 2 ] || { sed -n 2,8p "$0" >&2; exit 2; }
format=$1 seconds=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=$(rustc -vV | sed -n 's/^host: //p')

cd "$here"
RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
 -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Zsanitizer=address" \
  cargo build --quiet --release --target "$target"

mkdir -p "corpus/$format" crashes
python3 seeds.py "$format" "corpus/$format" "$root/fixtures" "$root/src" "$@"
exec env DATAKART_FUZZ="$format" ASAN_OPTIONS=detect_leaks=0 \
  "target/$target/release/datakart-fuzz" "corpus/$format" \
  -max_total_time="$seconds" -max_len=131072 -rss_limit_mb=1500 -timeout=60 \
  -artifact_prefix="crashes/$format-" -print_final_stats=1
