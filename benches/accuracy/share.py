#!/usr/bin/env python3
"""Makes a labelled share for calibration.      share.py DATAKART OUT [--seed N] [--part train|test]

OUT/tree holds tables (CSV, JSON lines, SQL), letters, notes and logs in the languages of Faker's locales, and about as
many files that hold no personal data; OUT/truth.json says per file and field which kinds it holds. Everything is
invented: names and addresses by Faker, e-mail addresses in reserved domains, numbers drawn at random and kept where
`datakart patterns try` finds their check digits right. The parts `train` and `test` share no locale, no field name
and no sentence. Needs: pip install faker
"""
import argparse, json, os, pathlib, random, subprocess, tomllib

from faker import Faker

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOCALES = {
    'train': ['no_NO', 'de_DE', 'fr_FR', 'en_GB', 'sv_SE', 'pl_PL', 'pt_PT'],
    'test': ['da_DK', 'fi_FI', 'nl_NL', 'es_ES', 'it_IT', 'en_US', 'de_AT'],
}
# Shape of national numbers: d is a digit, D1 M1 Y1 two digits of a date.
NUMBERS = {
    'no_fodselsnummer': 'DMYddddd', 'se_personnummer': 'YMDdddd', 'dk_cpr': 'DMYdddd', 'de_steuer_id': 'ddddddddddd',
    'pl_pesel': 'YMDddddd', 'nl_bsn': 'ddddddddd', 'pt_nif': '2dddddddd', 'gb_nhs': 'dddddddddd', 'at_svnr': 'ddddDMY',
    'no_kontonr': 'ddddddddddd', 'hr_oib': 'ddddddddddd', 'cz_rc': 'YMDdddd', 'ee_isikukood': '3YMDdddd',
    'ro_cnp': '1YMD12dddd', 'ch_ahv': '756dddddddddd', 'payment_card': '4ddddddddddddddd', 'imei': '35ddddddddddddd',
    'ca_sin': '4dddddddd', 'br_cpf': 'ddddddddddd', 'bg_egn': 'YMDdddd', 'gr_amka': 'DMYddddd', 'hu_taj': 'ddddddddd',
}
# Numbers and words that are no personal data, with the names their fields have.
OTHERS = {
    'train': {
        'id': 'running', 'ordrenr': '8', 'kundenr': '6', 'order_no': '9', 'code': '10', 'ref': '11', 'batch': '12', 'ean': 'ean', 'ts': 'epoch',
        'created_at': 'time', 'price': 'price', 'amount': 'price', 'version': 'version', 'hash': 'hash', 'uuid': 'uuid', 'product': 'product',
        'title': 'product', 'company': 'company', 'city': 'city', 'status': 'status', 'value': '9', 'lat': 'degrees', 'host': 'host', 'comment': 'sentence',
    },
    'test': {
        'nr': 'running', 'faktura': '8', 'customer_id': '7', 'invoice': '9', 'number': '10', 'reference': '11', 'lot': '12', 'gtin': 'ean', 'epoch': 'epoch',
        'timestamp': 'time', 'total': 'price', 'pris': 'price', 'build': 'version', 'checksum': 'hash', 'guid': 'uuid', 'item': 'product',
        'name': 'product', 'firma': 'company', 'place': 'city', 'state': 'status', 'data1': '11', 'longitude': 'degrees', 'server': 'host', 'note': 'sentence',
    },
}
SENTENCES = {
    'train': ['{label}: {value}', 'We have registered {label} {value} in the file.', 'Please note {label} {value}.', '{value} ({label})'],
    'test': ['{label} {value}', 'The {label} is {value} as of today.', 'Ref. letter, {label}: {value}, see below.', '- {label} = {value}'],
}
FILLER = ['The meeting was moved to Thursday.', 'Order 4711 was shipped in 3 boxes.', 'See ticket 20240117 for details.', 'Total 1 234 567,00 due in 14 days.',
          'Serial no. {0} was replaced.', 'Invoice {0} is paid.', 'Tracking {0} shows no movement.', 'The server restarted at 10:15:22.', 'Version 4.12.0.1 is out.']


