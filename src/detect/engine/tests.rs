//! The engine finds what each pattern finds alone, wherever a text is cut.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use regex_automata::hybrid::dfa::{Cache, DFA, OverlappingState};
use regex_automata::{Anchored, Input, MatchKind, meta};

use super::bounds::ends_here;
use super::shape::driving_byte;
use super::*;
use crate::detect::rules::{Rules, Selection};

fn all(engine: &Engine, text: &str) -> Vec<(u16, String)> {
    let mut out = Vec::new();
    engine.find(text.as_bytes(), 0, text.len(), |c: Candidate| {
        out.push((c.pattern, text[c.start..c.end].to_owned()));
    });
    out
}

#[test]
fn patterns_are_found_at_word_starts_and_end_at_boundaries() {
    let e = Engine::new(&[(0, r"\d{6}[ -]?\d{5}"), (7, r"[A-Z]{2}\d{2}")]).unwrap();
    assert_eq!(all(&e, "x 010101-12345, NO12"), [(0, "010101-12345".into()), (7, "NO12".into())]);
    assert!(all(&e, "a01010112345 010101123456 01010112345ø").is_empty());
    assert_eq!(all(&e, "id_01010112345").len(), 1);
}

#[test]
fn a_driven_pattern_starts_as_far_left_as_it_can() {
    let e = Engine::new(&[(3, r"[a-z.]{1,40}@[a-z]{1,20}\.[a-z]{2,5}")]).unwrap();
    assert_eq!((e.beside.len(), e.driven.len()), (0, 1));
    assert_eq!(all(&e, "to ola.n@x.no, b@y.dk"), [(3, "ola.n@x.no".into()), (3, "b@y.dk".into())]);
    assert!(all(&e, "@x.no a@").is_empty());
}

#[test]
fn what_leads_to_a_driving_byte_may_have_a_shape_of_its_own() {
    let e = Engine::new(&[(3, r"[A-Z][a-z.]{0,40}@[a-z]{1,20}")]).unwrap();
    assert_eq!((e.beside.len(), e.driven.len()), (0, 1));
    assert_eq!(all(&e, "to Ola.n@x, b.@y; a.B@z"), [(3, "Ola.n@x".into()), (3, "B@z".into())]);
}

/// Of digits in a row it is looked up where the automaton is behind all of them.
#[test]
fn rows_of_digits_are_found_by_their_number_and_by_each_digit() {
    let patterns =
        [r"\d{8,9}", r"[0-3]\d[01]\d{3}-\d", r"18005\d{6,40}x", r"\d{3} \d\d", r"7\d{30,60}"];
    let numbered: Vec<_> = (0..).zip(patterns).collect();
    let e = Engine::new(&numbered).unwrap();
    let long = format!("7{}", "3".repeat(50));
    for (text, pattern) in [
        ("12345678", 0),
        ("123456789", 0),
        ("311299-1", 1),
        ("18005123456789012345678901234567890123x", 2),
        ("123 45", 3),
        (&long, 4),
    ] {
        for text in [text.to_owned(), format!("{}{text},", " ".repeat(61))] {
            let found = all(&e, &text);
            assert_eq!(found, [(pattern, text.trim_matches([' ', ',']).to_owned())], "{text}");
        }
    }
    assert!(all(&e, "1234567 312299-1 18004123456789x 1234567890 12 34").is_empty());
}

/// More places and more ends than fit into one round, at the end of the text as well.
#[test]
fn rounds_and_the_end_of_the_text_make_no_difference() {
    let e = Engine::new(&[(0, r"\d(?: \d){0,9}"), (1, r"[a-z]{3}")]).unwrap();
    for count in [1, 7, 500, 513, 3000] {
        let text = vec!["1"; count].join(" ") + " abc";
        let found = all(&e, &text);
        let longest = (0..count).map(|i| (0, vec!["1"; (count - i).min(10)].join(" ")));
        assert_eq!(found, longest.chain([(1, "abc".to_owned())]).collect::<Vec<_>>(), "{count}");
    }
}

