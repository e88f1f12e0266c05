//! Whether a table's first record is its header, and the names of its columns.

use std::collections::HashSet;

use crate::unit::Sink;

/// A column's name is cut to this many bytes.
const NAME: usize = 200;

/// Names that columns usually have: with all cells being text, they tell a header from a row.
const USUAL: &[&str] = &[
    "id",
    "nr",
    "no",
    "number",
    "nummer",
    "name",
    "navn",
    "namn",
    "nom",
    "nombre",
    "nome",
    "nazwa",
    "vorname",
    "nachname",
    "fornavn",
    "etternavn",
    "efternavn",
    "efternamn",
    "förnamn",
    "firstname",
    "lastname",
    "surname",
    "prénom",
    "imię",
    "nazwisko",
    "email",
    "mail",
    "epost",
    "telefon",
    "tlf",
    "mobil",
    "mobile",
    "phone",
    "tel",
    "adresse",
    "address",
    "adress",
    "street",
    "gate",
    "city",
    "by",
    "ort",
    "poststed",
    "sted",
    "town",
    "country",
    "land",
    "type",
    "status",
    "kode",
    "code",
    "kind",
    "category",
    "kategori",
    "title",
    "tittel",
    "titel",
    "description",
    "beskrivelse",
    "comment",
    "kommentar",
    "merknad",
    "note",
    "notes",
    "value",
    "verdi",
    "key",
    "date",
    "dato",
    "datum",
    "user",
    "username",
    "bruker",
    "brukernavn",
    "gender",
    "kjønn",
    "sex",
    "role",
    "rolle",
    "avdeling",
    "department",
    "state",
    "text",
    "tekst",
    "url",
    "kunde",
    "customer",
    "client",
    "ansatt",
    "employee",
    "firma",
    "company",
];

/// Rows that are looked at.
pub const SAMPLE: usize = 50;
/// Rows in which the header is looked for: titles and remarks stand above it.
const ABOVE: usize = 20;

/// The first row of the table proper: above it stand titles, which fill few cells.
pub fn top<C: AsRef<[u8]>, R: AsRef<[C]>>(rows: &[R]) -> usize {
    let is_filled = |cell: &&C| !cell.as_ref().trim_ascii().is_empty();
    let filled = |row: &R| row.as_ref().iter().filter(is_filled).count();
    let mut counts: Vec<usize> = rows.iter().map(filled).collect();
    counts.sort_unstable();
    let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
    if usual < 2 {
        return 0;
    }
    rows.iter().take(ABOVE).position(|r| filled(r) * 10 >= usual * 7).unwrap_or(0)
}

/// Whether the first record names the columns. One that holds personal data does not.
pub fn is_header<C: AsRef<[u8]>, R: AsRef<[C]>>(
    first: &[C],
    rest: &[R],
    sink: &mut Sink<'_>,
) -> bool {
    let first: Vec<&[u8]> = first.iter().map(C::as_ref).collect();
    if first.iter().all(|c| c.trim_ascii().is_empty()) {
        return false;
    }
    let mut sample = sample(rest);
    // A header may come again.
    sample.retain(|row| *row != first);
    let is_one = if first.iter().any(|c| is_odd(c)) {
        names_despite_values(&first, &sample, sink)
    } else {
        (0..first.len()).any(|i| names_values(i, &first, &sample))
            || could_be_names(&first, &sample)
    };
    let mut is_data =
        |c: &&[u8]| !c.is_empty() && c.len() <= NAME && sink.is_data(&String::from_utf8_lossy(c));
    is_one && !first.iter().any(&mut is_data)
}

/// Whether a record names columns though numbers or dates stand in it, as in duty rosters and lists of who was there
/// (`Name;Phone;1;2;3`, `Name;Phone;01.11.;08.11.`): two of its words at least and half of them are usual names or name
/// kinds. Beside numbers that count up one is enough.
fn names_despite_values(first: &[&[u8]], rest: &[Vec<&[u8]>], sink: &Sink<'_>) -> bool {
    let filled = (0..first.len()).filter(|i| !first[*i].trim_ascii().is_empty());
    let (values, words): (Vec<usize>, Vec<usize>) = filled.partition(|i| is_odd(first[*i]));
    let names_kind = |i: usize| sink.names_kind(&String::from_utf8_lossy(first[i].trim_ascii()));
    let telling = words.iter().filter(|i| is_usual(first[**i]) || names_kind(**i)).count();
    let least = if count_up(values.iter().map(|i| first[*i])) { 1 } else { 2 };
    let are_short = first.iter().all(is_short) && !first.iter().any(|c| is_mail(c));
    are_short
        && telling >= least
        && telling * 2 >= words.len()
        && values.iter().chain(&words).map(|i| first[*i]).collect::<HashSet<_>>().len()
            == values.len() + words.len()
        && !words.iter().any(|i| comes_again(*i, first, rest))
}