class Maker:
    """Everything that is drawn for one share."""

    def __init__(self, tool: str, seed: int, part: str):
        self.random, self.part, self.tool = random.Random(seed), part, tool
        Faker.seed(seed)
        self.fakers = [Faker(l) for l in LOCALES[part]]
        self.rules = {}
        for path in (ROOT / 'patterns').glob('*/*.toml'):
            rule = tomllib.loads(path.read_text())
            self.rules[rule['id']] = rule
        self.numbers = {kind: self.valid(kind, shape) for kind, shape in NUMBERS.items()}

    def digits(self, n: int) -> str:
        return ''.join(self.random.choice('0123456789') for _ in range(n))

    def valid(self, kind: str, shape: str) -> list[str]:
        """Numbers of a shape that have the right check digits."""
        date = {'D': lambda: f'{self.random.randint(1, 28):02}', 'M': lambda: f'{self.random.randint(1, 12):02}', 'Y': lambda: f'{self.random.randint(30, 99):02}'}
        good: list[str] = []
        for _ in range(30):
            drawn = [''.join(date[c]() if c in date else self.digits(1) if c == 'd' else c for c in shape) for _ in range(2000)]
            answer = subprocess.run([self.tool, 'patterns', 'try', kind], input='\n'.join(drawn) + '\n', capture_output=True, text=True, check=True).stdout
            good += [v['value'] for v in map(json.loads, answer.splitlines()) if v['verdict'] == 'valid']
            if len(good) >= 60:
                return good
        return good or [kind]

    def names_of(self, kind: str) -> list[str]:
        """Field names of a kind: half of them belong to each part. One in seven is vague."""
        known = [h for h in self.rules[kind].get('headers', []) if not h.startswith('@')]
        return [h for i, h in enumerate(known) if i % 2 == (self.part == 'test')] or known

    def header(self, kind: str) -> str:
        name = self.random.choice(self.names_of(kind))
        style = self.random.random()
        if style < 0.14:
            return self.random.choice(['value', 'field_7', 'col3', 'data', 'info', 'x'])
        if style < 0.3:
            return self.random.choice(['cust_', 'tbl1_', 'emp_']) + name
        if style < 0.5:
            words = name.split('_')
            return words[0] + ''.join(w.capitalize() for w in words[1:])
        return name.upper() if style < 0.6 else name

    def value(self, kind: str, fake: Faker) -> str:
        if kind in self.numbers:
            return self.random.choice(self.numbers[kind])
        makers = {
            'person_name': lambda: self.random.choice([fake.first_name, fake.last_name, fake.name])(),
            'email': lambda: f'{fake.user_name()}@example.{self.random.choice(["com", "org", "net"])}',
            'phone': fake.phone_number, 'street_address': fake.street_address, 'iban': fake.iban, 'ip_address': fake.ipv4_public,
            'date_of_birth': lambda: fake.date_of_birth(minimum_age=18).isoformat(), 'mac_address': fake.mac_address,
            'health': lambda: self.random.choice(['Diabetes type 2', 'Asthma', 'Depression', 'Migrene', 'Burnout', 'F32.1', 'J45.0']),
            'religion': lambda: self.random.choice(['Islam', 'Katolsk', 'Protestant', 'Buddhist', 'none']),
            'trade_union': lambda: self.random.choice(['Fagforbundet', 'IG Metall', 'Unison', 'TEK', 'HK']),
            'username': fake.user_name,
        }
        return str(makers[kind]())

    def other(self, what: str, row: int, fake: Faker) -> str:
        if what.isdigit():
            return str(self.random.randint(1, 9)) + self.digits(int(what) - 1)
        makers = {
            'running': lambda: str(100001 + row), 'ean': lambda: fake.ean13(), 'epoch': lambda: str(self.random.randint(1_600_000_000, 1_760_000_000)),
            'time': lambda: fake.date_time_this_decade().isoformat(), 'price': lambda: f'{self.random.randint(1, 9_999_999) / 100:.2f}',
            'version': lambda: '.'.join(str(self.random.randint(0, 30)) for _ in range(4)), 'hash': lambda: fake.sha1(), 'uuid': lambda: str(fake.uuid4()),
            'product': lambda: ' '.join(fake.words(2)).title(), 'company': fake.company, 'city': fake.city, 'status': lambda: self.random.choice(['open', 'closed', 'new']),
            'degrees': lambda: f'{self.random.uniform(-90, 90):.6f}', 'host': lambda: fake.hostname(), 'sentence': lambda: self.filler(),
        }
        return str(makers[what]())

    def filler(self) -> str:
        return self.random.choice(FILLER).format(self.digits(self.random.choice([8, 9, 10, 11, 12])))

    def table(self) -> tuple[list[str], list[list[str]], dict]:
        """Header, rows and what each column holds."""
        fake, columns, truth = self.random.choice(self.fakers), [], {}
        personal = self.random.random() < 0.6
        texts = ['person_name', 'email', 'phone', 'street_address', 'iban', 'ip_address', 'date_of_birth', 'health', 'religion', 'trade_union', 'username', 'mac_address']
        kinds = self.random.sample(texts + list(NUMBERS), self.random.randint(1, 5)) if personal else []
        columns += [(self.header(k), k, None) for k in kinds]
        others = OTHERS[self.part]
        columns += [(n, None, others[n]) for n in self.random.sample(list(others), self.random.randint(2, 6))]
        self.random.shuffle(columns)
        columns = list({name: (name, kind, what) for name, kind, what in columns}.values())
        dirty, empty = self.random.choice([0, 0, 0.08, 0.2]), self.random.choice([0, 0.1, 0.3])
        rows = []
        for r in range(self.random.choice([3, 8, 20, 60, 200])):
            row = []
            for _, kind, what in columns:
                text = self.value(kind, fake) if kind else self.other(what, r, fake)
                if self.random.random() < empty:
                    text = ''
                elif self.random.random() < dirty:
                    text = self.random.choice(['n/a', '?', self.digits(7), fake.word()])
                row.append(text.replace('\n', ' '))
            rows.append(row)
        return [c[0] for c in columns], rows, {name: kind for name, kind, _ in columns if kind}

    def letter(self) -> tuple[str, list[str]]:
        fake, lines, held = self.random.choice(self.fakers), [], []
        kinds = ['email', 'phone', 'iban', 'date_of_birth', *NUMBERS]
        for _ in range(self.random.randint(3, 12)):
            if self.random.random() < 0.35:
                kind = self.random.choice(kinds)
                label = self.random.choice(self.rules[kind].get('keywords') or [kind])
                lines.append(self.random.choice(SENTENCES[self.part]).format(label=label, value=self.value(kind, fake)))
                held.append(kind)
            else:
                lines.append(self.filler())
        return '\n'.join(lines) + '\n', held


