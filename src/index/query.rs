//! A query: what a file has to hold for a search to find anything in it, asked of the file's filter.

use super::filter::Filters;
use super::gather::digest;
use super::words;
use crate::subject::{Kind, Mark, Sought, normal, traces};

/// Sets of digests, of which a file has to hold one as a whole.
pub struct Query {
    sets: Vec<Vec<u64>>,
    /// Whether something is sought that no word stands for: then every file may hold it.
    is_open: bool,
}

/// Marks that no search lists by themselves, see [`crate::subject::Marks::are_worth_a_look`].
const BESIDE_OTHERS: [Mark; 5] =
    [Mark::Given, Mark::Family, Mark::BirthDate, Mark::IdHead, Mark::IdTail];

/// Pairs of these that are listed.
const PAIRS: [[Mark; 2]; 2] = [[Mark::Given, Mark::Family], [Mark::BirthDate, Mark::Family]];
/// The parts of a national number in two columns. Both stand in every large file by chance, so that a part of the name is
/// asked for as well: a table with neither that nor another value of the person is not opened.
const SPLIT: [[Mark; 3]; 4] = [
    [Mark::IdHead, Mark::IdTail, Mark::Given],
    [Mark::IdHead, Mark::IdTail, Mark::Family],
    [Mark::BirthDate, Mark::IdTail, Mark::Given],
    [Mark::BirthDate, Mark::IdTail, Mark::Family],
];

impl Query {
    /// What a search for this asks of an index under this key.
    #[must_use]
    pub fn new(sought: &Sought, key: &[u8; 16]) -> Query {
        let digests = |words: &[&[u8]]| words.iter().map(|w| digest(key, w)).collect::<Vec<u64>>();
        let traces = traces(&sought.values);
        let with = |wanted: Mark| {
            traces.iter().filter(move |(mark, _)| *mark == wanted).map(|t| t.1.as_bytes())
        };
        let alone = traces.iter().filter(|(mark, _)| !BESIDE_OTHERS.contains(mark));
        let with_marker = |(mark, word): &(Mark, String)| {
            let is_masked = *mark == Mark::NationalIdPart;
            let marker = is_masked.then_some(words::MASKED);
            let marker = marker.or_else(|| words::hash_marker(word.as_bytes()));
            let all: Vec<&[u8]> = marker.into_iter().chain([word.as_bytes()]).collect();
            digests(&all)
        };
        let mut sets: Vec<Vec<u64>> = alone.map(with_marker).collect();
        let together =
            PAIRS.iter().map(|pair| &pair[..]).chain(SPLIT.iter().map(|three| &three[..]));
        for marks in together {
            let words: Vec<Vec<&[u8]>> = marks.iter().map(|mark| with(*mark).collect()).collect();
            sets.extend(choices(&words).iter().map(|words| digests(words)));
        }
        let mut is_open = false;
        let mut whole = |parts: Vec<Vec<u8>>| {
            is_open |= parts.is_empty();
            sets.push(parts.iter().map(|part| digest(key, part)).collect());
        };
        for (kind, value) in
            sought.values.iter().flat_map(|(k, all)| all.iter().map(move |v| (k, v)))
        {
            // Of the other kinds all ways to write a value are among the traces.
            let is_free = matches!(kind, Kind::CustomerNumber | Kind::EmployeeNumber | Kind::Plate);
            let is_asked = |parts: &Vec<_>| *kind == Kind::Username || (is_free && is_told(parts));
            let forms = normal::normalise(*kind, value);
            let parts = forms.iter().map(|form| stretches(form)).chain([words::parts(value)]);
            parts.filter(is_asked).for_each(&mut whole);
        }
        sought.keys.iter().for_each(|key| whole(words::parts(&key.value)));
        Query { sets, is_open }
    }

    /// Whether a search may find something in a file with these filters.
    #[must_use]
    pub fn may_match(&self, filters: &Filters) -> bool {
        let held = |set: &Vec<u64>| set.iter().all(|digest| filters.may_hold(*digest));
        self.is_open || self.sets.iter().any(held)
    }
}

/// All ways to take one word of each list.
fn choices<'w>(lists: &[Vec<&'w [u8]>]) -> Vec<Vec<&'w [u8]>> {
    let Some((first, rest)) = lists.split_first() else { return vec![Vec::new()] };
    let rest = choices(rest);
    let with = |word: &&'w [u8]| {
        rest.iter().map(|rest| [&[*word], &rest[..]].concat()).collect::<Vec<_>>()
    };
    first.iter().flat_map(with).collect()
}