/// Wants nothing more once something was found, which is known only after runs side by side.
struct First(Vec<Candidate>);

impl Look for &mut First {
    fn wants(&mut self, _at: usize) -> bool {
        self.0.is_empty()
    }

    fn found(&mut self, start: usize, end: usize, patterns: &[u16]) {
        self.0.extend(patterns.iter().map(|&pattern| Candidate { start, end, pattern }));
    }
}

#[test]
fn what_is_of_no_use_any_more_is_not_told() {
    for (text, found) in [("123 456 @ 789", 2), ("a@b c@d 123", 1)] {
        let e = Engine::new(&[(0, r"\d{3}"), (1, r"\d{2,3}"), (2, "[a-z]{1,20}@[a-z]")]).unwrap();
        assert_eq!((e.beside.len(), e.driven.len()), (1, 0));
        let mut first = First(Vec::new());
        e.find(text.as_bytes(), 0, text.len(), &mut first);
        assert_eq!(first.0.len(), found, "{text}");
        assert!(first.0.iter().all(|c| c.start == 0), "{text}");
    }
}

#[test]
fn the_cell_mark_ends_every_match() {
    let e = Engine::new(&[(0, r"a[^x]{1,9}b")]).unwrap();
    assert!(all(&e, "a1\u{1E}2b").is_empty());
    assert_eq!(all(&e, "a1-2b").len(), 1);
}

#[test]
fn anchors_at_the_ends_ask_for_what_is_added_anyway() {
    let bare = parse(r"AC-\d{6}").unwrap();
    for pattern in [
        r"^AC-\d{6}$",
        r"AC-\d{6}$",
        r"\AAC-\d{6}\z",
        r"(?m)^AC-\d{6}$",
        r"(?Rm)^AC-\d{6}$",
        r"^(AC-\d{6})$",
        r"(?:^)AC-\d{6}(?:$)",
    ] {
        assert_eq!(parse(pattern).unwrap(), bare, "{pattern}");
    }
    let e = Engine::new(&[(0, r"^AC-\d{6}$|^AB-\d{4}$"), (1, r"(?:^| )K\d{4}(?: |$)")]).unwrap();
    assert_eq!(
        all(&e, "\x1eAC-123456\x1eAB-1234\n"),
        [(0, "AC-123456".into()), (0, "AB-1234".into())]
    );
    assert_eq!(all(&e, "K1234\x1e"), [(1, "K1234".into())]);
    for pattern in [r"AC^\d{6}", r"AC$-\d{6}", r"\zAC", r"(?:^AC){2}", r"(?m)AC$\n^\d{6}"] {
        let said = parse(pattern).unwrap_err().to_string();
        assert!(said.contains("at its ends only"), "{pattern}: {said}");
    }
}

#[test]
fn letters_beyond_ascii_in_a_class_are_refused_with_what_to_write() {
    let said = parse("[A-ZÆØÅ]{3}").unwrap_err().to_string();
    assert!(said.contains(r"\p{Lu}") && said.contains("(?:[a-z]|æ|ø|å)"), "{said}");
    let e = Engine::new(&[(0, "(?:[a-z]|æ|ø|å){3}[0-9]")]).unwrap();
    assert_eq!(all(&e, "bør1 x"), [(0, "bør1".into())]);
}

#[test]
fn a_pattern_without_a_bound_is_refused() {
    assert!(Engine::new(&[(0, r"\d+")]).is_err());
    assert!(Engine::new(&[(0, r"a?")]).is_err());
    assert!(is_whole(r"\d{3}|\d{3}-\d", b"123-4").unwrap());
}

proptest::proptest! {
    #[test]
    fn cutting_a_text_changes_nothing(text in "[0-9a-z@. -]{0,200}", cut in 0usize..200) {
        let e = Engine::new(&[(0, r"\d{3,9}"), (1, r"[a-z.]{1,40}@[a-z]{1,20}\.[a-z]{2,5}")]).unwrap();
        let cut = cut.min(text.len());
        let mut whole = Vec::new();
        e.find(text.as_bytes(), 0, text.len(), |c: Candidate| whole.push(c));
        let mut parts = Vec::new();
        e.find(text.as_bytes(), 0, cut, |c: Candidate| parts.push(c));
        e.find(text.as_bytes(), cut, text.len(), |c: Candidate| parts.push(c));
        whole.sort();
        parts.sort();
        proptest::prop_assert_eq!(whole, parts);
    }
}

