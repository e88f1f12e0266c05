//! Dates inside the data: read by the month, so that no record can be told by them.

use serde::{Deserialize, Serialize};

/// A month, counted from January of the year 0.
pub type Month = u16;

/// The oldest and newest date of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// Cells that are dates.
    pub count: u64,
    /// The oldest.
    pub oldest: Month,
    /// The newest.
    pub newest: Month,
    /// How many lie in the last 18 years: of birth dates, those of children.
    pub minors: u64,
}

impl Dates {
    /// Adds a cell that stands there so many times, if it is a date. `now` is the month that plausibility is
    /// measured against.
    pub fn add(&mut self, cell: &[u8], now: Month, times: u64) {
        let Some(month) = month_of(cell) else { return };
        let minors = times * u64::from(month <= now && month + 18 * 12 > now);
        self.merge(&Dates { count: times, oldest: month, newest: month, minors });
    }

    /// Adds what another part of the column gave.
    pub fn merge(&mut self, other: &Dates) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        self.count += other.count;
        self.oldest = self.oldest.min(other.oldest);
        self.newest = self.newest.max(other.newest);
        self.minors += other.minors;
    }
}

/// A month as `YYYY-MM`.
#[must_use]
pub fn month_text(month: Month) -> String {
    format!("{:04}-{:02}", month / 12, month % 12 + 1)
}

/// The month of a day.
#[must_use]
pub fn month_of_day(day: jiff::civil::Date) -> Month {
    let part = |n: i16| Month::try_from(n).unwrap_or(0);
    part(day.year()) * 12 + part(day.month().into()) - 1
}

/// The month of a cell that is a date, or begins with one and goes on with a time. Where day and month could
/// be either way round, the day is taken to come first.
fn month_of(cell: &[u8]) -> Option<Month> {
    usual(cell).unwrap_or_else(|| any(cell))
}

/// The same of `YYYY-MM-DD` and `DD-MM-YYYY` in ten places, with whatever sign, alone or before a time: most dates.
/// `None` is any other cell.
fn usual(cell: &[u8]) -> Option<Option<Month>> {
    let (date, rest) = cell.split_first_chunk::<10>()?;
    let is_time = || rest.len() < 24 && rest.is_ascii() && !rest.contains(&b',');
    let ends = rest.is_empty() || matches!(rest[0], b' ' | b'T') && is_time();
    if !ends {
        return None;
    }
    let number = |digits: &[u8]| {
        let all = digits.iter().all(u8::is_ascii_digit);
        all.then(|| digits.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0')))
    };
    let is_sign = |at: usize| matches!(date[at], b'-' | b'.' | b'/');
    if is_sign(4) && is_sign(7) {
        let year = number(&date[..4]).filter(|year| *year > 1000)?;
        return Some(plausible(year, number(&date[5..7])?, number(&date[8..])?));
    }
    if !(is_sign(2) && is_sign(5)) {
        return None;
    }
    let (first, second) = (number(&date[..2])?, number(&date[3..5])?);
    let year = number(&date[6..])?;
    Some(match second > 12 {
        true => plausible(year, first, second),
        false => plausible(year, second, first),
    })
}

fn any(cell: &[u8]) -> Option<Month> {
    let text = std::str::from_utf8(cell).ok()?.trim().trim_matches('"');
    let date = text.split([' ', 'T']).next()?;
    // `20190307101500.0Z` is how directories write it (RFC 4517).
    let digits = date.split(['.', 'Z']).next().filter(|d| d.len() == 14).unwrap_or(date);
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return of_digits(digits).or_else(|| of_words(text));
    }
    if text.contains(", ") {
        return of_words(text);
    }
    let parts: Vec<u32> = date
        .trim_end_matches('Z')
        .split(['-', '.', '/'])
        .filter(|p| !p.is_empty())
        .map(|p| p.parse().ok())
        .collect::<Option<_>>()?;
    match parts[..] {
        [year, month] if year > 1000 => plausible(year, month, 2),
        [year, month, day] if year > 1000 => plausible(year, month, day),
        [month, day, year] if day > 12 => plausible(year, month, day),
        [day, month, year] => plausible(year, month, day),
        _ => None,
    }
}

