#!/usr/bin/env python3
"""Makes a labelled share of invented persons, to measure the subject search.      persons.py DATAKART OUT [--seed N]

OUT/tree holds what a share holds on the same persons in many forms: customer lists, payroll, dumps with orders that name
nobody, databases with birth date and number in two columns, digests for marketing, logs, letters, mailboxes, archives;
and homonyms. OUT/truth.jsonl says where each identifier was planted, and which records its owner's keys lead to. Names are
drawn from `patterns/names`, addresses of mail are in reserved domains, numbers are invented and have check digits that
`datakart patterns try` finds right.
"""
import argparse, hashlib, json, pathlib, random, sqlite3, subprocess, zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
STREETS = ['Storgata', 'Kirkeveien', 'Øvre Slottsgate', 'Bjørnstjerne Bjørnsons gate', 'Åsveien', 'Lørenskogveien', 'Parkveien', 'Skolegata']
PLACES = [('0155', 'Oslo'), ('5003', 'Bergen'), ('7011', 'Trondheim'), ('4006', 'Stavanger'), ('9008', 'Tromsø')]


class Maker:
    """Everything that is drawn for one share."""

    def __init__(self, tool: str, out: pathlib.Path, seed: int, count: int):
        self.random, self.tree, self.lines = random.Random(seed), out / 'tree', []
        lists = [[w.strip() for w in (ROOT / f'patterns/names/{n}.txt').read_text().splitlines()] for n in ('given', 'family')]
        self.given, self.family = ([w.title() for w in l if w.isalpha() and len(w) > 2] for l in lists)
        numbers = self.numbers(tool, count)
        self.persons = [self.person(n, number) for n, number in enumerate(numbers)]
        # One in ten has the name of another, and nothing else of theirs.
        for person in self.persons[::10]:
            other = self.random.choice(self.persons)
            person['given'], person['family'] = other['given'], other['family']

    def numbers(self, tool: str, count: int) -> list[str]:
        good: list[str] = []
        while len(good) < count:
            day, month, year = self.random.randint(1, 28), self.random.randint(1, 12), self.random.randint(40, 99)
            drawn = [f'{day:02}{month:02}{year}{self.random.randint(0, 99999):05}' for _ in range(400)]
            run = subprocess.run([tool, 'patterns', 'try', 'no_fodselsnummer'], input='\n'.join(drawn) + '\n', capture_output=True, text=True, check=True)
            good += [v['value'] for v in map(json.loads, run.stdout.splitlines()) if v['verdict'] == 'valid'][:2]
        return good[:count]

    def person(self, n: int, number: str) -> dict:
        pick, r = self.random.choice, self.random
        given, family = pick(self.given), pick(self.family)
        local = f'{given}.{family}{n}'.lower().translate(str.maketrans('øåæöäü', 'oaaoau')).encode('ascii', 'ignore').decode()
        street = f'{pick(STREETS)} {r.randint(1, 190)}{pick(["", "", " B"])}'
        return {'given': given, 'family': family, 'email': f'{local}@example.{pick(["org", "com", "net"])}', 'phone': f'2{r.randint(1000000, 9999999)}',
                'number': number, 'customer': str(100000 + 7 * n), 'street': street, 'place': pick(PLACES),
                'born': f'19{number[4:6]}-{number[2:4]}-{number[:2]}'}

    # What was planted where.
    def plant(self, person: dict, path: str, kinds: str, where: dict, member: str | None = None) -> None:
        values = {'email': ('email', person['email']), 'phone': ('phone', '+47' + person['phone']), 'number': ('no_fodselsnummer', person['number']),
                  'customer': ('customer_number', person['customer'])}
        for kind in kinds.split():
            name, value = values[kind]
            self.lines.append({'path': path, 'member': member, 'kind': name, 'value': value, 'country': 'NO', **where})

    def named(self, person: dict, path: str, where: dict, member: str | None = None) -> None:
        line = {'path': path, 'member': member, 'kind': 'person_name', 'country': 'NO', **where}
        self.lines.append({**line, 'value': f"{person['given']} {person['family']}"})

    def reached(self, person: dict, path: str, kinds: str, where: dict) -> None:
        """A record without an identifier that a key of the person's records leads to."""
        self.plant(person, path, kinds, {**where, 'by': 'key'})

    def some(self, share: float) -> list[dict]:
        return [p for p in self.persons if self.random.random() < share]

    # How people and programs write.
    def phone(self, p: dict) -> str:
        d = p['phone']
        return self.random.choice([d, f'+47 {d[:2]} {d[2:4]} {d[4:6]} {d[6:]}', f'{d[:2]} {d[2:4]} {d[4:6]} {d[6:]}', f'0047{d}', f'+47{d}', f'47{d}', f'{d[:3]} {d[3:5]} {d[5:]}'])

    def number(self, p: dict) -> str:
        d = p['number']
        return self.random.choice([d, f'{d[:6]} {d[6:]}', f'{d[:6]}-{d[6:]}', f'{d[:2]}{d[2:4]}{d[4:6]} {d[6:9]} {d[9:]}', d.lstrip('0')])

    def email(self, p: dict) -> str:
        local, domain = p['email'].split('@')
        return self.random.choice([p['email'], p['email'].upper(), p['email'].title(), f'{local}+nyhet@{domain}'])

    def name(self, p: dict) -> str:
        g, f = p['given'], p['family']
        ascii_ = lambda t: t.replace('ø', 'oe').replace('å', 'aa').replace('æ', 'ae').replace('Ø', 'Oe').replace('Å', 'Aa').replace('Æ', 'Ae')
        return self.random.choice([f'{g} {f}', f'{f}, {g}', f'{g} {f}'.upper(), ascii_(f'{g} {f}')])

    def write(self, path: str, text: str, encoding: str = 'utf-8') -> None:
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode(encoding, 'replace'))

    # The files.
    def customers(self) -> None:
        for part in range(3):
            path, people = f'salg/kunder_{part}.csv', self.some(0.4)
            rows = ['Kundenr;Fornavn;Etternavn;E-post;Mobil;Adresse;Postnr;Poststed;Fødselsdato']
            for row, p in enumerate(people, 1):
                born = '.'.join(reversed(p['born'].split('-')))
                rows.append(';'.join([p['customer'], p['given'], p['family'], self.email(p), self.phone(p), p['street'], *p['place'], born]))
                self.plant(p, path, 'email phone customer', {'row': row})
                self.named(p, path, {'row': row})
            self.write(path, '\n'.join(rows) + '\n', ['utf-8', 'cp1252', 'utf-16'][part])

    def payroll(self) -> None:
        path, rows = 'hr/lønn 2026.tsv', ['Ansattnr\tNavn\tFødselsnummer\tFagforening\tLønn']
        for row, p in enumerate(self.some(0.5), 1):
            rows.append('\t'.join([str(row + 3000), self.name(p), self.number(p), self.random.choice(['Fagforbundet', 'NITO', '']), '512000']))
            self.plant(p, path, 'number', {'row': row})
            self.named(p, path, {'row': row})
        self.write(path, '\n'.join(rows) + '\n')

    def dump(self) -> None:
        path, people = 'backup/crm.sql', self.some(0.5)
        quote = lambda text: "'" + text.replace("'", "''") + "'"
        lines = ['CREATE TABLE customers (customer_id int, full_name text, email text, phone text);']
        for row, p in enumerate(people, 1):
            lines.append(f"INSERT INTO customers VALUES ({p['customer']}, {quote(self.name(p))}, {quote(self.email(p))}, {quote(self.phone(p))});")
            self.plant(p, path, 'email phone customer', {'row': row, 'table': 'customers'})
            self.named(p, path, {'row': row, 'table': 'customers'})
        lines.append('CREATE TABLE orders (order_no int, customer_id int, item text, amount int);')
        for row in range(1, 3 * len(people)):
            p = self.random.choice(people)
            lines.append(f"INSERT INTO orders VALUES ({9000000 + row}, {p['customer']}, 'Bord', {self.random.randint(1, 5000)});")
            self.reached(p, path, 'email phone customer', {'row': row, 'table': 'orders'})
        self.write(path, '\n'.join(lines) + '\n')

    def database(self) -> None:
        path = 'db/klinikk.db'
        (self.tree / 'db').mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self.tree / path)
        db.execute('CREATE TABLE pasienter (id INTEGER PRIMARY KEY, navn TEXT, fodselsdato TEXT, personnr TEXT, diagnose TEXT)')
        for row, p in enumerate(self.some(0.4), 1):
            d = p['number']
            db.execute('INSERT INTO pasienter VALUES (?,?,?,?,?)', (row, self.name(p), self.random.choice([d[:6], p['born']]), d[6:], 'J45.0'))
            self.plant(p, path, 'number', {'row': row, 'table': 'pasienter'})
            self.named(p, path, {'row': row, 'table': 'pasienter'})
        db.commit(); db.close()

    def marketing(self) -> None:
        path, rows = 'marked/eksport.csv', ['email_sha256,segment,score']
        for row, p in enumerate(self.some(0.4), 1):
            rows.append(f"{hashlib.sha256(p['email'].encode()).hexdigest()},B,{self.random.randint(1, 99)}")
            self.plant(p, path, 'email', {'row': row})
        self.write(path, '\n'.join(rows) + '\n')

    def events(self) -> None:
        path, lines = 'logg/hendelser.ndjson', []
        for row, p in enumerate(self.some(0.4), 1):
            lines.append(json.dumps({'ts': f'2026-10-0{row % 9 + 1}T10:00:00Z', 'user': {'mail': self.email(p), 'msisdn': self.phone(p)}, 'action': 'login'}))
            self.plant(p, path, 'email phone', {'row': row})
        self.write(path, '\n'.join(lines) + '\n')

    def log(self) -> None:
        path, lines = 'logg/app.log', []
        for line in range(1, 1500):
            if self.random.random() < 0.25:
                p = self.random.choice(self.persons)
                address = self.random.choice([p['email'], p['email'].replace('@', '%40')])
                lines.append(f'2026-10-01 10:00:{line % 60:02} INFO mail sent to={address} in {line} ms')
                self.plant(p, path, 'email', {'line': line})
            else:
                lines.append(f'2026-10-01 10:00:{line % 60:02} INFO request {10000000 + line * 37} served in {line} ms')
        self.write(path, '\n'.join(lines) + '\n')

    def letters(self) -> None:
        for n, p in enumerate(self.some(0.25)):
            path, other = f'brev/brev_{n:03}.txt', self.random.choice(self.persons)
            what = self.random.choice(['email', 'phone', 'number'])
            said = {'email': f'e-post {self.email(p)}', 'phone': f'telefon {self.phone(p)}', 'number': f'fødselsnummer {self.number(p)}'}[what]
            text = f"{self.name(p)}\n{p['street']}\n{' '.join(p['place'])}\n\nVi viser til samtalen og har registrert {said}.\n" \
                   f"Saken er oversendt {other['given']} {other['family']}.\n"
            self.write(path, text)
            self.plant(p, path, what, {})

    def mailbox(self) -> None:
        path, messages = 'epost/arkiv.mbox', []
        for number, p in enumerate(self.some(0.25), 1):
            messages.append(f"From - Thu Oct 01 10:00:00 2026\nFrom: {p['given'].encode('ascii', 'ignore').decode()} <{self.email(p)}>\nTo: post@example.org\n"
                            f"Subject: Sak {number}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
                            f"Hei, ring meg på {self.phone(p)}.\n\nHilsen {p['given']}\n\n")
            self.plant(p, path, 'email phone', {'message': number})
        self.write(path, ''.join(messages))

    def archive(self) -> None:
        path, member, rows = 'arkiv/gammel.zip', 'eksport/medlemmer.csv', ['Medlemsnr,Navn,Telefon,Fødselsnr']
        for row, p in enumerate(self.some(0.3), 1):
            rows.append(','.join([str(500 + row), f"{p['given']} {p['family']}", self.phone(p), self.number(p)]))
            self.plant(p, path, 'phone number', {'row': row}, member)
            self.named(p, path, {'row': row}, member)
        (self.tree / 'arkiv').mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(self.tree / path, 'w', zipfile.ZIP_DEFLATED) as z:
            z.writestr(member, '\n'.join(rows) + '\n')

    def noise(self) -> None:
        """Numbers and words that are nobody's."""
        rows = ['ordrenr;postnr;beløp;varenr;kommentar']
        rows += [f'{self.random.randint(10**7, 10**8 - 1)};{self.random.choice(PLACES)[0]};{self.random.randint(1, 9999)};{self.random.randint(10**10, 10**11 - 1)};'
                 f'{self.random.choice(self.family)} {self.random.choice(STREETS)}' for _ in range(3000)]
        self.write('lager/ordre.csv', '\n'.join(rows) + '\n')


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('tool'); args.add_argument('out', type=pathlib.Path)
    args.add_argument('--seed', type=int, default=1); args.add_argument('--persons', type=int, default=500)
    a = args.parse_args()
    maker = Maker(a.tool, a.out, a.seed, a.persons)
    for make in (maker.customers, maker.payroll, maker.dump, maker.database, maker.marketing, maker.events, maker.log, maker.letters, maker.mailbox,
                 maker.archive, maker.noise):
        make()
    (a.out / 'truth.jsonl').write_text('\n'.join(json.dumps(l, ensure_ascii=False) for l in maker.lines) + '\n')


if __name__ == '__main__':
    main()