/// One pattern, searched for by the regex crate: no start is left out beforehand, no pattern stands beside it.
struct Alone {
    starts: meta::Regex,
    ends: DFA,
    driver: Option<u8>,
}

impl Alone {
    fn new(pattern: &str) -> Alone {
        let hir = parse(pattern).unwrap();
        let config = meta::Config::new().utf8_empty(false);
        let starts = meta::Builder::new().configure(config).build_from_hir(&hir).unwrap();
        let nfa = regex_automata::nfa::thompson::Compiler::new()
            .configure(regex_automata::nfa::thompson::Config::new().utf8(false))
            .build_from_hir(&hir)
            .unwrap();
        let config = DFA::config().match_kind(MatchKind::All).skip_cache_capacity_check(true);
        let ends = DFA::builder().configure(config).build_from_nfa(nfa).unwrap();
        Alone { starts, ends, driver: driving_byte(&hir).map(|drive| drive.byte) }
    }

    /// The longest match from every start that begins and ends at a boundary; of those round one driving byte
    /// the one that starts first.
    fn find(&self, text: &[u8]) -> Vec<(usize, usize)> {
        let mut cache = self.ends.create_cache();
        let mut found: Vec<(usize, usize)> = Vec::new();
        let mut from = 0;
        while let Some(start) =
            self.starts.find(Input::new(text).range(from..)).map(|found| found.start())
        {
            from = start + 1;
            let longest = starts_here(text, start).then(|| self.longest(&mut cache, text, start));
            found.extend(longest.flatten().map(|end| (start, end)));
            if from > text.len() {
                break;
            }
        }
        let Some(byte) = self.driver else { return found };
        let mut driven = Vec::new();
        for at in memchr::memchr_iter(byte, text) {
            let round = |&&(start, end): &&(usize, usize)| start < at && at < end;
            let lowest = at.saturating_sub(MAX_MATCH);
            driven.extend(found.iter().filter(|m| m.0 >= lowest).find(round));
        }
        driven
    }

    fn longest(&self, cache: &mut Cache, text: &[u8], start: usize) -> Option<usize> {
        let input = Input::new(text).range(start..).anchored(Anchored::Yes);
        let (mut state, mut longest) = (OverlappingState::start(), None);
        loop {
            self.ends.try_search_overlapping_fwd(cache, &input, &mut state).unwrap();
            let Some(end) = state.get_match().map(|m| m.offset()) else { return longest };
            longest = if ends_here(text, end) { Some(end) } else { longest };
        }
    }
}

/// The patterns of all detectors, those for running text as well.
fn built_in() -> Vec<String> {
    let rules = Rules::load(&Selection::default()).unwrap();
    let of = |d: &crate::detect::rules::Detector| {
        let prose = d.prose.iter().flat_map(|p| p.patterns.clone());
        d.pattern.clone().into_iter().chain(prose).collect::<Vec<_>>()
    };
    rules.detectors.iter().flat_map(of).collect()
}

fn engine(patterns: &[String]) -> Engine {
    let numbered: Vec<_> = (0..).zip(patterns.iter().map(String::as_str)).collect();
    Engine::new(&numbered).unwrap()
}

fn differences(engine: &Engine, alone: &Alone, number: u16, text: &[u8]) -> Option<String> {
    let mut ours = Vec::new();
    engine.find(text, 0, text.len(), |c: Candidate| {
        if c.pattern == number {
            ours.push((c.start, c.end));
        }
    });
    ours.sort_unstable();
    let mut theirs = alone.find(text);
    theirs.sort_unstable();
    theirs.dedup();
    ours.dedup();
    (ours != theirs).then(|| format!("pattern {number}: {ours:?}, alone {theirs:?}"))
}