/// `7 Mar 2019`, with or without the day of the week, as in mail (RFC 5322).
fn of_words(text: &str) -> Option<Month> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let date = text.split_once(", ").map_or(text, |(_, date)| date);
    let mut parts = date.split_ascii_whitespace();
    let day = parts.next()?.parse().ok()?;
    let name = parts.next()?.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|m| *m == name)?;
    plausible(parts.next()?.parse().ok()?, u32::try_from(month).ok()? + 1, day)
}

/// `YYYYMMDD`, `YYYYMMDDHHMM[SS]`, Unix time in seconds or milliseconds, and the time of Windows directories
/// (tenths of a microsecond since 1601).
fn of_digits(digits: &str) -> Option<Month> {
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u32>().ok();
    match digits.len() {
        8 | 12 | 14 => plausible(number(0..4)?, number(4..6)?, number(6..8)?),
        10 | 13 | 18 => {
            let seconds: i64 = match digits.len() {
                18 => digits[..11].parse::<i64>().ok()? - 11_644_473_600,
                _ => digits[..10].parse().ok()?,
            };
            let time = jiff::Timestamp::from_second(seconds).ok()?;
            let day = time.to_zoned(jiff::tz::TimeZone::UTC).date();
            (day.year() >= 1990).then(|| month_of_day(day))
        }
        _ => None,
    }
}

/// Dates that stand for "none" (1 January 1900, the year 9999) are no dates.
fn plausible(year: u32, month: u32, day: u32) -> Option<Month> {
    let is_date = (1900..=2100).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (year, month, day) != (1900, 1, 1);
    is_date.then(|| Month::try_from(year * 12 + month - 1).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_by_the_month() {
        for (cell, month) in [
            ("2019-03-07", "2019-03"),
            ("2019-03-07T10:00:00Z", "2019-03"),
            ("2019-03-07 10:00", "2019-03"),
            ("07.03.2019", "2019-03"),
            ("7/3/2019", "2019-03"),
            ("03/27/2019", "2019-03"),
            ("2019/03/07", "2019-03"),
            ("20190307", "2019-03"),
            ("20190307101500", "2019-03"),
            ("1551952800", "2019-03"),
            ("1551952800000", "2019-03"),
            ("2019-03", "2019-03"),
            ("20190307101500.0Z", "2019-03"),
            ("132965592000000000", "2022-05"),
            ("Thu, 7 Mar 2019 10:15:00 +0100", "2019-03"),
            ("7 March 2019", "2019-03"),
            (" \"2019-03-07\" ", "2019-03"),
        ] {
            assert_eq!(month_of(cell.as_bytes()).map(month_text).as_deref(), Some(month), "{cell}");
        }
        for cell in [
            "",
            "1900-01-01",
            "9999-12-31",
            "2019-13-01",
            "12345",
            "abc",
            "1-2",
            "0000-00-00",
            "7 Mars",
            "Thu, x",
        ] {
            assert_eq!(month_of(cell.as_bytes()), None, "{cell}");
        }
    }

    proptest::proptest! {
        #[test]
        fn usual_dates_are_read_as_any(cell in "[0-9]{2,4}[-./ x][0-9+]{2}[-./][0-9]{2,4}([T ]?[0-9:,.Zé]{0,9}|)") {
            if let Some(month) = usual(cell.as_bytes()) {
                proptest::prop_assert_eq!(month, any(cell.as_bytes()), "{}", cell);
            }
        }
    }

    #[test]
    fn children_are_counted_by_the_month() {
        let now = month_of_day(jiff::civil::date(2026, 11, 1));
        let mut dates = Dates::default();
        for cell in ["2008-11-01", "2008-12-31", "2020-01-01", "1980-01-01", "2027-01-01"] {
            dates.add(cell.as_bytes(), now, 1);
        }
        assert_eq!((dates.count, dates.minors), (5, 2));
        assert_eq!(month_text(dates.oldest), "1980-01");
        let mut other = Dates::default();
        other.merge(&dates);
        other.merge(&Dates::default());
        assert_eq!(other, dates);
    }
}
