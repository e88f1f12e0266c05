#!/usr/bin/env python3
"""Presidio's pattern recognisers and datakart on the same files, scored alike.      peers.py DATAKART SCORE SHARE...

SCORE is the scorer (`score.py`), SHARE a labelled share (`tree`, `truth.jsonl`, `columns.jsonl`). Only text files are
compared, as Presidio takes plain text. All of Presidio's predefined pattern recognisers run, of all languages, with
its own thresholds and without a language model (which would find names, at its price). Prints a Markdown table.
Needs: pip install presidio-analyzer
"""
import json, pathlib, re, subprocess, sys, tempfile

from presidio_analyzer import PatternRecognizer, RecognizerRegistry

EXTENSIONS = 'csv,tsv,dat,txt,log,md,json,jsonl,ndjson,xml,html,sql,pgsql,vcf,ldif,ics,yml,yaml'
LANGUAGES = ['en', 'de', 'es', 'it', 'pl', 'fi', 'sv', 'ko', 'th', 'tr', 'nl', 'fr', 'pt', 'no', 'da']
KINDS = {
    'EMAIL_ADDRESS': 'email', 'PHONE_NUMBER': 'phone', 'IBAN_CODE': 'iban', 'CREDIT_CARD': 'payment_card', 'IP_ADDRESS': 'ip_address',
    'US_SSN': 'us_ssn', 'US_ITIN': 'us_itin', 'UK_NHS': 'gb_nhs', 'UK_NINO': 'gb_nino', 'ES_NIF': 'es_dni', 'ES_NIE': 'es_dni',
    'IT_FISCAL_CODE': 'it_codice_fiscale', 'PL_PESEL': 'pl_pesel', 'FI_PERSONAL_IDENTITY_CODE': 'fi_hetu', 'MAC_ADDRESS': 'mac_address',
    'SE_PERSONNUMMER': 'se_personnummer', 'DE_TAX_ID': 'de_steuer_id', 'DE_SOCIAL_SECURITY': 'de_rvnr', 'DATE_TIME': 'date_of_birth',
}


def recognisers() -> list[PatternRecognizer]:
    registry = RecognizerRegistry(supported_languages=LANGUAGES)
    registry.load_predefined_recognizers(languages=LANGUAGES)
    return [r for r in registry.recognizers if hasattr(r, 'analyze') and (isinstance(r, PatternRecognizer) or 'Phone' in r.name)]


def presidio(tree: pathlib.Path, out: pathlib.Path) -> None:
    """Everything Presidio reports, in the scorer's neutral form; dates are left out, as they are no birth dates."""
    found, all_of_them = set(), recognisers()
    for path in sorted(p for p in tree.rglob('*') if p.suffix[1:] in EXTENSIONS.split(',') and p.is_file()):
        text = path.read_bytes().decode('utf-8', 'replace')
        for r in all_of_them:
            for result in r.analyze(text, r.supported_entities, None) or []:
                kind = KINDS.get(result.entity_type, result.entity_type.lower())
                if kind != 'date_of_birth' and result.score > 0:
                    found.add((str(path.relative_to(tree)), kind, text[result.start:result.end]))
    out.write_text(''.join(json.dumps({'path': p, 'kind': k, 'value': v}, ensure_ascii=False) + '\n' for p, k, v in sorted(found)))


def table(score: str) -> dict[str, list[str]]:
    """Precision, recall and F1 per kind at value level."""
    part = score.split('## value level', 1)[1].split('\n## ', 1)[0]
    rows = re.findall(r'^\| \**([\w]+)\** \|(.*)\|$', part, re.M)
    return {kind: [c.strip() for c in cells.split('|')][-3:] for kind, cells in rows}


def main() -> None:
    tool, scorer, *shares = sys.argv[1:]
    for share in map(pathlib.Path, shares):
        tree, common = share / 'tree', ['--no-members', '--ext', EXTENSIONS]
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = pathlib.Path(folder) / 'ours', pathlib.Path(folder) / 'theirs.jsonl'
            subprocess.run([tool, 'scan', tree, '--findings', '--reveal', '--out', ours, '-q', '--no-progress'], check=False, stderr=subprocess.DEVNULL)
            presidio(tree, theirs)
            run = lambda findings, *more: table(subprocess.run([sys.executable, scorer, '--truth', share, '--findings', findings, *more, *common], capture_output=True, text=True, check=True).stdout)
            a, b = run(ours, '--format', 'datakart', '--root', str(tree)), run(theirs)
        print(f'\n### {share.name}\n\n| kind | datakart P / R / F1 | Presidio P / R / F1 |\n|---|---|---|')
        for kind in sorted((set(a) | set(b)) - {'micro'}) + ['micro']:
            if kind not in ('macro', 'kind') and (a.get(kind, ['', '-', ''])[1] != '-' or kind == 'micro'):
                print(f'| {kind} | {" / ".join(a.get(kind, ["-"] * 3))} | {" / ".join(b.get(kind, ["-"] * 3))} |')


if __name__ == '__main__':
    main()
