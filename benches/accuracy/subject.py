#!/usr/bin/env python3
"""Measures the subject search on a labelled share.      subject.py DATAKART SHARE [--persons 200] [--seed 1]

SHARE holds `tree` and `truth.jsonl`: one planted value per line with path, member, kind, value and row, message or line;
`persons.py` makes such a share, with `person` in each line. Draws persons from the rows that have a name and an
identifier, searches for each with that name and ONE identifier, and compares what is certain or probable with the
records in which the identifier was planted (or which were planted for that person, where the share says so).
A homonym is a row with the same name and none of the person's identifiers: it may be possible, never more.
"""
import argparse, collections, json, os, pathlib, random, re, subprocess, tempfile, unicodedata

STRONG = {'certain', 'probable'}
IDS = {'no_fodselsnummer', 'se_personnummer', 'dk_cpr', 'fi_hetu', 'de_steuer_id', 'nl_bsn', 'pl_pesel', 'us_ssn', 'gb_nino', 'es_dni', 'fr_nir',
       'it_codice_fiscale', 'ch_ahv', 'at_svnr', 'be_nn', 'pt_nif'}
PROFILE = {'email': 'emails', 'phone': 'phones', 'customer_number': 'customer_numbers', **{kind: 'national_ids' for kind in IDS}}
LOCALES = ['no', 'se', 'dk', 'fi', 'de', 'nl', 'pl', 'us', 'gb', 'es', 'fr', 'it', 'ch', 'at', 'be', 'pt']


def normal(kind: str, value: str) -> str:
    """What an identifier is compared by; independent of what datakart does, and cruder."""
    if kind == 'email':
        local, _, domain = value.strip().lower().partition('@')
        return local.split('+')[0] + '@' + domain
    if kind == 'phone':
        return 'phone' + re.sub(r'\D', '', value)[-8:]
    text = re.sub(r'[^0-9A-Z]', '', value.upper())
    if len(text) == 12 and text.isdigit() and text[:2] in ('19', '20'):
        text = text[2:]
    return kind + text.lstrip('0')


def folded(name: str) -> tuple:
    text = unicodedata.normalize('NFKD', name.lower().replace('ø', 'o').replace('æ', 'ae').replace('ß', 'ss'))
    text = ''.join(c for c in text if not unicodedata.combining(c))
    return tuple(sorted(re.findall(r'\w+', text)))


def place(line: dict) -> tuple:
    """The record that a planted value is in: a row, else the message, else the line of a log, else the document."""
    member = line.get('member')
    if 'row' in line and line.get('part') != 'comment':
        return line['path'], member, line.get('table'), 'row', line['row']
    if 'message' in line and not member:
        return line['path'], member, None, 'message', line['message']
    if line['path'].endswith('.log') or line['path'].endswith('.log.gz'):
        return line['path'], member, None, 'line', line['line']
    return line['path'], member, None, 'document', 0


class Share:
    def __init__(self, root: pathlib.Path):
        self.tree = root / 'tree'
        self.lines = [json.loads(l) for l in open(root / 'truth.jsonl')]
        self.records = collections.defaultdict(list)
        self.by_identifier = collections.defaultdict(set)
        self.by_person = collections.defaultdict(set)
        for line in self.lines:
            self.records[place(line)].append(line)
            if line['kind'] in PROFILE:
                self.by_identifier[normal(line['kind'], line['value'])].add(place(line))
            if line.get('person') is not None:
                self.by_person[line['person']].add(place(line))

    def name(self, record: tuple) -> str | None:
        names = [l for l in self.records[record] if l['kind'] == 'person_name' and not l.get('embedded')]
        whole = [l['value'] for l in names if l.get('sub') not in ('first', 'last')]
        first, last = ([l['value'] for l in names if l.get('sub') == s] for s in ('first', 'last'))
        if len(first) == 1 and len(last) == 1 and not whole:
            return f'{first[0]} {last[0]}'
        return whole[0] if len(whole) == 1 and ' ' in whole[0] and not first and not last else None

    def persons(self, count: int, seed: int) -> list:
        rows = sorted((r for r in self.records if r[3] == 'row' and self.name(r)), key=str)
        usable = [(r, [l for l in self.records[r] if l['kind'] in PROFILE and not l.get('embedded')]) for r in rows]
        usable = [u for u in usable if u[1]]
        return random.Random(seed).sample(usable, min(count, len(usable)))


