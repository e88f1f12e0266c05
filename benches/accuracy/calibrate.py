#!/usr/bin/env python3
"""How far certainties can be believed, and what weights the evidence should have.      calibrate.py DATAKART

Makes shares with share.py (seeds and parts apart), scans them and judges every finding by the truth. Prints in
Markdown: per confidence level how many findings are right, on the part `test`, which no weight was fitted on; then the
factors by which a logistic regression on the part `train` would change each piece of evidence, with the log loss on
`test` before and after; then what is wrong and what is missed most on `train`.      pip install faker numpy
"""
import collections, json, math, pathlib, re, subprocess, sys, tempfile

import numpy

HERE = pathlib.Path(__file__).resolve().parent
ALSO = {'sk_rc': 'cz_rc'}       # kinds that no number tells apart
BESIDE = {'city', 'location', 'device_id'}     # personal beside personal data: right in such a table


def leaf(field: str) -> str:
    return re.sub(r'^\$(\[\])?\.?', '', field)


def findings(tool: str, part: str, seeds: range) -> tuple[list[dict], collections.Counter]:
    """All findings of some shares with `right`, and what was missed."""
    found, missed = [], collections.Counter()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            share, out = pathlib.Path(folder) / 'share', pathlib.Path(folder) / 'out'
            subprocess.run([sys.executable, HERE / 'share.py', tool, share, '--seed', str(seed), '--part', part], check=True)
            subprocess.run([tool, 'scan', share / 'tree', '--min-confidence', 'low', '--out', out, '-q', '--no-progress'], check=False)
            truth = json.loads((share / 'truth.json').read_text())
            seen = set()
            for line in (out / 'inventory.jsonl').read_text().splitlines():
                x = json.loads(line)
                if x['type'] != 'finding':
                    continue
                file = truth[x['path'].rsplit('/', 1)[-1]]
                kind = ALSO.get(x['detector'], x['detector'])
                field = x.get('field')
                beside = kind in BESIDE and bool(file['fields'])
                x['right'] = kind in file['text'] if field is None else file['fields'].get(leaf(field)) == kind or beside
                seen.add((x['path'].rsplit('/', 1)[-1], leaf(field) if field else None, kind))
                found.append(x)
            for name, file in truth.items():
                for field, kind in file['fields'].items():
                    missed[kind, field] += (name, field, kind) not in seen
    return found, missed


def reliability(found: list[dict]) -> None:
    print('| findings | level | shown | right | share |\n|---|---|---|---|---|')
    for title, of in [('fields', True), ('running text', False)]:
        for level in ('high', 'medium', 'low'):
            some = [f for f in found if (f.get('field') is not None) == of and f['confidence'] == level]
            right = sum(f['right'] for f in some)
            print(f'| {title} | {level} | {len(some)} | {right} | {100 * right / max(1, len(some)):.1f} % |')


def matrix(found: list[dict], reasons: list[str]) -> tuple[numpy.ndarray, numpy.ndarray]:
    rows = numpy.zeros((len(found), len(reasons)))
    for i, f in enumerate(found):
        for e in f['evidence']:
            if e['reason'] in reasons:
                rows[i, reasons.index(e['reason'])] += e['bits']
    return rows, numpy.array([f['right'] for f in found], float)


def loss(bits: numpy.ndarray, right: numpy.ndarray) -> float:
    p = 1 / (1 + numpy.exp2(-numpy.clip(bits, -20, 20)))
    return float(-(right * numpy.log(p) + (1 - right) * numpy.log(1 - p)).mean())


def fit(train: list[dict], test: list[dict], title: str) -> None:
    """Damped Newton steps on the factors, drawn towards 1 as if ten findings spoke for it."""
    reasons = sorted({e['reason'] for f in train for e in f['evidence']})
    x, y = matrix(train, reasons)
    pull = 10.0
    cost = lambda w: len(y) * loss(x @ w, y) + pull / 2 * float(((w - 1) ** 2).sum())
    w = numpy.ones(len(reasons))
    for _ in range(100):
        p = 1 / (1 + numpy.exp2(-numpy.clip(x @ w, -40, 40)))
        gradient = math.log(2) * x.T @ (y - p) - pull * (w - 1)
        hessian = math.log(2) ** 2 * (x.T * numpy.maximum(p * (1 - p), 1e-9)) @ x + pull * numpy.eye(len(reasons))
        step, size = numpy.linalg.solve(hessian, gradient), 1.0
        while size > 1e-6 and cost(w + size * step) > cost(w):
            size /= 2
        w += size * step
    tx, ty = matrix(test, reasons)
    print(f'\n{title}: log loss on `test` {loss(tx.sum(1), ty):.4f} as it is, {loss(tx @ w, ty):.4f} with the factors\n')
    print('| evidence | factor |\n|---|---|')
    for reason, factor in zip(reasons, w):
        print(f'| {reason} | {factor:.2f} |')


def main() -> None:
    tool = sys.argv[1]
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    train, missed = findings(tool, 'train', range(seeds))
    test, _ = findings(tool, 'test', range(100, 100 + seeds))
    reliability(test)
    for title, of in [('fields', True), ('running text', False)]:
        pick = lambda found: [f for f in found if (f.get('field') is not None) == of]
        fit(pick(train), pick(test), title)
    wrong = collections.Counter((f['detector'], f.get('field'), f['confidence']) for f in train if not f['right'])
    print('\nMost often wrong on `train`:', wrong.most_common(40))
    print('\nMost often missed on `train`:', [m for m in missed.most_common(40) if m[1]])


if __name__ == '__main__':
    main()
