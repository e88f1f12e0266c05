//! Numbers of spreadsheets as people see them: by the code of their format (ECMA-376 part 1, 18.8.30), as far
//! as it makes a number of persons whole. Dates are written year first.

/// What a format makes of a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Look {
    /// The number itself.
    #[default]
    Plain,
    /// A day.
    Date,
    /// Digits in places, such as `000000 00000`: a number with lost zeros becomes whole.
    Places(Vec<Section>),
}

/// One of the looks that a format with places has.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Values up to this one look so.
    most: f64,
    places: Vec<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// A digit; zero where there is none.
    Zero,
    /// A digit, or nothing.
    Digit,
    Literal(char),
}

/// Places that are told apart.
const PLACES: usize = 64;

impl Look {
    /// The look of a format by its number, where no code is given for it.
    #[must_use]
    pub fn numbered(id: u32) -> Look {
        if matches!(id, 14..=17 | 22 | 27..=36 | 50..=58) { Look::Date } else { Look::Plain }
    }

    /// The look that a format's code gives.
    #[must_use]
    pub fn of(code: &str) -> Look {
        if shows_date(code) {
            return Look::Date;
        }
        let sections: Option<Vec<Section>> = parts(code).take(2).map(section).collect();
        match sections {
            Some(sections) if sections.iter().any(Section::tells) => Look::Places(sections),
            _ => Look::Plain,
        }
    }

    /// A number as it is shown; `base` is added to the days of dates.
    #[must_use]
    pub fn show(&self, value: f64, base: u32) -> Option<String> {
        match self {
            Look::Date if (1.0..2_958_466.0).contains(&value) => {
                #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
                let days = value.floor() as i64 + i64::from(base);
                let start = jiff::civil::date(1899, 12, 30);
                Some(start.checked_add(jiff::Span::new().days(days)).ok()?.to_string())
            }
            Look::Places(sections) if value.fract() == 0.0 && (0.0..1e18).contains(&value) => {
                let section = sections.iter().find(|s| value <= s.most)?;
                section.tells().then(|| section.show(&format!("{value:.0}")))
            }
            _ => None,
        }
    }
}

/// Whether a format's code shows a day, a month or a year.
fn shows_date(code: &str) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    let mut plain = String::new();
    for c in code.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' | '_' | '*' => escaped = true,
            '"' => quoted = !quoted,
            '[' => quoted = true,
            ']' => quoted = false,
            _ if !quoted => plain.extend(c.to_lowercase()),
            _ => {}
        }
    }
    !plain.starts_with("general") && ['y', 'd', 'å'].iter().any(|c| plain.contains(*c))
}

/// The sections of a code, with what stands in quotes left whole.
fn parts(code: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    code.split(move |c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    })
}

/// A section that has digits, and characters that stand for themselves; `None` when it has something else.
fn section(code: &str) -> Option<Section> {
    let mut section = Section { most: f64::INFINITY, places: Vec::new() };
    let mut rest = code.chars();
    while let Some(c) = rest.next() {
        if section.places.len() >= PLACES {
            return None;
        }
        match c {
            '0' => section.places.push(Place::Zero),
            '#' | '?' => section.places.push(Place::Digit),
            '\\' => section.places.extend(rest.next().map(Place::Literal)),
            '_' | '*' => drop(rest.next()),
            '"' => {
                section.places.extend(rest.by_ref().take_while(|c| *c != '"').map(Place::Literal))
            }
            '[' => {
                let condition: String = rest.by_ref().take_while(|c| *c != ']').collect();
                if let Some(limit) = condition.strip_prefix("<=") {
                    section.most = limit.parse().ok()?;
                } else if let Some(limit) = condition.strip_prefix('<') {
                    section.most = limit.parse::<f64>().ok()? - 1.0;
                } else if condition.starts_with(['>', '=']) {
                    return None;
                }
            }
            ' ' | '-' | '(' | ')' | '/' | '+' | ':' => section.places.push(Place::Literal(c)),
            _ => return None,
        }
    }
    Some(section)
}

impl Section {
    /// Whether it says more than the digits themselves do.
    fn tells(&self) -> bool {
        let count = |p: fn(&Place) -> bool| self.places.iter().filter(|q| p(q)).count();
        let zeros = count(|p| *p == Place::Zero);
        let digits = zeros + count(|p| *p == Place::Digit);
        zeros > 1 || (digits > 3 && digits < self.places.len())
    }

    fn show(&self, digits: &str) -> String {
        let mut left = digits.bytes().rev();
        let mut shown: Vec<char> = Vec::new();
        let first = self.places.iter().position(|p| !matches!(p, Place::Literal(_))).unwrap_or(0);
        for (i, place) in self.places.iter().enumerate().rev() {
            match place {
                Place::Literal(c) => shown.push(*c),
                Place::Zero => shown.push(left.next().map_or('0', char::from)),
                Place::Digit => shown.extend(left.next().map(char::from)),
            }
            if i == first {
                shown.extend(left.by_ref().map(char::from));
            }
        }
        shown.iter().rev().collect()
    }
}

/// A number without a look of its own: digits where it is whole.
#[must_use]
pub fn plain(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e18 {
        format!("{value:.0}")
    } else {
        value.to_string()
    }
}

/// The text above or below a printed page without its codes: `&C`, `&"Arial,Bold"`, `&12`.
#[must_use]
pub fn without_codes(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '&' {
            shown.push(c);
            continue;
        }
        match rest.next() {
            Some('&') => shown.push('&'),
            Some('"') => rest.by_ref().take_while(|c| *c != '"').for_each(drop),
            Some('0'..='9') => while rest.next_if(char::is_ascii_digit).is_some() {},
            _ => shown.push(' '),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_places() {
        let shown =
            |code: &str, value| Look::of(code).show(value, 0).unwrap_or_else(|| plain(value));
        assert_eq!(shown("00000000000", 1_019_012_345.0), "01019012345");
        assert_eq!(shown("000000\\ 00000", 1_019_012_345.0), "010190 12345");
        assert_eq!(shown("000000\" \"00000", 1_019_012_345.0), "010190 12345");
        assert_eq!(shown("0000", 155.0), "0155");
        assert_eq!(
            shown("[<=9999999]###\\-####;\\(###\\) ###\\-####", 2_025_550_143.0),
            "(202) 555-0143"
        );
        assert_eq!(shown("[<=9999999]###\\-####;\\(###\\) ###\\-####", 5_550_143.0), "555-0143");
        assert_eq!(shown("0", 12.0), "12");
        assert_eq!(shown("#,##0.00", 1234.5), "1234.5");
        assert_eq!(shown("General", 12.0), "12");
        assert_eq!(shown("00", 12345.0), "12345");
        assert_eq!(shown("dd.mm.yyyy", 32874.0), "1990-01-01");
        assert_eq!(shown("\"day\" 0", 3.0), "3");
        assert_eq!(shown("[Red]0.0_d", 3.0), "3");
        assert_eq!(Look::numbered(14), Look::Date);
        assert_eq!(without_codes("&L&\"Arial,Bold\"&12A & B&&C&RSide &P"), " A  B&C Side  ");
    }
}