def country(line: dict) -> str:
    found = re.search(r'_(%s)[_.\d]' % '|'.join(LOCALES), line['path'])
    return found[1].upper() if found else 'NO'


def search(tool: str, share: Share, name: str, line: dict, work: pathlib.Path) -> list:
    quoted = lambda text: json.dumps(text, ensure_ascii=False)
    profile = f'case = "measured"\ncountry = "{line.get("country") or country(line)}"\nnames = [{quoted(name)}]\n' \
              f'{PROFILE[line["kind"]]} = [{quoted(line["value"])}]\n'
    run = subprocess.run([tool, 'subject', 'find', '-', str(share.tree), '--out', str(work / 'out'), '--key', str(work / 'key'), '--quiet'],
                         input=profile, text=True, capture_output=True)
    if run.returncode not in (0, 3):
        raise SystemExit(run.stderr)
    return [json.loads(l) for l in open(work / 'out' / 'worklist.jsonl')]


def same(found: dict, tree: pathlib.Path, planted: tuple) -> bool:
    path, member, table, what, number = planted
    if os.path.relpath(found['path'], tree) != path or (member and '/'.join(found['members']) != member.replace('!/', '/')):
        return False
    if what == 'row' and found.get('row') is None and found.get('message') is None:
        return False
    if what == 'row':
        tables = [t.split('.')[-1] for t in (table, found.get('table')) if t]
        return found.get('row') == number and (len(set(tables)) < 2 or not is_many(path))
    if what in ('message', 'line'):
        return found.get(what) == number or (what == 'line' and found.get('line') is not None and found.get('row') is None and small(tree / path))
    return found.get('row') is None


def is_many(path: str) -> bool:
    """Whether a file holds several tables whose names count."""
    return not path.endswith(('.csv', '.tsv', '.gz', '.json', '.ndjson', '.parquet', '.xml', '.html', '.docx', '.odt', '.pdf', '.pptx', '.mbox', '.eml', '.zip'))


def small(path: pathlib.Path) -> bool:
    return path.stat().st_size <= 32 << 10


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('tool'); args.add_argument('share', type=pathlib.Path)
    args.add_argument('--persons', type=int, default=200); args.add_argument('--seed', type=int, default=1)
    args.add_argument('--verbose', action='store_true', help='name the places that were missed or are too many (never a value)')
    a = args.parse_args()
    share, counts, by_kind = Share(a.share), collections.Counter(), collections.Counter()
    work = pathlib.Path(tempfile.mkdtemp())
    for record, lines in share.persons(a.persons, a.seed):
        line = random.Random(f'{a.seed}{record}').choice(lines)
        name = share.name(record)
        wanted = share.by_identifier[normal(line['kind'], line['value'])]
        if line.get('person') is not None:
            wanted = share.by_person[line['person']]
        found = search(a.tool, share, name, line, work)
        strong = [f for f in found if f['strength'] in STRONG]
        for planted in wanted:
            hit = any(same(f, share.tree, planted) for f in strong)
            counts['wanted'] += 1
            counts['recalled'] += hit
            by_kind[line['kind'], hit] += 1
            if not hit and a.verbose:
                weak = [f['reasons'] for f in found if same(f, share.tree, planted)]
                print('missed', line['kind'], planted, weak)
        for f in strong:
            right = any(same(f, share.tree, planted) for planted in wanted)
            counts['found'] += 1
            counts['right'] += right
            if not right and a.verbose:
                print('too many', line['kind'], f['path'], f['members'], f.get('row'), f.get('line'), f['reasons'])
        words = folded(name)
        homonyms = [r for r in share.records if r[3] == 'row' and r not in wanted and (n := share.name(r)) and folded(n) == words]
        counts['homonyms'] += len(homonyms)
        counts['homonyms taken'] += sum(any(same(f, share.tree, r) for f in strong) for r in homonyms)
        counts['persons'] += 1
    ratio = lambda n, of: counts[n] / max(counts[of], 1)
    print(f"{counts['persons']} persons: recall {counts['recalled']}/{counts['wanted']} = {ratio('recalled', 'wanted'):.4f}, "
          f"precision {counts['right']}/{counts['found']} = {ratio('right', 'found'):.4f}, "
          f"homonyms certain or probable {counts['homonyms taken']} of {counts['homonyms']}")
    for kind in sorted({k for k, _ in by_kind}):
        print(f'  {kind}: {by_kind[kind, True]} of {by_kind[kind, True] + by_kind[kind, False]} records')


if __name__ == '__main__':
    main()