/// Whether these are three numbers or more, each the next after the one before.
fn count_up<'c>(values: impl Iterator<Item = &'c [u8]>) -> bool {
    let number = |value: &[u8]| std::str::from_utf8(value.trim_ascii()).ok()?.parse().ok();
    let numbers: Option<Vec<u32>> = values.map(number).collect();
    numbers.is_some_and(|n| {
        n.len() > 2 && n.windows(2).all(|two| two[0].checked_add(1) == Some(two[1]))
    })
}

/// Whether some name of a header stands over numbers, dates or addresses.
pub fn stands_over_values<C: AsRef<[u8]>, R: AsRef<[C]>>(header: &[C], rest: &[R]) -> bool {
    let first: Vec<&[u8]> = header.iter().map(C::as_ref).collect();
    let sample = sample(rest);
    (0..first.len()).any(|i| names_values(i, &first, &sample))
}

/// Whether the first record surely names the columns, however many cells those below it have: each of its cells could be
/// a name, and one stands over values or two are usual names.
pub fn names_columns<C: AsRef<[u8]>, R: AsRef<[C]>>(first: &[C], rest: &[R]) -> bool {
    let names: Vec<&[u8]> = first.iter().map(|c| c.as_ref().trim_ascii()).collect();
    let is_distinct = names.iter().collect::<HashSet<_>>().len() == names.len();
    let is_header = is_distinct && names.iter().all(|name| is_year(name) || may_be_name(name));
    is_header && (usual_names(first) > 1 || has_column_of_values(first, rest))
}

/// How many names are usual ones.
pub fn usual_names<C: AsRef<[u8]>>(first: &[C]) -> usize {
    first.iter().filter(|name| is_usual(name.as_ref().trim_ascii())).count()
}

/// Whether most records have a number, date or address in the column of one of the names.
pub fn has_column_of_values<C: AsRef<[u8]>, R: AsRef<[C]>>(names: &[C], rest: &[R]) -> bool {
    let first: Vec<&[u8]> = names.iter().map(C::as_ref).collect();
    let sample = sample(rest);
    let is_common = |i: usize| {
        let cells = sample.iter().filter_map(|row| row.get(i));
        cells.filter(|cell| !cell.trim_ascii().is_empty()).count() * 2 > sample.len()
    };
    (0..first.len()).any(|i| is_common(i) && names_values(i, &first, &sample))
}

/// A few words without anything that sentences end with or code is made of.
fn may_be_name(cell: &[u8]) -> bool {
    is_short(&cell)
        && cell.iter().any(|b| b.is_ascii_alphabetic() || !b.is_ascii())
        && !is_value(cell)
        && !cell.iter().any(|b| b"<>{}=@!".contains(b))
        && !cell.ends_with(b".")
        && !cell.ends_with(b"?")
}

/// Short enough for a name.
fn is_short(cell: &&[u8]) -> bool {
    cell.len() <= 40 && cell.split(|b| *b == b' ').count() <= 4
}

/// Which of the rows below a gap names the columns of another table; titles may stand above it. Rows of names and words
/// stand below gaps as well, so half of its cells at least must be usual names, name a kind or stand over values, of
/// which a few say nothing.
pub fn of_another_table<C: AsRef<[u8]>, R: AsRef<[C]>>(
    rows: &[R],
    sink: &mut Sink<'_>,
) -> Option<usize> {
    const FEW: usize = 3;
    let top = top(rows);
    let (head, rest) = rows[top..].split_first()?;
    let first: Vec<&[u8]> = head.as_ref().iter().map(C::as_ref).collect();
    let filled: Vec<usize> =
        (0..first.len()).filter(|i| !first[*i].trim_ascii().is_empty()).collect();
    let distinct = filled.iter().map(|i| first[*i]).collect::<HashSet<_>>().len();
    if filled.len() < 2 || distinct < filled.len() || rest.is_empty() {
        return None;
    }
    let sample = sample(rest);
    let names_kind = |cell: &[u8]| sink.names_kind(&String::from_utf8_lossy(cell));
    let tells = |i: &&usize| {
        is_usual(first[**i])
            || names_kind(first[**i])
            || rest.len() >= FEW && names_values(**i, &first, &sample)
    };
    let words = filled.iter().filter(|i| !is_odd(first[**i])).count();
    let telling = filled.iter().filter(|i| !is_odd(first[**i])).filter(tells).count();
    (words > 0 && telling * 2 >= words && is_header(head.as_ref(), rest, sink)).then_some(top)
}

