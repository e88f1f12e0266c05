//! Dates of birth in the layouts that files have.

use jiff::civil::Date;

/// Years that two digits may stand for.
const CENTURIES: [i16; 2] = [1900, 2000];

/// The dates that a text can mean: year first, day first or month first, separated or not, with years of four or
/// two digits, a time after it or not, a month in letters. Ambiguous texts mean several.
#[must_use]
pub fn dates(text: &str) -> Vec<Date> {
    let text = text.trim();
    // `1993-10-24T00:00:00Z`, `24.10.1993 00:00`.
    let day = text.split_once(['T', ' ']).filter(|(day, time)| is_time(time) && day.len() >= 8);
    let text = day.map_or(text, |d| d.0);
    let mut all = with_month_name(text).unwrap_or_else(|| of_numbers(text));
    all.sort_unstable();
    all.dedup();
    all
}

fn is_time(text: &str) -> bool {
    text.len() >= 4
        && text.contains(':')
        && text.bytes().all(|b| b.is_ascii_digit() || b":.+-ZT ".contains(&b))
}

fn of_numbers(text: &str) -> Vec<Date> {
    if !text.bytes().all(|b| b.is_ascii_digit() || b"-./ ".contains(&b)) {
        return Vec::new();
    }
    let groups: Vec<&str> =
        text.split(['-', '.', '/', ' ']).filter(|group| !group.is_empty()).collect();
    match groups[..] {
        [one] if one.len() == 8 => [
            of_groups(&one[..4], &one[4..6], &one[6..]),
            of_groups(&one[..2], &one[2..4], &one[4..]),
        ]
        .concat(),
        [one] if one.len() == 6 => of_groups(&one[..2], &one[2..4], &one[4..]),
        [a, b, c] => of_groups(a, b, c),
        _ => Vec::new(),
    }
}

/// Every reading of three groups of digits.
fn of_groups(a: &str, b: &str, c: &str) -> Vec<Date> {
    let number = |text: &str| text.parse::<i16>().unwrap_or(0);
    let mut all = Vec::new();
    let mut add = |year: &str, month: &str, day: &str| {
        if month.len() > 2 || day.len() > 2 {
            return;
        }
        let (month, day) = (number(month), number(day));
        let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return };
        all.extend(years(year).into_iter().filter_map(|year| Date::new(year, month, day).ok()));
    };
    add(a, b, c);
    add(c, b, a);
    add(c, a, b);
    all
}

fn years(text: &str) -> Vec<i16> {
    let Ok(number) = text.parse::<i16>() else { return Vec::new() };
    match text.len() {
        4 if number >= 1800 => vec![number],
        2 => CENTURIES.iter().map(|century| century + number).collect(),
        _ => Vec::new(),
    }
}

/// `24. oktober 1993`, `Oct 24, 1993`: the month's name in the languages of the shares that are searched.
fn with_month_name(text: &str) -> Option<Vec<Date>> {
    let folded = crate::detect::fold::fold(text);
    let parts: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()).collect();
    let mut month = None;
    let mut numbers = Vec::new();
    for part in parts {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            numbers.push(part);
        } else if let Some(found) = month_of(part) {
            month = Some(found);
        }
    }
    let [a, b] = numbers[..] else { return None };
    let month = month?.to_string();
    let mut all = of_groups(a, &month, b);
    all.retain(|date| date.month().to_string() == month);
    Some(all)
}

/// The month that a word begins with: the first letters that tell it, in eleven languages, folded.
fn month_of(word: &str) -> Option<u8> {
    const MONTHS: [&[&str]; 12] = [
        &["jan", "ene", "gen", "tammi", "sty"],
        &["feb", "fev", "helmi", "lut"],
        &["mar", "maalis"],
        &["apr", "avr", "abr", "huhti", "kwi"],
        &["mai", "maj", "may", "mag", "mei", "touko"],
        &["jun", "juin", "giu", "kesa", "cze"],
        &["jul", "juil", "lug", "heina", "lip"],
        &["aug", "aou", "ago", "elo", "sie"],
        &["sep", "set", "syys", "wrz"],
        &["okt", "oct", "out", "ott", "loka", "paz"],
        &["nov", "marras", "lis"],
        &["des", "dec", "dez", "dic", "joulu", "gru"],
    ];
    let at = MONTHS.iter().position(|names| names.iter().any(|name| word.starts_with(name)))?;
    // `marras` begins like `mar`.
    let at = if word.starts_with("marras") { 10 } else { at };
    u8::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_layouts_mean_the_same_day() {
        let day = Date::new(1993, 10, 24).unwrap();
        for text in [
            "1993-10-24",
            "24.10.1993",
            "24/10/1993",
            "10/24/1993",
            "19931024",
            "24101993",
            "241093",
            "931024",
            "24.10.93",
            "1993-10-24T00:00:00Z",
            "24.10.1993 00:00",
            "24. oktober 1993",
            "October 24, 1993",
            "24 okt 1993",
            "1993/10/24",
            "24 10 1993",
        ] {
            assert!(dates(text).contains(&day), "{text}: {:?}", dates(text));
        }
    }

    #[test]
    fn other_texts_are_no_dates() {
        for text in ["", "kl. 12", "1993", "99.99.1993", "123456789", "mars", "10-20"] {
            assert!(dates(text).is_empty(), "{text}: {:?}", dates(text));
        }
    }
}
