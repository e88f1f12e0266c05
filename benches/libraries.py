#!/usr/bin/env python3
"""Runs a library that finds personal data over the text files of a folder, for benches/speed.py.

    python3 benches/libraries.py presidio|scrubadub|datafog DIR

Each gets a file's text in one piece and does what it can without a language model, which would find names too, at its
price: Presidio with the pattern recognisers that it turns on by itself, of every language and each once, scrubadub with
its default detectors, DataFog with its regular expressions. Prints how many things of which kind it found.
Needs: pip install presidio-analyzer, scrubadub or datafog (in an environment of its own each)
"""

import collections
import pathlib
import sys


def presidio():
    sys.path.insert(0, str(pathlib.Path(__file__).parent / "accuracy"))
    from peers import recognisers

    # Those that every language shares come once per language.
    every = {type(one): one for one in recognisers()}.values()
    return lambda text: (r.entity_type for one in every for r in one.analyze(text, one.supported_entities, None) or [])


def scrubadub():
    import scrubadub

    scrubber = scrubadub.Scrubber()
    return lambda text: (filth.type for filth in scrubber.iter_filth(text))


def datafog():
    import datafog

    return lambda text: (entity.type for entity in datafog.scan(text, engine="regex").entities)


LIBRARIES = {"presidio": presidio, "scrubadub": scrubadub, "datafog": datafog}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in LIBRARIES:
        sys.exit(__doc__)
    find = LIBRARIES[sys.argv[1]]()
    found = collections.Counter()
    for path in sorted(pathlib.Path(sys.argv[2]).rglob("*")):
        if path.is_file():
            found.update(find(path.read_bytes().decode("utf-8", "replace")))
    for kind, n in found.most_common():
        print(kind, n)


if __name__ == "__main__":
    main()