def write_table(path: pathlib.Path, header: list[str], rows: list[list[str]]) -> None:
    if path.suffix == '.csv':
        lines = [';'.join(header)] + [';'.join(c.replace(';', ',') for c in row) for row in rows]
    elif path.suffix == '.ndjson':
        lines = [json.dumps(dict(zip(header, row)), ensure_ascii=False) for row in rows]
    else:
        quoted = lambda row: ', '.join("'" + c.replace("'", "''") + "'" for c in row)
        lines = [f'INSERT INTO t ({", ".join(header)}) VALUES ({quoted(row)});' for row in rows]
    path.write_text('\n'.join(lines) + '\n')


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('tool'); args.add_argument('out', type=pathlib.Path)
    args.add_argument('--seed', type=int, default=1); args.add_argument('--part', choices=['train', 'test'], default='train')
    args.add_argument('--tables', type=int, default=300); args.add_argument('--letters', type=int, default=200)
    a = args.parse_args()
    maker, truth = Maker(a.tool, a.seed, a.part), {}
    tree = a.out / 'tree'
    os.makedirs(tree, exist_ok=True)
    for i in range(a.tables):
        header, rows, held = maker.table()
        name = f't{i:04}.' + maker.random.choice(['csv', 'csv', 'ndjson', 'sql'])
        write_table(tree / name, header, rows)
        truth[name] = {'fields': held, 'text': []}
    for i in range(a.letters):
        text, held = maker.letter()
        (tree / f'l{i:04}.txt').write_text(text)
        truth[f'l{i:04}.txt'] = {'fields': {}, 'text': held}
    (a.out / 'truth.json').write_text(json.dumps(truth, ensure_ascii=False))


if __name__ == '__main__':
    main()
