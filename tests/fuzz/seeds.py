#!/usr/bin/env python3
"""Copies seeds for one format: seeds.py FORMAT INTO DIR..., files of up to 128 KiB by their extension."""
import hashlib
import pathlib
import sys

EXTENSIONS = {
    "zip": "zip jar docx", "tar": "tar", "compressed": "gz bz2 xz zst tgz", "7z": "7z",
    "docx": "docx docm dotx", "xlsx": "xlsx xlsm", "pptx": "pptx", "opendocument": "odt ods odp",
    "rtf": "rtf", "doc": "doc dot", "xls": "xls xlt", "ppt": "ppt", "msg": "msg",
    "eml": "eml msg", "mbox": "mbox mbx", "sqlite": "db sqlite sqlite3", "parquet": "parquet",
    "pg_dump": "dump backup", "pdf": "pdf", "sql_dump": "sql pgsql", "html": "html htm",
    "xml": "xml", "json": "json", "ndjson": "jsonl ndjson", "csv": "csv tsv dat", "vcard": "vcf",
    "dicom": "dcm", "ical": "ics", "ldif": "ldif", "hl7": "hl7", "gedcom": "ged", "mt940": "sta", "edi": "edi x12", "qif": "qif", "ofx": "ofx qfx", "spreadsheetml": "xml",
    "pst": "pst ost", "tnef": "tnef dat", "access": "mdb accdb", "spss": "sav zsav", "stata": "dta", "rdata": "rds rdata rda", "markdown": "md", "keyvalue": "yml yaml ini conf env",
}
MOST = 200
LONGEST = 128 << 10

name, into, *folders = sys.argv[1:]
wanted = {"." + e for e in EXTENSIONS.get(name, "").split()}
files = (f for d in folders for f in sorted(pathlib.Path(d).rglob("*")))
found = (f for f in files if name == "any" or f.suffix.lower() in wanted)
for _, file in zip(range(MOST), (f for f in found if f.is_file() and f.stat().st_size <= LONGEST)):
    data = file.read_bytes()
    (pathlib.Path(into) / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
