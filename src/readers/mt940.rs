//! MT940 and its kin: statements of bank accounts, each entry a row.
//!
//! SWIFT, "Standards MT, Category 9" (tags); Deutsche Kreditwirtschaft, "DFÜ-Abkommen, Anlage 3", chapter 8 (subfields of
//! tag 86 behind a question mark); the banks of the Netherlands have words between slashes there (`/NAME/…/IBAN/…`).

use super::lines::Lines;
use super::{Format, Head, Stop};
use crate::source::Source;
use crate::unit::Sink;

/// MT940 and MT942.
pub static FORMAT: Format = Format {
    id: "mt940",
    name: "MT940 account statements",
    extensions: &["sta", "mt940", "940"],
    fields: "tag.subfield",
    isolated: false,
    beside: &[],
    sniff,
    read,
};

/// A message starts with a reference, in the wrapping of SWIFT or not, and names an account.
fn sniff(head: &Head<'_>) -> bool {
    let has = |tag: &[u8]| memchr::memmem::find(head.bytes, tag).is_some();
    let start = head.trimmed();
    (start.starts_with(b":20:") || start.starts_with(b"{1:F01") && has(b"\n:20:"))
        && has(b"\n:25:")
        && [&b"\n:60F:"[..], b"\n:60M:", b"\n:34F:", b"\n:28C:"].iter().any(|tag| has(tag))
}

/// Subfields and words that tell of the other side.
const TOLD: &[(&str, &str)] = &[
    ("31", "account"),
    ("32", "payee"),
    ("33", "payee"),
    ("38", "account"),
    ("IBAN", "account"),
    ("NAME", "payee"),
    ("ABWA", "payee"),
    ("ABWE", "payee"),
    ("ADDR", "address"),
];
/// What may stand between slashes.
const WORDS: &[&str] = &[
    "TRTP", "IBAN", "BIC", "NAME", "ADDR", "REMI", "USTD", "STRD", "EREF", "KREF", "PREF", "IREF",
    "CREF", "MARF", "CSID", "ORDP", "BENM", "ULTD", "ULTC", "PURP", "RTRN", "ISDT", "SVCL", "CNTP",
];
/// Bytes that what stands behind a tag has at most; what comes then is text.
const LONGEST: usize = 16 << 10;

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let (mut tag, mut text, mut row) = (String::new(), Vec::new(), 0);
    while lines.advance()? {
        let found = tag_of(&lines.text).filter(|_| !lines.is_rest);
        let goes_on = found.is_none() && !tag.is_empty() && !ends(&lines.text);
        if goes_on && text.len() + lines.text.len() <= LONGEST {
            // Lines are cut wherever they are full.
            let is_whole = lines.text.starts_with(b"?") || lines.text.starts_with(b"/");
            if !is_whole && !is_in_subfields(&text) {
                text.push(b' ');
            }
            text.extend_from_slice(&lines.text);
            continue;
        }
        push(&tag, &text, row, sink);
        tag.clear();
        text.clear();
        match found {
            Some((name, rest)) => {
                row += u64::from(name == "61");
                name.clone_into(&mut tag);
                text.extend_from_slice(rest);
            }
            None => lines.push_text(sink),
        }
    }
    push(&tag, &text, row, sink);
    Ok(())
}

/// The tag that a line starts with, and what stands behind it.
fn tag_of(line: &[u8]) -> Option<(&str, &[u8])> {
    let line = line.strip_prefix(b":")?;
    let end = memchr::memchr(b':', line).filter(|end| (2..=3).contains(end))?;
    let (tag, rest) = (std::str::from_utf8(&line[..end]).ok()?, &line[end + 1..]);
    let is_tag = tag.bytes().take(2).all(|b| b.is_ascii_digit())
        && tag.bytes().skip(2).all(|b| b.is_ascii_uppercase());
    is_tag.then_some((tag, rest))
}

/// Whether a message ends with this line.
fn ends(line: &[u8]) -> bool {
    line.trim_ascii() == b"-" || line.starts_with(b"-}")
}

fn is_in_subfields(text: &[u8]) -> bool {
    text.get(3) == Some(&b'?')
}

/// Hands on what stands behind a tag.
fn push(tag: &str, text: &[u8], row: u64, sink: &mut Sink<'_>) {
    let mut value = |name: &str, value: &[u8]| {
        let told = TOLD.iter().find(|t| t.0 == name).map_or(name, |t| t.1);
        let value = value.trim_ascii();
        if !value.is_empty() {
            let slot = sink.slot(None, Some(&format!("{tag}.{told}")));
            sink.value(slot, row.max(1), value);
        }
    };
    match tag {
        "" => {}
        "25" | "25P" => value("account", text),
        "86" if is_in_subfields(text) => {
            for (name, text) in joined(subfields(text)) {
                value(&name, &text);
            }
        }
        "86" => worded(text).into_iter().for_each(|(name, text)| value(name, trimmed(text))),
        _ => {
            let slot = sink.slot(None, Some(tag));
            sink.value(slot, row.max(1), text.trim_ascii());
        }
    }
}

