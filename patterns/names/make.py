#!/usr/bin/env python3
"""Makes patterns/names/{given,family,words}.txt: names of persons, folded as src/detect/fold.rs folds, sorted bytewise.

Source: the name lists of the Python package Faker (MIT licence, https://pypi.org/project/Faker/), which collects
them per country from name statistics; all locales in Latin script but its large English list, which holds common
words. words.txt holds those of them that are English words, too (Debian's wamerican-small, from SCOWL, public
domain and BSD-like licences). Needs `pip install faker` and `apt install wamerican-small`. Run it from the repository's root; the files are in the repository, so that a build
needs neither this script nor Faker."""
import importlib
import unicodedata

from faker.config import AVAILABLE_LOCALES

SPECIAL = {"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
# Months, weekdays, places, firms and words of letters and forms that are also somebody's name.
WORDS = set("""january february march april may june july august september october november december monday tuesday
wednesday thursday friday saturday sunday januar februar mars mai juni juli oktober desember dezember mandag tirsdag
norge sverige danmark europe europa america england france spain italia york london paris berlin roma oslo bergen
north south east west nord sud ost sor royal king queen prince saint sankt general major judge street road park lake
hill bank data test admin server user customer order total date name the and for und von och med for nei new old
green black white brown young long short day summer winter spring autumn man sun star rose-hotel central university
college school church hospital station airport center centre institute summit price bill mark-up ford royce bosch
hotel real my an as om te tu us el ha ey il me bill will can see else case type value note info error warning true false null none""".split())


def fold(text):
    out = []
    for c in text.lower():
        out.append(SPECIAL.get(c) or "".join(d for d in unicodedata.normalize("NFD", c) if not "\u0300" <= d <= "\u036f"))
    return "".join(out)


def names(locale, prefix):
    try:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    except ModuleNotFoundError:
        return
    for attribute in dir(provider):
        # Poland's lists are called `unisex_last_names`.
        if attribute.startswith(prefix) or attribute.endswith(f"_{prefix}s"):
            value = getattr(provider, attribute)
            if isinstance(value, (tuple, list)) or hasattr(value, "keys"):
                for name in (n for n in value if isinstance(n, str)):
                    yield name
                    # Polish women's names, where the list has the men's.
                    if locale == "pl_PL" and name.endswith(("ski", "cki", "dzki")):
                        yield name[:-1] + "a"


def words(prefix):
    kept = set()
    for locale in AVAILABLE_LOCALES:
        if locale == "en":
            continue
        for name in names(locale, prefix):
            for word in name.replace("’", "'").split():
                folded = fold(word)
                plain = folded.replace("-", "").replace("'", "")
                if len(folded) >= 2 and plain.isascii() and plain.isalpha() and folded not in WORDS:
                    kept.add(folded)
    return sorted(kept, key=str.encode)


def write(kind, lines):
    with open(f"patterns/names/{kind}.txt", "w", encoding="ascii") as out:
        out.write("\n".join(lines) + "\n")


given, family = words("first_name"), words("last_name")
english = {line.strip() for line in open("/usr/share/dict/american-english-small", encoding="utf-8")}
write("given", given)
write("family", family)
write("words", sorted(english.intersection(given) | english.intersection(family), key=str.encode))
