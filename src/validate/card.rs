//! Payment cards: ISO/IEC 7812.

use super::checksum::{Digits, luhn};
use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("payment_card", payment_card)];

/// Published test card numbers of the payment processors.
const TEST_CARDS: &[&str] = &[
    "4111111111111111",
    "4242424242424242",
    "4012888888881881",
    "4222222222222",
    "4000056655665556",
    "5555555555554444",
    "5105105105105100",
    "5200828282828210",
    "2223003122003222",
    "2223000048400011",
    "378282246310005",
    "371449635398431",
    "378734493671000",
    "6011111111111117",
    "6011000990139424",
    "30569309025904",
    "38520000023237",
    "3056930009020004",
    "36227206271667",
    "3530111333300000",
    "3566002020360505",
    "6200000000000005",
    "5019717010103742",
    "6331101999990016",
    "76009244561",
    "4000000000000002",
    "4000002500003155",
    "5454545454545454",
    "4917610000000000",
    "6759649826438453",
];

/// A range next to a brand's that no list shows as issued: it takes a word of cards to be believed.
const UNASSIGNED: Rung = Rung::new("unassigned", Validity::Real);

/// Payment card: issuer range and length of a brand (ISO/IEC 7812), Luhn.
fn payment_card(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::of(text) else { return Verdict::Invalid("too long") };
    let d = digits.all();
    if d.len() < 12 || d.len() > 19 {
        return Verdict::Invalid("not 12 to 19 digits");
    }
    if d[..d.len() - 1].windows(2).all(|w| w[0] == w[1]) {
        return Verdict::Invalid("a placeholder");
    }
    let brand = is_brand(digits.number(0, 6), d.len());
    if !brand && !is_near_brand(digits.number(0, 4), d.len()) {
        return Verdict::Invalid("no issuer has this range and length");
    }
    if !luhn(d) {
        return Verdict::Invalid("fails the check digit");
    }
    if !brand {
        return Verdict::Valid(UNASSIGNED);
    }
    let is_test =
        TEST_CARDS.iter().any(|card| card.bytes().map(|b| b - b'0').eq(d.iter().copied()));
    Verdict::Valid(if is_test { Rung::TEST } else { Rung::STRICT })
}

fn is_near_brand(four: u32, len: usize) -> bool {
    match len {
        // Around JCB, and Maestro's older issuers.
        16 => (3500..=3599).contains(&four) || matches!(four / 100, 50 | 56..=58),
        12..=19 => matches!(four / 100, 50 | 56..=58),
        _ => false,
    }
}

fn is_brand(iin: u32, len: usize) -> bool {
    let (one, two, three, four) = (iin / 100_000, iin / 10_000, iin / 1000, iin / 100);
    match len {
        // Visa, and Visa of 13 and 19 digits.
        13 | 16 | 19 if one == 4 => true,
        // Mastercard.
        16 if (51..=55).contains(&two) || (2221..=2720).contains(&four) => true,
        // American Express.
        15 if two == 34 || two == 37 => true,
        // Diners Club.
        14 if (300..=305).contains(&three)
            || three == 309
            || two == 36
            || two == 38
            || two == 39 =>
        {
            true
        }
        // JCB, with its ranges of fifteen digits.
        15 if four == 1800 || four == 2131 => true,
        16..=19 if (3528..=3589).contains(&four) => true,
        // Discover.
        16..=19 if four == 6011 || (644..=649).contains(&three) || two == 65 => true,
        // UnionPay.
        16..=19 if two == 62 || two == 81 => true,
        // Maestro, Dankort, Mir.
        12..=19 if matches!(four, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763) => true,
        16 if four == 5019 || four == 4571 || (2200..=2204).contains(&four) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::takes;
    use super::payment_card;

    #[test]
    fn published_examples_pass_and_near_misses_do_not() {
        assert!(takes(payment_card, "4111-1111-1111-1111"));
        assert!(!takes(payment_card, "4111111111111112"));
    }
}
