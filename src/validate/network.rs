//! Addresses of machines in networks: IP (RFC 1918, 5737, 6890, 3849, 9637) and MAC (IEEE EUI-48).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("ip_address", ip_address), ("mac_address", mac_address)];

/// An address of small numbers that may as well be a version.
const LIKE_VERSION: Rung = Rung::new("like_version", Validity::Real);

/// IP address of version 4 or 6. Addresses that belong to no connection of their own (private,
/// loopback, multicast, masks) identify nobody; the documentation ranges are test data.
fn ip_address(text: &str, _: &Context) -> Verdict {
    if let Ok(ip) = text.parse::<Ipv4Addr>() {
        return ipv4(ip);
    }
    match text.parse::<Ipv6Addr>() {
        // RFC 3849, and the longer range of RFC 9637.
        Ok(ip) if ip.segments()[..2] == [0x2001, 0x0DB8] || ip.segments()[0] == 0x3FFF => {
            Verdict::Valid(Rung::TEST)
        }
        Ok(ip) => {
            let first = ip.segments()[0];
            if (0x2000..0x4000).contains(&first) {
                Verdict::Valid(Rung::STRICT)
            } else {
                Verdict::Invalid("not a public address")
            }
        }
        Err(_) => Verdict::Invalid("not an address"),
    }
}

fn ipv4(ip: Ipv4Addr) -> Verdict {
    let [a, b, c, d] = ip.octets();
    if ip.is_documentation() {
        return Verdict::Valid(Rung::TEST);
    }
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (18..20).contains(&b);
    if ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || a == 0
        || a >= 224
        || shared
        || benchmark
    {
        return Verdict::Invalid("private, reserved or a mask");
    }
    if is_like_version([a, b, c, d]) {
        return Verdict::Valid(LIKE_VERSION);
    }
    Verdict::Valid(Rung::STRICT)
}

/// Whether four numbers are small throughout, as those of object identifiers, versions and sections are.
fn is_like_version(parts: [u8; 4]) -> bool {
    let below = |most: u8| parts.iter().filter(|n| **n < most).count();
    below(32) == 4 || (parts[0] < 32 && below(100) == 4 && below(10) >= 2)
}

/// MAC address (EUI-48): six pairs of hexadecimal digits; not all equal.
fn mac_address(text: &str, _: &Context) -> Verdict {
    let mut pairs = text.bytes().filter(u8::is_ascii_hexdigit).map(|b| b.to_ascii_lowercase());
    let first = pairs.next();
    if pairs.all(|b| Some(b) == first) {
        return Verdict::Invalid("broadcast or a placeholder");
    }
    let is_number = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if is_number && (text.starts_with("20") || text.starts_with("19")) {
        return Verdict::Invalid("a version that is numbered by days");
    }
    Verdict::Valid(Rung::STRICT)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{rung_of, takes};
    use super::*;

    #[test]
    fn addresses_of_somebody_pass() {
        for (check, text, passes) in [
            (ip_address as Validator, "203.0.113.7", true),
            (ip_address, "192.168.1.10", false),
            (mac_address, "001b.4411.3ab7", true),
            (mac_address, "0025.1229.1200", true),
            (mac_address, "ff:ff:ff:ff:ff:ff", false),
            (mac_address, "2025.1229.1200", false),
        ] {
            assert_eq!(takes(check, text), passes, "{text}");
        }
    }

    #[test]
    fn small_numbers_may_be_a_version() {
        let rung = |text: &str| rung_of(ip_address, text);
        for text in ["3.43.1.2", "6.7.4.12", "2.5.4.44", "1.24.99.2", "8.8.8.8", "11.12.13.14"] {
            assert_eq!(rung(text), "like_version", "{text}");
        }
        for text in ["5.83.11.75", "81.93.161.7", "31.13.64.51", "2.5.4.144"] {
            assert_eq!(rung(text), "strict", "{text}");
        }
    }
}
