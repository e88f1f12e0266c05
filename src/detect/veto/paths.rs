//! What stands in paths, ranges and rows of codes: networks, times in addresses of archives, rows of short capitals.

/// Whether an address and the length of a prefix behind it are a network (`198.51.100.0/24`, `2001:db8::/32`), in which
/// nobody is told from others: the bits behind the prefix are zero.
pub(super) fn is_network(value: &[u8], behind: &[u8]) -> bool {
    let Some(rest) = behind.strip_prefix(b"/") else { return false };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<u32>().ok();
    let Some(prefix) = number(&rest[..digits]).filter(|_| digits <= 3) else { return false };
    let Ok(value) = std::str::from_utf8(value) else { return false };
    if let Ok(ip) = value.parse::<std::net::Ipv4Addr>() {
        let host = u32::MAX.checked_shr(prefix).unwrap_or(0);
        return prefix < 32 && ip.to_bits() & host == 0;
    }
    let Ok(ip) = value.parse::<std::net::Ipv6Addr>() else { return false };
    let host = u128::MAX.checked_shr(prefix).unwrap_or(0);
    prefix < 128 && ip.to_bits() & host == 0
}

/// Whether a day and a time of the clock are a part of a path: `/20090317-1643/`.
pub(super) fn is_moment(text: &[u8], start: usize, end: usize) -> bool {
    let [day @ .., b'-', a, b, c, d] = &text[start..end] else { return false };
    let is_clock = matches!([a, b], [b'0' | b'1', _] | [b'2', b'0'..=b'3'])
        && matches!(c, b'0'..=b'5')
        && d.is_ascii_digit();
    is_clock && day.len() == 8 && text[..start].ends_with(b"/") && text[end..].starts_with(b"/")
}

/// Whether numbers with dots between are a part of a path, where versions stand: `/versions/2.7.18/lib`. Days with the
/// year in four digits are days there as well.
pub(super) fn is_version(text: &[u8], start: usize, end: usize) -> bool {
    let of_version = |b: &u8| b.is_ascii_digit() || *b == b'.';
    let is_short = end - start <= 8;
    is_short
        && text[..start].ends_with(b"/")
        && text[end..].starts_with(b"/")
        && text[start..end].contains(&b'.')
        && text[start..end].iter().all(of_version)
}

/// Whether words with a blank between are the end of one time zone and the front of the next (the database of IANA, as
/// programs list it): `America/Puerto_Rico America/Regina`.
pub(super) fn are_zones(value: &[u8], behind: &[u8]) -> bool {
    const AREAS: &[&[u8]] = &[
        b" America",
        b" Africa",
        b" Asia",
        b" Europe",
        b" Australia",
        b" Pacific",
        b" Atlantic",
        b" Indian",
        b" Antarctica",
        b" Arctic",
    ];
    matches!(behind, [b'/', b'A'..=b'Z', ..]) && AREAS.iter().any(|area| value.ends_with(area))
}

/// Whether the number of a service begins in front of digits, which are the rest of it: `+1 800 555 0100`.
pub(super) fn is_of_service(before: &[u8], value: &[u8]) -> bool {
    /// Bytes of what stands behind the code; most values are longer.
    const LONGEST: usize = 9;
    const CODES: &[&[u8]] =
        &[b"800", b"0808", b"0900", b"833", b"844", b"855", b"866", b"877", b"888"];
    if value.len() > LONGEST {
        return false;
    }
    let [front @ .., b' ' | b'-'] = before else { return false };
    let is_rest = |b: &u8| b.is_ascii_digit() || matches!(b, b' ' | b'-');
    let front = front.strip_suffix(b")").unwrap_or(front);
    let ends = |code: &&[u8]| front.ends_with(code);
    value.iter().all(is_rest) && CODES.iter().any(ends)
}

/// Whether a text is three words and more of two to four capitals: codes of zones, units and currencies stand in such
/// rows (`AST AWT APT AHST`).
pub(super) fn are_codes(value: &[u8]) -> bool {
    let is_code =
        |word: &[u8]| matches!(word.len(), 2..=4) && word.iter().all(u8::is_ascii_uppercase);
    let mut words = value.split(|b| *b == b' ');
    // Most have a small letter or a digit there.
    let begins = matches!(value, [b'A'..=b'Z', b'A'..=b'Z', ..]);
    begins
        && value.len() >= 8
        && words.all(is_code)
        && value.iter().filter(|b| **b == b' ').count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_told_from_addresses() {
        let network = |value: &str, behind: &str| is_network(value.as_bytes(), behind.as_bytes());
        for (value, behind) in [
            ("198.51.100.0", "/24"),
            ("198.51.100.128", "/25,"),
            ("2001:db8::", "/32"),
            ("3.5.140.0", "/22\""),
        ] {
            assert!(network(value, behind), "{value}{behind}");
        }
        for (value, behind) in [
            ("198.51.100.7", "/24"),
            ("198.51.100.0", "/32"),
            ("198.51.100.0", " /24"),
            ("198.51.100.0", "/x"),
            ("198.51.100.0", ""),
            ("2001:db8::1", "/64"),
        ] {
            assert!(!network(value, behind), "{value}{behind}");
        }
    }

    #[test]
    fn numbers_of_services_are_struck_as_a_whole() {
        for before in ["+1 800 ", "tel. 0800 ", "1-888-", "(866) "] {
            assert!(is_of_service(before.as_bytes(), b"555 0100"), "{before}");
        }
        for before in ["tel. ", "+1 312 ", "800", "side 800, "] {
            assert!(!is_of_service(before.as_bytes(), b"555 0100"), "{before}");
        }
    }

    #[test]
    fn moments_in_paths_and_rows_of_codes_are_told() {
        let moment = |text: &str| is_moment(text.as_bytes(), 1, text.len() - 1);
        assert!(moment("/20090317-1643/"));
        assert!(
            !moment("/20090317-2643/") && !moment(" 20090317-1643/") && !moment("/090317-1643/")
        );
        let version = |text: &str| is_version(text.as_bytes(), 1, text.len() - 1);
        assert!(version("/2.7.18/") && version("/1.14.05/"));
        assert!(!version("/12.03.1985/") && !version(" 2.7.18/") && !version("/20718/"));
        assert!(
            are_zones(b"Regina America", b"/Rio_Branco") && are_zones(b"Lagos Africa", b"/Lome")
        );
        assert!(!are_zones(b"Kari Hansen", b"/Ola") && !are_zones(b"Regina America", b" / x"));
        assert!(are_codes(b"AST AWT APT AHST") && are_codes(b"EUR USD NOK"));
        assert!(!are_codes(b"KARI ANNE HANSEN") && !are_codes(b"ANNA HANSEN"));
        assert!(
            !are_codes(b"ANN LEE") && !are_codes(b"Ann Lee Kim") && !are_codes(b"AB12 CD34 EF56")
        );
    }
}
