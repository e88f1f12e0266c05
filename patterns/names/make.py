#!/usr/bin/env python3
"""Makes patterns/names/{given,family,words}.txt: names of persons, folded as src/detect/fold.rs folds, sorted bytewise.

Source: the name lists of the Python package Faker (MIT licence, https://pypi.org/project/Faker/), which collects
them per country from name statistics; all locales in Latin script but its large English list, which holds common
words, and those of Bulgaria, Greece and Ukraine as they are and in Latin letters. more.txt beside this script has
frequent names of countries of which Faker has few, and what people are called for short in English, from what is
generally known of published name statistics, without those that are common words elsewhere (Hacer, Funda, Sunde); its
lines of `us_CENSUS` are the most frequent of the Census of 1990 (public domain) that dictionaries of a dozen
languages do not have as words. words.txt holds those of them that are English words, too (Debian's wamerican-small,
from SCOWL, public domain and BSD-like licences). Needs `pip install faker` and `apt install wamerican-small`. Run it
from the repository's root; the files are in the repository, so that a build needs neither this script nor Faker."""
import importlib
import unicodedata

from faker.config import AVAILABLE_LOCALES

SPECIAL = {"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
           "ħ": "h", "ς": "σ"}
# Months, weekdays, places, firms and words of letters and forms that are also somebody's name.
WORDS = set("""january february march april may june july august september october november december monday tuesday
wednesday thursday friday saturday sunday januar februar mars mai juni juli oktober desember dezember mandag tirsdag
norge sverige danmark europe europa america england france spain italia york london paris berlin roma oslo bergen
north south east west nord sud ost sor royal king queen prince saint sankt general major judge street road park lake
hill bank data test admin server user customer order total date name the and for und von och med for nei new old
green black white brown young long short day summer winter spring autumn man sun star rose-hotel central university
college school church hospital station airport center centre institute summit price bill mark-up ford royce bosch
hotel real my an as om te tu us el ha ey il me bill will can see else case type value note info error warning true false null none latin nikon solver meta paye stets bandera
ruban semen δημοσ""".split())


# Words above that are given names in more.txt.
GIVEN_ALL_THE_SAME = {"bill", "will"}

# Bulgarian letters as the Transliteration Act of 2009 writes them, Ukrainian ones as resolution 55 of 2010 does, Greek
# ones as ELOT 743 does.
BULGARIAN = dict(zip("абвгдежзийклмнопрстуфхцчшщъьюя", "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a y yu ya".split()))
UKRAINIAN = dict(zip("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя'", "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch _ iu ia _".split()))
UKRAINIAN_FIRST = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
GREEK = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split()))
GREEK_PAIRS = {"ου": "ou", "γγ": "ng", "γξ": "nx", "γχ": "nch"}
VOICELESS = "θκξπσςτφχψ"


def without_accents(text):
    return "".join(c for c in unicodedata.normalize("NFD", text) if c != "\u0301")


def latin(locale, name):
    """A name of Bulgaria, Ukraine or Greece in Latin letters."""
    name = name.lower()
    if locale == "uk_UA":
        first = UKRAINIAN_FIRST.get(name[0], UKRAINIAN.get(name[0], name[0]))
        rest = name[1:].replace("зг", "zgh")
        return first + "".join(UKRAINIAN.get(c, c) for c in rest).replace("_", "")
    if locale == "bg_BG":
        name = name[:-2] + "иа" if name.endswith("ия") else name
        return "".join(BULGARIAN.get(c, c) for c in name)
    name, out = without_accents(name), []
    while name:
        pair, behind = name[:2], name[2:3]
        if pair in ("αυ", "ευ", "ηυ"):
            out.append(GREEK[pair[0]] + ("f" if not behind or behind in VOICELESS else "v"))
        elif pair in GREEK_PAIRS:
            out.append(GREEK_PAIRS[pair])
        elif pair == "μπ" and not out:
            out.append("b")
        else:
            out.append(GREEK.get(name[0], name[0]))
            pair = name[0]
        name = name[len(pair):]
    return "".join(out)