/// Values of a pattern's own syntax, whole and damaged, amid what may stand round them; nothing where it can make none.
fn values_of(pattern: &str, runner: &mut TestRunner) -> Option<Vec<u8>> {
    const ROUND: [&[u8]; 9] = [b" ", b"\n", b"x", b"=", b"\x1E", "ø".as_bytes(), b"7", b"-", b"_"];
    let values = proptest::string::bytes_regex(pattern).ok()?;
    let mut text = Vec::new();
    for i in 0..96 {
        let mut value = values.new_tree(runner).unwrap().current();
        let at = (i * 7) % value.len();
        match i % 4 {
            1 => value[at] = b'0' + (value[at] % 10),
            2 => drop(value.remove(at)),
            _ => {}
        }
        text.extend(if i % 3 == 0 { ROUND[i % ROUND.len()] } else { b" " });
        text.extend(&value);
        text.extend(if i % 3 == 1 { ROUND[i * 5 % ROUND.len()] } else { b"\n" });
    }
    Some(text)
}

#[test]
fn every_built_in_pattern_is_found_as_if_it_were_alone() {
    let patterns = built_in();
    assert!(patterns.len() > 100, "{} patterns", patterns.len());
    let engine = engine(&patterns);
    let mut runner = TestRunner::deterministic();
    let (mut looked_at, mut without) = (0, 0);
    for (number, pattern) in (0..).zip(&patterns) {
        let Some(text) = values_of(pattern, &mut runner) else {
            without += 1;
            continue;
        };
        let alone = Alone::new(pattern);
        looked_at += alone.find(&text).len();
        assert_eq!(differences(&engine, &alone, number, &text), None, "{pattern}");
    }
    assert!(looked_at > 1000, "only {looked_at} values were compared");
    assert!(without < 20, "{without} patterns cannot make values");
}

/// They meet more states than are kept, in an order of their own each, while others still run in those given up.
#[test]
fn threads_that_learn_together_find_what_one_finds() {
    let patterns = built_in();
    let mut runner = TestRunner::deterministic();
    let texts: Vec<Vec<u8>> = patterns.iter().filter_map(|p| values_of(p, &mut runner)).collect();
    let found = |engine: &Engine, text: &[u8]| {
        let mut found = Vec::new();
        engine.find(text, 0, text.len(), |c: Candidate| found.push(c));
        found
    };
    let one = engine(&patterns);
    let expected: Vec<_> = texts.iter().map(|text| found(&one, text)).collect();
    assert!(expected.iter().map(Vec::len).sum::<usize>() > 1000);
    let shared = engine(&patterns);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (texts, expected, shared) = (&texts, &expected, &shared);
            scope.spawn(move || {
                for i in (0..texts.len()).map(|i| (i * 7 + thread * 29) % texts.len()) {
                    assert_eq!(found(shared, &texts[i]), expected[i], "text {i}");
                }
            });
        }
    });
}

/// The same on any file: `DATAKART_CORPUS=FILE cargo test --release --lib as_if_it_were_alone -- --ignored`.
#[test]
#[ignore = "needs a corpus, and minutes"]
fn a_corpus_is_searched_as_if_every_pattern_were_alone() {
    let text = std::fs::read(std::env::var("DATAKART_CORPUS").unwrap()).unwrap();
    let patterns = built_in();
    let engine = engine(&patterns);
    let mut ours = vec![Vec::new(); patterns.len()];
    engine.find(&text, 0, text.len(), |c: Candidate| {
        ours[usize::from(c.pattern)].push((c.start, c.end))
    });
    let mut all = 0;
    for (pattern, mut ours) in patterns.iter().zip(ours) {
        let mut theirs = Alone::new(pattern).find(&text);
        ours.sort_unstable();
        ours.dedup();
        theirs.dedup();
        all += theirs.len();
        assert!(ours == theirs, "{} and {} matches of {pattern}", ours.len(), theirs.len());
    }
    println!("{all} matches of {} patterns, no difference", patterns.len());
}
