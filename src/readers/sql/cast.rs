//! Values that stand in a conversion: `CAST(50000.00 AS Decimal(18, 2))`, `50000::numeric`, and the dates that SQL
//! Server's programs write in hexadecimal digits.

use jiff::Span;
use jiff::civil::{Date, date};

use super::lex::{Ends, Lex, expression_end};

/// The number, or the date, that an expression without strings converts.
pub fn converted(expression: &[u8], mysql: bool) -> Option<Vec<u8>> {
    let expression = expression.trim_ascii();
    if let Some(colons) = memchr::memmem::find(expression, b"::") {
        return number(&expression[..colons]).map(<[u8]>::to_vec);
    }
    let call = Lex::new(expression).word();
    let inner = expression[call.len()..].trim_ascii_start().strip_prefix(b"(")?.trim_ascii_start();
    let is = |names: &[&[u8]]| names.iter().any(|name| call.eq_ignore_ascii_case(name));
    if is(&[b"CAST", b"TRY_CAST"]) {
        let value = inner.split(u8::is_ascii_whitespace).next()?;
        let behind = inner[value.len()..].trim_ascii_start();
        let mut lex = Lex::new(behind);
        return lex.word().eq_ignore_ascii_case(b"AS").then(|| plain(value, lex.word()))?;
    }
    if !is(&[b"CONVERT", b"TRY_CONVERT"]) {
        return None;
    }
    let Ends::At(first) = expression_end(inner, mysql) else { return None };
    let (one, rest) = inner.split_at(first);
    let rest = rest.strip_prefix(b",")?;
    let Ends::At(second) = expression_end(rest, mysql) else { return None };
    // MySQL names the type behind the value, SQL Server before it.
    plain(one.trim_ascii(), rest[..second].trim_ascii())
        .or_else(|| plain(rest[..second].trim_ascii(), Lex::new(one).word()))
}

/// A value as people write it that is converted to this type.
fn plain(value: &[u8], kind: &[u8]) -> Option<Vec<u8>> {
    match value.strip_prefix(b"0x") {
        Some(digits) => day(digits, kind).map(|day| day.to_string().into_bytes()),
        None => number(value).map(<[u8]>::to_vec),
    }
}

fn number(text: &[u8]) -> Option<&[u8]> {
    let text = text.trim_ascii();
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let is_number = digits.first().is_some_and(u8::is_ascii_digit)
        && digits.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    is_number.then_some(text)
}

/// The day that these hexadecimal digits stand for: days since 1900 and the time behind them, or, with newer types, the
/// time and days since the year 1 in three bytes, the lowest first.
fn day(digits: &[u8], kind: &[u8]) -> Option<Date> {
    if digits.len() > 32 || !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |b: u8| char::from(b).to_digit(16);
    let pairs = digits.chunks_exact(2).map(|two| Some(value(two[0])? << 4 | value(two[1])?));
    let bytes: Vec<u32> = pairs.collect::<Option<_>>()?;
    let is = |name: &[u8]| kind.eq_ignore_ascii_case(name);
    let (from, days) = match bytes[..] {
        [a, b, c, d, _, _, _, _] if is(b"DateTime") => (1900, a << 24 | b << 16 | c << 8 | d),
        [a, b, _, _] if is(b"SmallDateTime") => (1900, a << 8 | b),
        [a, b, c] | [a, b, c, 0] if is(b"Date") => (1, c << 16 | b << 8 | a),
        [.., a, b, c] if is(b"DateTime2") => (1, c << 16 | b << 8 | a),
        _ => return None,
    };
    let days = Span::new().try_days(days.cast_signed()).ok()?;
    date(from, 1, 1).checked_add(days).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions() {
        let told = |text: &str| {
            converted(text.as_bytes(), false).map(|value| String::from_utf8(value).unwrap())
        };
        for (text, value) in [
            ("CAST(50000.50 AS Decimal(18, 2))", "50000.50"),
            ("cast ( -7 as int)", "-7"),
            ("TRY_CONVERT(money, 81)", "81"),
            ("CONVERT(81, SIGNED)", "81"),
            ("50000::numeric(10,2)", "50000"),
            ("CAST(0x0000A2C200000000 AS DateTime)", "2014-01-29"),
            ("CAST(0xA2C20000 AS SmallDateTime)", "2014-01-29"),
            ("CAST(0x1D380B00 AS Date)", "2014-01-29"),
            ("CAST(0x0700000000 001D380B AS DateTime2)", ""),
            ("CAST(0x0700000000001D380B AS DateTime2(7))", "2014-01-29"),
        ] {
            assert_eq!(told(text).unwrap_or_default(), value, "{text}");
        }
        for text in [
            "now()",
            "CAST(x AS int)",
            "CAST(0x7FFFFFFF00000000 AS DateTime)",
            "CAST(0xFFFFFF00 AS Date)",
            "CAST(0x12 AS Date)",
            "CONVERT(1",
            "CAST(",
            "a::b",
            "f(1, 2)",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