/// Whether parts tell a value that joining does not give: with a word longer than the groups of a number, or with no
/// digits at all.
fn is_told(parts: &[Vec<u8>]) -> bool {
    let is_word =
        |part: &Vec<u8>| part.len() > words::LETTERS && !part.iter().any(u8::is_ascii_digit);
    parts.iter().any(is_word) || !parts.iter().flatten().any(u8::is_ascii_digit)
}

/// A code's stretches of letters and of digits, which are written apart as well.
fn stretches(form: &str) -> Vec<Vec<u8>> {
    let apart = |a: &u8, b: &u8| a.is_ascii_digit() == b.is_ascii_digit();
    let stretches = form.as_bytes().chunk_by(apart);
    stretches.flat_map(|part| words::parts(&String::from_utf8_lossy(part))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Gathered;
    use crate::subject::{HopKey, Profile};
    use crate::unit::Text;

    const KEY: [u8; 16] = [7; 16];

    fn filters(text: &str) -> Filters {
        let mut gathered = Gathered::new(KEY);
        gathered.text(&Text::whole(text.as_bytes(), 1, 0));
        gathered.finish().unwrap()
    }

    fn query(profile: &str) -> Query {
        let profile =
            Profile::parse(&format!("case = \"1\"\ncountry = \"NO\"\n{profile}")).unwrap();
        Query::new(&Sought::new(&profile, [0; 32]), &KEY)
    }

    #[test]
    fn whatever_tells_the_person_opens_the_file() {
        for (profile, texts) in [
            (
                "names = [\"Kåre Bjørnøy\"]",
                &["BJOERNOEY, kaare", "K. Bjørnøy", "Kåre x x x x x x Bjørnøy"][..],
            ),
            (
                "emails = [\"o.n@example.org\"]",
                &["to=o.n%40example.org", "O.N+x@EXAMPLE.org", "O.N (at) example.org"],
            ),
            ("phones = [\"22 98 33 40\"]", &["22983340", "004722983340", "(+47) 22 98 33 40"]),
            (
                "names = [\"Kari Nordmann\"]\nnational_ids = [\"01019012345\"]",
                &["Nordmann 010190 og 12345"],
            ),
            ("national_ids = [\"01019012345\"]", &["010190 12345", "1019012345", "010190*****"]),
            ("ibans = [\"NO93 8601 1117 947\"]", &["8601.11.17947", "no9386011117947"]),
            ("accounts = [\"86011117947\"]", &["NO93 8601 1117 947"]),
            ("customer_numbers = [\"KUNDE-0012\"]", &["ref KUNDE-0012", "kunde 12", "KUNDE0012"]),
            ("usernames = [\"kari.no_2\"]", &["DOM\\kari.no_2"]),
            ("plates = [\"AB 12345\"]", &["ab-12345"]),
            (
                "names = [\"Kari Nordmann\"]\nbirth_date = 1990-01-31",
                &["Nordmann, 1990-01-31T00:00"],
            ),
        ] {
            let query = query(profile);
            for text in texts {
                assert!(query.may_match(&filters(text)), "{profile}: {text}");
            }
            assert!(!query.may_match(&filters("Ola Hansen, 1985-02-03, 22983341, a@example.org")));
        }
    }

    #[test]
    fn digests_of_exports_and_keys_of_records_open_it_too() {
        let md5 = "974B9F249DDC4BFAAD123713F44F9969";
        assert!(query("emails = [\"o.n@example.org\"]").may_match(&filters(md5)));
        let key = HopKey {
            concept: "customer".to_owned(),
            column: "kunde_id".to_owned(),
            value: "6f9619ff-8b86-d011-b42d-00c04fc964ff".to_owned(),
        };
        let sought = Sought { keys: vec![key], ..Sought::default() };
        let query = Query::new(&sought, &KEY);
        assert!(query.may_match(&filters("id 6F9619FF-8B86-D011-B42D-00C04FC964FF")));
        assert!(!query.may_match(&filters("id 6F9619FF-8B86-D011-B42D-00C04FC964FE")));
    }

    #[test]
    fn what_no_word_stands_for_opens_everything() {
        let mut sought =
            Sought { values: vec![(Kind::Username, vec!["+".to_owned()])], ..Sought::default() };
        assert!(Query::new(&sought, &KEY).may_match(&filters("nothing")));
        sought.values.clear();
        assert!(!Query::new(&sought, &KEY).may_match(&filters("nothing")));
    }

    #[test]
    fn without_the_key_a_filter_tells_nothing() {
        let text: Vec<String> = (0..2000).map(|i| format!("navn{i:05}@example.org")).collect();
        let held = filters(&text.join(" "));
        let answers = |key: &[u8; 16]| {
            text.iter().filter(|word| held.may_hold(digest(key, word.as_bytes()))).count()
        };
        assert_eq!(answers(&KEY), text.len());
        assert!(answers(&[8; 16]) < 30);
    }
}