/// The rows that are looked at.
fn sample<'r, C: AsRef<[u8]> + 'r, R: AsRef<[C]>>(rows: &'r [R]) -> Vec<Vec<&'r [u8]>> {
    rows.iter().take(SAMPLE).map(|row| row.as_ref().iter().map(C::as_ref).collect()).collect()
}

/// A word that stands over numbers, dates or addresses.
fn names_values(column: usize, first: &[&[u8]], rest: &[Vec<&[u8]>]) -> bool {
    if first[column].trim_ascii().is_empty() {
        return false;
    }
    let below = || rest.iter().filter_map(|r| r.get(column)).filter(|c| !c.trim_ascii().is_empty());
    let (values, all) = (below().filter(|c| is_value(c)).count(), below().count());
    all > 0 && values * 5 >= all * 4
}

/// With nothing but text around, names are distinct short words, and look unlike what stands below.
fn could_be_names(first: &[&[u8]], rest: &[Vec<&[u8]>]) -> bool {
    let filled: Vec<&[u8]> = first.iter().copied().filter(|c| !c.trim_ascii().is_empty()).collect();
    let distinct = filled.iter().collect::<HashSet<_>>().len() == filled.len();
    if !distinct || filled.len() * 5 < first.len() * 4 || !filled.iter().all(is_short) {
        return false;
    }
    if (0..first.len()).any(|i| comes_again(i, first, rest)) {
        return false;
    }
    let blank = rest.iter().all(|r| r.iter().all(|c| c.trim_ascii().is_empty()));
    let differs = |i: usize| {
        let below = rest.iter().filter_map(|r| r.get(i)).filter(|c| !c.is_empty());
        let (mut other, mut all) = (0, 0);
        for cell in below {
            all += 1;
            other += usize::from(style(cell) != style(first[i]));
        }
        other * 2 > all
    };
    blank || filled.iter().any(|c| is_usual(c)) || (0..first.len()).any(differs)
}

/// Whether this is a name that columns usually have.
pub fn is_usual(cell: &[u8]) -> bool {
    let text = String::from_utf8_lossy(cell).to_lowercase().replace(['-', '_', '.', ' '], "");
    USUAL.contains(&text.as_str())
}

/// Whether what stands in a column of the first record stands in it further down as well.
fn comes_again(column: usize, first: &[&[u8]], rest: &[Vec<&[u8]>]) -> bool {
    rest.iter().any(|r| r.get(column).is_some_and(|c| !c.is_empty() && *c == first[column]))
}

fn style(cell: &[u8]) -> (bool, bool, bool) {
    let upper = cell.first().is_some_and(u8::is_ascii_uppercase);
    (cell.contains(&b' '), upper, cell.iter().any(u8::is_ascii_digit))
}

/// A number, date, telephone number, e-mail address, code …: no name of a column.
fn is_value(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii();
    let digits = cell.iter().filter(|b| b.is_ascii_digit()).count();
    let numeric = cell.iter().all(|b| b.is_ascii_digit() || b"+-.,:/ ()%$'".contains(b));
    (numeric && digits > 0) || digits > 4 || is_mail(cell)
}

fn is_mail(cell: &[u8]) -> bool {
    let at = memchr::memchr(b'@', cell);
    at.is_some_and(|i| i > 0 && cell[i + 1..].contains(&b'.') && !cell.contains(&b' '))
}

/// A value that is no usual name of a column.
fn is_odd(cell: &[u8]) -> bool {
    is_value(cell) && !is_year(cell)
}

/// Years are names of columns in many a statistic.
fn is_year(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii();
    cell.len() == 4 && (cell.starts_with(b"19") || cell.starts_with(b"20"))
}

/// The columns' names: trimmed, cut, and made distinct by the column's number.
pub fn names<C: AsRef<[u8]>>(cells: &[C]) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut name = |(i, cell): (usize, &C)| {
        let text = String::from_utf8_lossy(cell.as_ref());
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // Spreadsheets keep text as text by a formula.
        let plain = text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"')).unwrap_or(&text);
        let text = &plain[..plain.floor_char_boundary(NAME)];
        let name = match text {
            "" => format!("#{}", i + 1),
            _ if seen.contains(text) => format!("{text}#{}", i + 1),
            _ => text.to_owned(),
        };
        seen.insert(name.clone());
        name
    };
    cells.iter().enumerate().map(&mut name).collect()
}