def of_women(locale, name):
    """The names of a man's wife and daughters, where they have forms of their own and the list has few."""
    if locale == "pl_PL" and name.endswith(("ski", "cki", "dzki")):
        return [name[:-1] + "a"]
    if locale == "lt_LT":
        for end, daughter in (("ius", "iūtė"), ("us", "utė"), ("as", "aitė"), ("is", "ytė"), ("ys", "ytė")):
            if name.endswith(end):
                return [name[:-len(end)] + "ienė", name[:-len(end)] + daughter]
    if locale == "lv_LV":
        for end, woman in (("ņš", "ņa"), ("is", "e"), ("s", "a")):
            if name.endswith(end):
                return [name[:-len(end)] + woman]
    if locale == "sk_SK" and not name.endswith(("a", "á")):
        for end, woman in (("ý", "á"), ("ek", "ková"), ("o", "ová"), ("", "ová")):
            if name.endswith(end):
                return [name[:len(name) - len(end)] + woman]
    return []


def more():
    """Frequent names that Faker lacks, by locale and list: a line holds these two and then the names."""
    with open("patterns/names/more.txt", encoding="utf-8") as lines:
        return {(locale, prefix): names for locale, prefix, *names in map(str.split, lines)}


def fold(text):
    out = []
    for c in text.lower():
        out.append(SPECIAL.get(c) or "".join(d for d in unicodedata.normalize("NFD", c) if not "\u0300" <= d <= "\u036f"))
    return "".join(out)


def names(locale, prefix):
    yield from MORE.get((locale, prefix), [])
    try:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    except ModuleNotFoundError:
        return
    for attribute in dir(provider):
        # Poland's lists are called `unisex_last_names`.
        if attribute.startswith(prefix) or attribute.endswith(f"_{prefix}s"):
            value = getattr(provider, attribute)
            if isinstance(value, (tuple, list)) or hasattr(value, "keys"):
                yield from (n for n in value if isinstance(n, str))


def spellings(locale, prefix):
    for name in names(locale, prefix):
        name = name.replace("ʼ", "'")
        yield name
        if prefix == "last_name":
            yield from of_women(locale, name)
        # Short ones are words of other languages.
        if locale in NATIVE and len(name) > 4:
            yield latin(locale, name)


def is_plain(word, locale):
    plain = word.replace("-", "").replace("'", "")
    return plain.isalpha() and (plain.isascii() or locale in NATIVE)


def words(prefix):
    kept = set()
    for locale in set(AVAILABLE_LOCALES) | {locale for locale, _ in MORE}:
        if locale == "en":
            continue
        for name in spellings(locale, prefix):
            for word in name.replace("’", "'").split():
                folded = fold(word)
                is_other = folded in WORDS and not (prefix == "first_name" and folded in GIVEN_ALL_THE_SAME)
                if len(folded) >= 2 and is_plain(folded, locale) and not is_other:
                    kept.add(folded)
    return sorted(kept, key=str.encode)


def write(kind, lines):
    with open(f"patterns/names/{kind}.txt", "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")


# Words that other editions of the dictionary have, and short forms of names that are words of some language.
ALSO_WORDS = set("""ira mac pam bill chuck cliff deb ed gabby gus hal hank herb jen kat kip kit len marge nat ned norm pat peg
reg rod russ rusty sid tad val walt will woody""".split())
# Whose names are kept in their own script, too.
NATIVE = ("bg_BG", "el_GR", "uk_UA")
MORE = more()
given, family = words("first_name"), words("last_name")
english = {line.strip() for line in open("/usr/share/dict/american-english-small", encoding="utf-8")}
write("given", given)
write("family", family)
english |= ALSO_WORDS
write("words", sorted(english.intersection(given) | english.intersection(family), key=str.encode))