/// The subfields of an entry: two digits behind a question mark, and what stands behind them.
fn subfields(text: &[u8]) -> Vec<(&str, &[u8])> {
    let starts_here =
        |at: &usize| text[at + 1..].iter().take(2).filter(|b| b.is_ascii_digit()).count() == 2;
    let starts: Vec<usize> = memchr::memchr_iter(b'?', text).filter(starts_here).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let subfield = |(from, to): (&usize, usize)| {
        let name = std::str::from_utf8(&text[from + 1..from + 3]).unwrap_or_default();
        (name, &text[from + 3..to])
    };
    starts.iter().zip(ends).map(subfield).collect()
}

/// Subfields that go on in others are one: names, and what is written of the purpose, which has words of its own that
/// four letters and a plus sign name.
fn joined(subfields: Vec<(&str, &[u8])>) -> Vec<(String, Vec<u8>)> {
    let (mut name, mut purpose, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (number, text) in subfields {
        match number.parse() {
            Ok(32 | 33) => name.extend_from_slice(text),
            Ok(20..=29 | 60..=63) => purpose.extend_from_slice(text),
            _ => others.push((number.to_owned(), text.to_vec())),
        }
    }
    others.push(("32".to_owned(), name));
    let mut from = 0;
    let mut word = "purpose";
    for plus in memchr::memchr_iter(b'+', &purpose) {
        let word_at = plus.saturating_sub(4).max(from);
        let Some(next) = code(&purpose[word_at..plus]).filter(|word| word.len() == 4) else {
            continue;
        };
        others.push((word.to_owned(), purpose[from..word_at].to_vec()));
        (from, word) = (plus + 1, next);
    }
    others.push((word.to_owned(), purpose[from..].to_vec()));
    others
}

/// Words between slashes with what stands behind each; all of it is the purpose if there are none.
fn worded(text: &[u8]) -> Vec<(&str, &[u8])> {
    let mut parts = Vec::new();
    let (mut word, mut from, mut at) = ("purpose", 0, 0);
    while let Some(slash) = memchr::memchr(b'/', &text[at..]).map(|i| at + i) {
        let end = memchr::memchr(b'/', &text[slash + 1..]).map(|i| slash + 1 + i);
        match end.and_then(|end| Some((code(&text[slash + 1..end])?, end))) {
            Some((next, end)) if WORDS.contains(&next) => {
                parts.push((word, &text[from.min(slash)..slash]));
                (word, from, at) = (next, end + 1, end);
            }
            _ => at = slash + 1,
        }
    }
    parts.push((word, &text[from.min(text.len())..]));
    parts
}

/// What stands between slashes, without those that part it from the next.
fn trimmed(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"/").unwrap_or(text);
    text.strip_suffix(b"/").unwrap_or(text)
}

/// A word of three or four capitals that names what comes.
fn code(word: &[u8]) -> Option<&str> {
    let is_one = (3..=4).contains(&word.len()) && word.iter().all(u8::is_ascii_uppercase);
    std::str::from_utf8(word).ok().filter(|_| is_one)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::vcard::tests::read_by;
    use super::*;

    const TEXT: &str = ":20:STARTUMS\r\n:25:20041010/0123456\r\n:28C:0\r\n:60F:C261001EUR100,00\r\n\
        :61:2610021002D10,00N033NONREF\r\n:86:166?00GUTSCHRIFT?20EREF+77?21SVWZ+Beitrag fu\r\ner zwei?30XBANDE33\
        ?31DE89370400440532013000?32Katharina Mus?33termann\r\n:61:2610021002C1,00N\r\n\
        :86:/TRTP/SEPA/IBAN/NL91ABNA0417164300/NAME/J. de Vries\r\n/REMI/USTD//hallo/\r\n\
        :61:2610021002C1,00N\r\n:86:plain words\r\nof a bank\r\n:62F:C261002EUR90,00\r\n-\r\nbehind\r\n";

    #[test]
    fn entries_are_rows() {
        for step in 1..8 {
            let all = read_by(&FORMAT, TEXT.as_bytes(), step);
            assert_eq!(all.field(None, "25.account")[0].1, "20041010/0123456");
            assert_eq!(
                all.field(None, "86.payee"),
                [(1, "Katharina Mustermann".into()), (2, "J. de Vries".into())]
            );
            assert_eq!(
                all.field(None, "86.account"),
                [(1, "DE89370400440532013000".into()), (2, "NL91ABNA0417164300".into())]
            );
            assert_eq!(all.field(None, "86.SVWZ")[0].1, "Beitrag fuer zwei");
            assert_eq!(all.field(None, "86.USTD")[0].1, "hallo");
            assert_eq!(all.field(None, "86.purpose"), [(3, "plain words of a bank".into())]);
            assert_eq!(all.text(), "-behind");
        }
    }

    #[test]
    fn is_told() {
        let told = |t: &str| sniff(&Head::new(t.as_bytes(), true, ""));
        assert!(told(TEXT) && told(&format!("{{1:F01X}}{{2:I940X}}{{4:\r\n{TEXT}")));
        assert!(!told(":20:x\n") && !told("x\n:20:\n:25:\n:60F:\n") && !told(""));
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(prop::sample::select(b":?/+86A1 \nx-".to_vec()), 0..200), step in 1_usize..8) {
            read_by(&FORMAT, &[b":20:\n:86:166?00".as_slice(), &bytes].concat(), step);
        }
    }
}
