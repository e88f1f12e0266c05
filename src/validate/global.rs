//! Kinds that belong to no country: e-mail, IBAN, payment cards, IP and MAC addresses, telephone.
//!
//! RFC 5321/5322 and RFC 2606 (reserved domains); ISO 13616 and SWIFT's IBAN registry; ISO/IEC 7812;
//! RFC 1918, 5737, 6890, 3849; IEEE EUI-48; ITU-T E.164 and its list of country codes.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use super::checksum::{Digits, date, luhn, mod_97};
use super::wordset::Words;
use super::{Context, Rung, Validator, Validity, Verdict, cell};
use crate::detect::lower::{is_letter, with_lower};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("email", email),
    ("encoded_email", encoded_email),
    ("iban", iban),
    ("payment_card", payment_card),
    ("ip_address", ip_address),
    ("mac_address", mac_address),
    ("phone", phone),
];

/// File extensions that stand where a top-level domain would.
const EXTENSIONS: &[&str] = &[
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "bmp",
    "ico",
    "css",
    "js",
    "mjs",
    "ts",
    "html",
    "htm",
    "php",
    "txt",
    "md",
    "rs",
    "py",
    "json",
    "xml",
    "yml",
    "yaml",
    "zip",
    "gz",
    "pdf",
    "docx",
    "xlsx",
    "service",
    "target",
    "socket",
    "timer",
    "mount",
    "slice",
    "local",
    "localhost",
    "internal",
    "lan",
];

/// E-mail address: dotted local part, dotted domain with an alphabetic top-level domain. Domains that
/// RFC 2606 reserves are test data.
fn email(text: &str, _: &Context) -> Verdict {
    let Some(at) = text.bytes().rposition(|b| b == b'@') else { return Verdict::Invalid("no @") };
    let (local, domain) = (&text.as_bytes()[..at], &text[at + 1..]);
    if local.is_empty()
        || local.starts_with(b".")
        || local.ends_with(b".")
        || local.windows(2).any(|pair| pair == b"..")
    {
        return Verdict::Invalid("the local part is not dotted atoms");
    }
    if local == b"git" {
        return Verdict::Invalid("where a repository is cloned from");
    }
    if NOBODY.iter().any(|nobody| text[..at].eq_ignore_ascii_case(nobody)) {
        return Verdict::Invalid("a mailbox that nobody reads");
    }
    if !text.is_ascii() && text.contains('\u{FFFD}') {
        return Verdict::Invalid("no text");
    }
    if is_of_forms(&text[..at]) {
        return Verdict::Invalid("what a form shows as an example");
    }
    with_lower::<64, _>(domain, small_domain)
}

/// An e-mail address as the address of a web page carries it.
fn encoded_email(text: &str, cx: &Context) -> Verdict {
    match email(&text.replacen("%40", "@", 1), cx) {
        Verdict::Valid(_) => const { Verdict::Valid(Rung::new("encoded", Validity::Real)) },
        invalid => invalid,
    }
}

/// What forms show before the @: the words for the parts of a name, all in one or with signs between them.
fn is_of_forms(local: &str) -> bool {
    const ALONE: &[&str] = &["name", "naam", "yourname", "firstname"];
    let mut words = local.split(['.', '_', '-']);
    match local.contains(['.', '_', '-']) {
        false => ALONE.iter().any(|w| local.eq_ignore_ascii_case(w)),
        true => words.all(cell::is_part_of_name),
    }
}

/// The domain of an e-mail address, in lower case.
fn small_domain(domain: &[u8]) -> Verdict {
    static FILES: LazyLock<Words> = LazyLock::new(|| Words::new(EXTENSIONS.iter().copied()));
    let Some(dot) = domain.iter().rposition(|b| *b == b'.') else {
        return Verdict::Invalid("no top-level domain");
    };
    let (rest, top) = (&domain[..dot], &domain[dot + 1..]);
    let mut labels = rest.split(|b| *b == b'.');
    if labels.any(|l| l.is_empty() || l.starts_with(b"-") || l.ends_with(b"-")) {
        return Verdict::Invalid("a domain label is empty or starts with a hyphen");
    }
    if !is_top(top) || FILES.holds(top) {
        return Verdict::Invalid("no top-level domain");
    }
    Verdict::Valid(if is_reserved(domain) { Rung::TEST } else { Rung::STRICT })
}

/// Whether a domain in lower case is one of those that are reserved for examples and tests.
pub(super) fn is_reserved(domain: &[u8]) -> bool {
    let mut labels = domain.rsplit(|b| *b == b'.');
    match labels.next() {
        Some(b"test" | b"example" | b"invalid") => true,
        Some(b"com" | b"org" | b"net") => labels.next() == Some(b"example"),
        _ => false,
    }
}

/// Top-level domains of two letters: those of countries, as IANA has them.
const COUNTRIES: &str = "\
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo \
    br bs bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk \
    dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq \
    gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh \
    ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn \
    mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg \
    ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn \
    so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us \
    uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw \
";

/// By two letters, whether they are the domain of a country.
static IS_COUNTRY: [bool; 26 * 26] = {
    let (mut table, mut at) = ([false; 26 * 26], 0);
    let codes = COUNTRIES.as_bytes();
    while at + 1 < codes.len() {
        table[(codes[at] - b'a') as usize * 26 + (codes[at + 1] - b'a') as usize] = true;
        at += 3;
    }
    table
};

/// Whether a label in lower case can be a top-level domain: the two letters of a country, or more.
fn is_top(label: &[u8]) -> bool {
    if label.iter().all(u8::is_ascii_alphabetic) {
        return match *label {
            [a @ b'a'..=b'z', b @ b'a'..=b'z'] => {
                IS_COUNTRY[usize::from(a - b'a') * 26 + usize::from(b - b'a')]
            }
            _ => label.len() > 2,
        };
    }
    let label = std::str::from_utf8(label).unwrap_or_default();
    // Of those with other letters none but a few long ones has letters of ASCII as well; bytes that are no text have.
    let is_of_one = label.len() > 8 || !label.bytes().any(|b| b.is_ascii_alphabetic());
    let is_alphabetic = is_of_one && label.chars().all(is_letter) || label.starts_with("xn--");
    is_alphabetic && label.chars().nth(1).is_some()
}

/// Parts before the @ of mailboxes that nobody reads.
const NOBODY: &[&str] = &[
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "mailer-daemon",
];

/// Country code and structure of the BBAN: n digits, a letters, c both, as in SWIFT's IBAN registry.
const IBANS: &[(&str, &str)] = &[
    ("AD", "8n12c"),
    ("AE", "19n"),
    ("AL", "8n16c"),
    ("AT", "16n"),
    ("AZ", "4a20c"),
    ("BA", "16n"),
    ("BE", "12n"),
    ("BG", "4a6n8c"),
    ("BH", "4a14c"),
    ("BI", "23n"),
    ("BR", "23n1a1c"),
    ("BY", "4c4n16c"),
    ("CH", "5n12c"),
    ("CR", "18n"),
    ("CY", "8n16c"),
    ("CZ", "20n"),
    ("DE", "18n"),
    ("DJ", "23n"),
    ("DK", "14n"),
    ("DO", "4c20n"),
    ("EE", "16n"),
    ("EG", "25n"),
    ("ES", "20n"),
    ("FI", "14n"),
    ("FK", "2a12n"),
    ("FO", "14n"),
    ("FR", "10n11c2n"),
    ("GB", "4a14n"),
    ("GE", "2a16n"),
    ("GI", "4a15c"),
    ("GL", "14n"),
    ("GR", "7n16c"),
    ("GT", "4c20c"),
    ("HN", "4a20n"),
    ("HR", "17n"),
    ("HU", "24n"),
    ("IE", "4a14n"),
    ("IL", "19n"),
    ("IQ", "4a15n"),
    ("IS", "22n"),
    ("IT", "1a10n12c"),
    ("JO", "4a4n18c"),
    ("KW", "4a22c"),
    ("KZ", "3n13c"),
    ("LB", "4n20c"),
    ("LC", "4a24c"),
    ("LI", "5n12c"),
    ("LT", "16n"),
    ("LU", "3n13c"),
    ("LV", "4a13c"),
    ("LY", "21n"),
    ("MC", "10n11c2n"),
    ("MD", "2c18c"),
    ("ME", "18n"),
    ("MK", "3n10c2n"),
    ("MN", "16n"),
    ("MR", "23n"),
    ("MT", "4a5n18c"),
    ("MU", "4a19n3a"),
    ("NI", "4a20n"),
    ("NL", "4a10n"),
    ("NO", "11n"),
    ("OM", "3n16c"),
    ("PK", "4a16c"),
    ("PL", "24n"),
    ("PS", "4a21c"),
    ("PT", "21n"),
    ("QA", "4a21c"),
    ("RO", "4a16c"),
    ("RS", "18n"),
    ("RU", "14n15c"),
    ("SA", "2n18c"),
    ("SC", "4a20n3a"),
    ("SD", "14n"),
    ("SE", "20n"),
    ("SI", "15n"),
    ("SK", "20n"),
    ("SM", "1a10n12c"),
    ("SO", "19n"),
    ("ST", "21n"),
    ("SV", "4a20n"),
    ("TL", "19n"),
    ("TN", "20n"),
    ("TR", "6n16c"),
    ("UA", "6n19c"),
    ("VA", "18n"),
    ("VG", "4a16n"),
    ("XK", "16n"),
    ("YE", "4a4n18c"),
];

/// By the two letters of a country, one more than its place in [`IBANS`].
static PLACES: [u8; 26 * 26] = {
    let (mut table, mut at) = ([0; 26 * 26], 0);
    while at < IBANS.len() {
        let code = IBANS[at].0.as_bytes();
        table[(code[0] - b'A') as usize * 26 + (code[1] - b'A') as usize] = at as u8 + 1;
        at += 1;
    }
    table
};

/// The structure of a country's BBAN.
fn structure(country: [u8; 2]) -> Option<&'static str> {
    let [first, second] = country.map(|letter| usize::from(letter.wrapping_sub(b'A')));
    let place = PLACES.get(first * 26 + second).filter(|_| second < 26)?;
    Some(IBANS.get(usize::from(*place).checked_sub(1)?)?.1)
}

/// Published examples: those of SWIFT's registry, of ISO 13616 and of payment processors for tests. Sorted.
const EXAMPLE_IBANS: &[&str] = &[
    "AD1200012030200359100100",
    "AE070331234567890123456",
    "AL47212110090000000235698741",
    "AT321904300235473204",
    "AT611904300234573201",
    "AZ21NABZ00000000137010001944",
    "BA391290079401028494",
    "BE68539007547034",
    "BG80BNBG96611020345678",
    "BH67BMAG00001299123456",
    "BR1800360305000010009795493C1",
    "BR9700360305000010009795493P1",
    "BY13NBRB3600900000002Z00AB00",
    "CH9300762011623852957",
    "CR05015202001026284066",
    "CY17002001280000001200527600",
    "CZ6508000000192000145399",
    "DE62370400440532013001",
    "DE89370400440532013000",
    "DE91100000000123456789",
    "DK5000400440116243",
    "DO28BAGR00000001212453611324",
    "EE382200221020145685",
    "EG380019000500000000263180002",
    "ES0700120345030000067890",
    "ES9121000418450200051332",
    "FI2112345600000785",
    "FO6264600001631634",
    "FR1420041010050500013M02606",
    "GB29NWBK60161331926819",
    "GB82WEST12345698765432",
    "GE29NB0000000101904917",
    "GI75NWBK000000007099453",
    "GL8964710001000206",
    "GR1601101250000000012300695",
    "GT82TRAJ01020000001210029690",
    "HR1210010051863000160",
    "HU42117730161111101800000000",
    "IE29AIBK93115212345678",
    "IL620108000000099999999",
    "IQ98NBIQ850123456789012",
    "IS140159260076545510730339",
    "IT60X0542811101000000123456",
    "JO94CBJO0010000000000131000302",
    "KW81CBKU0000000000001234560101",
    "KZ86125KZT5004100100",
    "LB62099900000001001901229114",
    "LC55HEMM000100010012001200023015",
    "LI21088100002324013AA",
    "LT121000011101001000",
    "LU280019400644750000",
    "LV80BANK0000435195001",
    "MC5811222000010123456789030",
    "MD24AG000225100013104168",
    "ME25505000012345678951",
    "MK07250120000058984",
    "MR1300020001010000123456753",
    "MT84MALT011000012345MTLCAST001S",
    "MU17BOMM0101101030300200000MUR",
    "NL39RABO0300065264",
    "NL91ABNA0417164300",
    "NO9386011117947",
    "PK36SCBL0000001123456702",
    "PL61109010140000071219812874",
    "PS92PALS000000000400123456702",
    "PT50000201231234567890154",
    "QA58DOHB00001234567890ABCDEFG",
    "RO49AAAA1B31007593840000",
    "RS35260005601001611379",
    "SA0380000000608010167519",
    "SC18SSCB11010000000000001497USD",
    "SE4550000000058398257466",
    "SI56263300012039086",
    "SK3112000000198742637541",
    "SM86U0322509800000000270100",
    "ST23000100010051845310146",
    "SV62CENR00000000000000700025",
    "TL380080012345678910157",
    "TN5910006035183598478831",
    "TR330006100519786457841326",
    "UA213223130000026007233566001",
    "VA59001123000012345678",
    "VG96VPVG0000012345678901",
    "XK051212012345678906",
];

/// IBAN: country code, two check digits (ISO 7064 MOD 97-10 over the rearranged text), BBAN of the
/// country's length and structure.
fn iban(text: &str, _: &Context) -> Verdict {
    let text = iban_in(text);
    let mut plain = [0u8; 40];
    let mut len = 0;
    for byte in text.bytes().filter(u8::is_ascii_alphanumeric) {
        if len == plain.len() {
            return Verdict::Invalid("too long");
        }
        plain[len] = byte.to_ascii_uppercase();
        len += 1;
    }
    let mut plain = &plain[..len];
    if plain.len() > 8 && plain.starts_with(b"IBAN") {
        plain = &plain[4..];
    }
    let Some((head, bban)) = plain.split_at_checked(4) else {
        return Verdict::Invalid("too short");
    };
    let Some(structure) = structure([head[0], head[1]]) else {
        return Verdict::Invalid("the country has no IBAN");
    };
    if !has_structure(bban, structure) {
        return Verdict::Invalid("not the country's length and structure");
    }
    if mod_97(bban.iter().chain(head).copied()) != 1 {
        return Verdict::Invalid("fails the check digits");
    }
    let is_example =
        EXAMPLE_IBANS.binary_search_by(|example| example.as_bytes().cmp(plain)).is_ok();
    Verdict::Valid(if is_example { Rung::TEST } else { Rung::STRICT })
}

/// What of a text is as long as IBANs of its country are, where a blank or a hyphen stands behind that: words go on in
/// groups of four letters, too (`BE71 0961 2345 6769 BIC`). All of the text where it is shorter or goes on without.
#[must_use]
pub fn iban_in(text: &str) -> &str {
    // In tables most are written in one piece.
    if text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return text;
    }
    let prefix = text.get(..4).filter(|p| p.eq_ignore_ascii_case("iban")).map_or(0, str::len);
    let signs = || text.bytes().enumerate().skip(prefix).filter(|(_, b)| b.is_ascii_alphanumeric());
    let mut country = signs().map(|(_, b)| b.to_ascii_uppercase());
    let structure = country.next().zip(country.next()).and_then(|(a, b)| structure([a, b]));
    let Some(structure) = structure else { return text };
    let groups = structure.split(|c: char| !c.is_ascii_digit());
    let length: usize = 4 + groups.filter_map(|n| n.parse::<usize>().ok()).sum::<usize>();
    let end = signs().nth(length - 1).map_or(text.len(), |(at, _)| at + 1);
    let goes_on = text[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
    if goes_on { text } else { &text[..end] }
}

fn has_structure(bban: &[u8], structure: &str) -> bool {
    let (mut rest, mut count) = (bban, 0);
    for c in structure.bytes() {
        if c.is_ascii_digit() {
            count = count * 10 + usize::from(c - b'0');
            continue;
        }
        let Some((part, behind)) = rest.split_at_checked(count) else { return false };
        let fits = match c {
            b'n' => part.iter().all(u8::is_ascii_digit),
            b'a' => part.iter().all(u8::is_ascii_uppercase),
            _ => part.iter().all(u8::is_ascii_alphanumeric),
        };
        if !fits {
            return false;
        }
        (rest, count) = (behind, 0);
    }
    rest.is_empty()
}

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
    let plain: String = d.iter().map(|d| char::from(b'0' + d)).collect();
    Verdict::Valid(if TEST_CARDS.contains(&plain.as_str()) { Rung::TEST } else { Rung::STRICT })
}

/// A range next to a brand's that no list shows as issued: it takes a word of cards to be believed.
const UNASSIGNED: Rung = Rung::new("unassigned", Validity::Real);

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

/// An address of small numbers that may as well be a version.
const LIKE_VERSION: Rung = Rung::new("like_version", Validity::Real);

/// Whether four numbers are small throughout, as those of object identifiers, versions and sections are.
fn is_like_version(parts: [u8; 4]) -> bool {
    let below = |most: u8| parts.iter().filter(|n| **n < most).count();
    below(32) == 4 || (parts[0] < 32 && below(100) == 4 && below(10) >= 2)
}

/// Whether groups of four digits are numbers of characters: `0031 2044 0034`. No telephone has several that begin with zero.
fn are_characters(text: &str) -> bool {
    let groups = || text.split(' ');
    groups().all(|g| g.len() == 4) && groups().filter(|g| g.starts_with('0')).count() > 1
}

/// Whether digits that begin with two zeros are a serial number in groups and no dialled country: behind the zeros, behind
/// the country's code or behind the area's a group ends, and not all of them have four digits as those of cards have. So
/// written in Singapore only: `0065 6123 4567`.
fn is_serial(text: &str, d: &[u8], code: usize) -> bool {
    if !text.starts_with("00") {
        return false;
    }
    let of_digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let first = of_digits(text);
    let (zeros, area) = (2, 2);
    let ends = first == zeros || first == zeros + code || first > zeros + code + area;
    let is_dashed = || text[first..].starts_with('-');
    let is_glued = first == zeros + code + area && !is_dashed();
    let lengths = || text.split(|c: char| !c.is_ascii_digit()).map(str::len);
    let fours = lengths().all(|length| length == 4);
    // Accounts of Norwegian banks.
    let is_account = text.contains('.') && lengths().eq([4, 2, 5]);
    let is_other = fours && !d.starts_with(&[6, 5]) || is_account;
    !(ends || is_glued) || is_other
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

/// How many digits the country calling code of E.164 has that a number starts with; `None` when it starts with none.
fn country_code(d: &[u8]) -> Option<usize> {
    let n = |count: usize| d[..count].iter().fold(0, |n, &d| n * 10 + u32::from(d));
    let two = matches!(
        n(2),
        20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98
    );
    let three = matches!(
        n(3),
        211..=213 | 216 | 218 | 220..=258 | 260..=269 | 290 | 291 | 297..=299 | 350..=359 | 370..=383
            | 385..=387 | 389 | 420 | 421 | 423 | 500..=509 | 590..=599 | 670 | 672..=692 | 800 | 808
            | 850 | 852 | 853 | 855 | 856 | 870 | 878 | 880..=883 | 886 | 888 | 960..=968 | 970..=977
            | 979 | 992..=996 | 998
    );
    match d[0] {
        1 | 7 => Some(1),
        _ if two => Some(2),
        _ => three.then_some(3),
    }
}

/// The same of a number in ASCII; `None` for what has fewer than three digits, or others than those.
#[must_use]
pub fn calling_code(digits: &str) -> Option<usize> {
    let values: Vec<u8> = digits.bytes().map(|b| b.wrapping_sub(b'0')).collect();
    (values.len() >= 3 && values.iter().all(|d| *d < 10)).then(|| country_code(&values))?
}

/// Groups of digits as telephone numbers have them, and other numbers as well.
const LOOSE: Rung = Rung::new("loose", Validity::Real);
/// A national number in the groups that people write.
const NATIONAL: Rung = Rung::new("national", Validity::Real);
/// A national number as only telephones are written: an area in brackets, or a mobile of the lengths and prefixes of a
/// numbering plan.
const PLAN: Rung = Rung::new("plan", Validity::Real);
/// Digits only: next to any number of the length passes.
const BARE: Rung = Rung::new("bare", Validity::Real);

/// Whether a number is one of a service that anybody may call and that is nobody's: freephone and premium numbers of
/// North America (toll-free codes of the NANPA), Norway (Nkom: 80, 81, 82) and E.164's +800, 0800 and 0808, which
/// Great Britain, Germany, Austria, Switzerland, the Netherlands and Belgium have in common, and 0900.
fn is_of_service(international: Option<&[u8]>, groups: &[&[u8]]) -> bool {
    const TOLL_FREE: &[&[u8]] = &[b"800", b"833", b"844", b"855", b"866", b"877", b"888"];
    let is_free = |three: &[u8]| {
        TOLL_FREE.iter().any(|free| free.iter().map(|b| b - b'0').eq(three.iter().copied()))
    };
    match international {
        Some([1, rest @ ..]) => rest.get(..3).is_some_and(is_free),
        Some([4, 7, 8, 0..=2, rest @ ..]) => rest.len() == 6,
        Some(d) => d.starts_with(&[8, 0, 0]),
        None => {
            let [first, rest @ ..] = groups else { return false };
            let lengths = || rest.iter().map(|g| g.len());
            TOLL_FREE.contains(first) && lengths().eq([3, 4])
                || matches!(first, [b'8', b'0'..=b'2', _]) && lengths().eq([2, 3])
                || matches!(*first, b"0800" | b"0808" | b"0900")
        }
    }
}

const SERVICE: Verdict = Verdict::Invalid("the number of a service");

/// Telephone number: `+` or `00` and a country code of E.164, or a national form. Numbers reserved for
/// fiction (NANP 555-01xx, Ofcom's drama numbers) are test data.
fn phone(text: &str, _: &Context) -> Verdict {
    let trunk = text.contains('(').then(|| text.replace("(0)", ""));
    let Some(digits) = Digits::of(trunk.as_deref().unwrap_or(text)) else {
        return Verdict::Invalid("too long");
    };
    let d = digits.all();
    if d.len() < 7 || d.len() > 15 || digits.uniform() {
        return Verdict::Invalid("not a telephone number's length");
    }
    let international = if text.trim_start_matches('(').starts_with('+') {
        Some(d)
    } else {
        d.strip_prefix(&[0, 0]).filter(|d| d.len() >= 9)
    };
    if let Some(d) = international {
        let Some(code) = Some(d).filter(|d| d.len() >= 3).and_then(country_code) else {
            return Verdict::Invalid("no such country code");
        };
        // North America, Russia and Kazakhstan.
        if d.len() < 8 || matches!(d[0], 1 | 7) && d.len() != 11 {
            return Verdict::Invalid("not the country's length");
        }
        // Characters of Unicode in groups (`0046 0066 0069`) go on with two zeros, telephones do not.
        if d[code..].starts_with(&[0, 0])
            || is_other_with_plus(text)
            || are_characters(text)
            || is_serial(text, d, code)
            || are_coordinates(text, code)
        {
            return NO_PHONE;
        }
        if is_of_service(Some(d), &[]) {
            return SERVICE;
        }
        return Verdict::Valid(if is_fiction(d) { Rung::TEST } else { Rung::STRICT });
    }
    if d.starts_with(&[0, 0]) {
        return NO_PHONE;
    }
    if d.len() == text.len() {
        return Verdict::Valid(BARE);
    }
    let (groups, count) = groups(text);
    let groups = &groups[..count];
    let book = (text.starts_with("978") || text.starts_with("979")) && text.contains('-');
    if book || is_decimal(text) || is_range(text, groups) || looks_like_date(groups) {
        return NO_PHONE;
    }
    if is_of_service(None, groups) {
        return SERVICE;
    }
    Verdict::Valid(match has_national_form(text, groups) {
        true if is_of_plan(text, d, groups) => PLAN,
        true => NATIONAL,
        false => LOOSE,
    })
}

/// Whether a national number is one of a plan: mobiles of Germany (BNetzA: 015, 016, 017), Great Britain (Ofcom: 07),
/// Turkey (BTK: 05), France (Arcep: 06, 07 in pairs), Sweden (PTS: 07) and Switzerland (OFCOM: 07), Norway (Nkom: 4, 9),
/// Finland (Traficom: 04, 050) and the Netherlands (ACM: 06) as they are written there, or any with its area in brackets.
fn is_of_plan(text: &str, d: &[u8], groups: &[&[u8]]) -> bool {
    let in_groups = |lengths: &[usize]| groups.iter().map(|g| g.len()).eq(lengths.iter().copied());
    text.starts_with('(')
        || match d {
            [0, 1, 5..=7, ..] => matches!(d.len(), 11 | 12),
            [0, 7 | 5, ..] if d.len() == 11 => true,
            [0, 7, ..] => in_groups(&[2; 5]) || in_groups(&[3, 3, 2, 2]),
            [0, 6, ..] => in_groups(&[2; 5]) || in_groups(&[2, 8]),
            [0, 4, ..] | [0, 5, 0, ..] => in_groups(&[3, 7]) || in_groups(&[3, 3, 4]),
            [4 | 9, ..] => in_groups(&[3, 2, 3]),
            _ => false,
        }
}

const NO_PHONE: Verdict = Verdict::Invalid("a date, a book number or another number");

/// Whether the groups are those in which some country writes its numbers, and few write other numbers.
fn has_national_form(text: &str, groups: &[&[u8]]) -> bool {
    let mut lengths = [0; 5];
    lengths.iter_mut().zip(groups).for_each(|(length, group)| *length = group.len());
    let lengths = &lengths[..groups.len()];
    // Article numbers and pages have three digits and four as often as telephones without area code.
    if lengths == [3, 4] && !text.starts_with('(') {
        return false;
    }
    // Codes of post offices in the United States have five and four.
    if lengths == [5, 4] && text.contains('-') {
        return false;
    }
    // Four pairs with dots between them are a version or an address as often.
    let pairs = matches!(lengths, [2, 2, 2, 2]) && !text.contains('.');
    text.starts_with(['0', '('])
        || pairs
        || matches!(lengths, [3, 2, 3] | [3, 2, 2, 2]) && !text.starts_with('1')
        || (matches!(lengths, [3, 3, 3 | 4]) && !text.starts_with('1'))
}

fn is_fiction(d: &[u8]) -> bool {
    (d.len() == 11 && d[0] == 1 && d[4..9] == [5, 5, 5, 0, 1])
        || d.starts_with(&[4, 4, 7, 7, 0, 0, 9, 0, 0])
}

/// Whether a text is digits with one dot among them.
fn is_decimal(text: &str) -> bool {
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.').is_some_and(|(whole, places)| is_digits(whole) && is_digits(places))
}

/// Digits of a number with its country that is written in one piece; fewer are what was added to something
/// (`+67982503`), but for countries of few people, which write groups.
const LEAST_WITH_PLUS: usize = 9;

/// What a plus stands before as well: a sum, a decimal, unless the dot is that of EPP, right behind the calling code (RFC 5733:
/// `+1.7035555555`), and the day of a version (Debian Policy 5.6.12: `+20221128-1`).
fn is_other_with_plus(text: &str) -> bool {
    let Some(number) = text.strip_prefix('+') else { return false };
    if number.len() < LEAST_WITH_PLUS && number.bytes().all(|b| b.is_ascii_digit()) {
        return true;
    }
    // Coordinates of ISO 6709: `+3553-00519`, `+415100-0873900`.
    let is_place = |(a, b): (&str, &str)| matches!((a.len(), b.len()), (4, 5) | (6, 7));
    if number.split_once('-').is_some_and(is_place) {
        return true;
    }
    let is_epp = |dot: usize| calling_code(&number.replace('.', "")) == Some(dot);
    let first = number.bytes().take_while(u8::is_ascii_digit).count();
    (is_decimal(number) && !is_epp(first)) || (first == 8 && is_day(number))
}

/// Whether a number that begins with two zeros is coordinates of a drawing, whose decimals have nothing in front of
/// their dots (`.002.002.402 003 1.22`): the calling code is broken over groups, or the rest is a decimal.
fn are_coordinates(text: &str, code: usize) -> bool {
    let (groups, count) = groups(text);
    let is_broken = groups[0].len() > 2 && groups[0].len() < 2 + code;
    let zeros = groups[1..count].iter().any(|g| g.len() > 3 && g.starts_with(b"00"));
    // No part of a number behind the calling code is a single digit.
    let code_apart = usize::from(groups[0].len() == 2);
    let single = groups[1 + code_apart..count.max(1 + code_apart)].iter().any(|g| g.len() == 1);
    let is_cut = text.starts_with("00.");
    text.starts_with("00") && (is_broken || zeros || single || is_cut || is_decimal(text))
}

/// Whether a text begins with year, month and day in one piece.
fn is_day(text: &str) -> bool {
    let n = |part: std::ops::Range<usize>| text.get(part)?.parse().ok();
    let (Some(year), Some(month), Some(day)) = (n(0..4), n(4..6), n(6..8)) else { return false };
    (1900..2100).contains(&year) && date(year, month, day).is_some()
}

/// A year and another or a number of that year (a case, a fault), or pages that are near each other. A country whose
/// numbers are two groups of four digits loses one number in a hundred by the latter.
fn is_range(text: &str, groups: &[&[u8]]) -> bool {
    /// Pages of an article.
    const PAGES: u32 = 100;
    let &[from, to] = groups else { return false };
    if (from.len(), to.len()) != (4, 4) || text.as_bytes().get(4) != Some(&b'-') {
        return false;
    }
    let n = |group: &[u8]| group.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0'));
    let (from, to) = (n(from), n(to));
    (1900..2100).contains(&from) || (from < to && to - from < PAGES)
}

/// Dates, and times of the day, in the forms that look like grouped numbers.
fn looks_like_date(groups: &[&[u8]]) -> bool {
    // A clock may stand behind it.
    let &[a, b, c, ref clock @ ..] = groups else { return false };
    let is_clock = clock.len() <= 3 && clock.iter().all(|part| part.len() == 2);
    let n = |s: &[u8]| match s.len() {
        ..=4 => s.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')),
        _ => u32::MAX,
    };
    let year = |s: &[u8]| s.len() == 4 && (1850..2100).contains(&n(s));
    is_clock
        && ((year(a) && n(b) <= 12 && n(c) <= 31)
            || (year(c) && n(a) <= 31 && n(b) <= 31 && a.len() <= 2 && b.len() <= 2))
}

/// The groups of digits in a text, and how many there are; of more than five the first five.
fn groups(text: &str) -> ([&[u8]; 5], usize) {
    let (mut groups, mut count): ([&[u8]; 5], _) = ([&[]; 5], 0);
    let mut rest = text.as_bytes();
    while let Some(start) = rest.iter().position(u8::is_ascii_digit) {
        let Some(place) = groups.get_mut(count) else { break };
        let length = rest[start..].iter().take_while(|b| b.is_ascii_digit()).count();
        *place = &rest[start..start + length];
        rest = &rest[start + length..];
        count += 1;
    }
    (groups, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid(f: Validator, text: &str) -> bool {
        let cx = Context { as_of: jiff::civil::date(2026, 6, 1) };
        matches!(f(text, &cx), Verdict::Valid(_))
    }

    #[test]
    fn published_examples_pass_and_near_misses_do_not() {
        assert!(
            valid(iban, "GB82 WEST 1234 5698 7654 32")
                && !valid(iban, "GB82 WEST 1234 5698 7654 33")
        );
        assert!(
            valid(payment_card, "4111-1111-1111-1111") && !valid(payment_card, "4111111111111112")
        );
        for (text, own) in [
            ("BE71 0961 2345 6769 BIC", "BE71 0961 2345 6769"),
            ("IBAN BE71096123456769 250", "IBAN BE71096123456769"),
            ("BE71 0961 2345 6769", "BE71 0961 2345 6769"),
            ("BE710961234567691", "BE710961234567691"),
            ("NO93 8601 1117 947", "NO93 8601 1117 947"),
        ] {
            assert_eq!(iban_in(text), own);
        }
        assert!(valid(iban, "BE71 0961 2345 6769 BIC") && !valid(iban, "BE71096123456769250"));
        assert!(EXAMPLE_IBANS.is_sorted() && EXAMPLE_IBANS.iter().all(|text| valid(iban, text)));
        for (country, bban) in IBANS {
            let by_country = structure([country.as_bytes()[0], country.as_bytes()[1]]);
            assert_eq!(by_country, Some(*bban));
        }
        assert_eq!([*b"AA", *b"B3", *b"3B", *b"ZZ", *b"A["].map(structure), [None; 5]);
        assert!(valid(email, "first.last+tag@sub.example.co.uk") && !valid(email, "logo@2x.png"));
        assert!(!valid(email, "git@code.example.org") && valid(email, "git.kari@example.org"));
        assert!(!valid(email, "first.last@x.org") && !valid(email, "Vorname_Nachname@firma.de"));
        assert!(!valid(email, "naam@voorbeeld.nl") && valid(email, "kari.last@x.org"));
        assert!(!valid(email, "No-Reply@firma.no") && !valid(email, "Hãb@Ê2ı.îJ"));
        assert!(!valid(email, "ab@cd.ef") && valid(email, "Kari@Firma.NO"));
        assert!(valid(email, "kari@firma.рф") && valid(email, "kari@firma.vermögensberatung"));
        assert!(!valid(email, "a@b") && !valid(email, "user@example..com"));
        assert!(valid(ip_address, "203.0.113.7") && !valid(ip_address, "192.168.1.10"));
        assert!(valid(phone, "+47 912 34 567") && !valid(phone, "+999 123 456"));
        assert!(!valid(phone, "2024-03-12") && valid(phone, "(312) 946-1206"));
        assert!(!valid(mac_address, "ff:ff:ff:ff:ff:ff") && valid(mac_address, "001b.4411.3ab7"));
        assert!(!valid(mac_address, "2025.1229.1200") && valid(mac_address, "0025.1229.1200"));
    }

    #[test]
    fn small_numbers_may_be_a_version() {
        let rung = |text: &str| super::super::cell::tests::rung_of(ip_address, text);
        for text in ["3.43.1.2", "6.7.4.12", "2.5.4.44", "1.24.99.2", "8.8.8.8", "11.12.13.14"] {
            assert_eq!(rung(text), "like_version", "{text}");
        }
        for text in ["5.83.11.75", "81.93.161.7", "31.13.64.51", "2.5.4.144"] {
            assert_eq!(rung(text), "strict", "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_telephones() {
        for text in [
            "114.5625",
            "249.5600",
            "063.7396220",
            "+6.37396220353165",
            "+20221128-1",
            "0051.46.84821",
            "+3553-00519",
            "+415100-0873900",
            "+47019061",
            "+67982503",
            "1997-2000",
            "1912-2099",
            "5016-5029",
            "2018-6551",
            "0046 0066 0069",
            "0031 2044 0034",
            "0020 0650 0651",
            "002.002.402.70711",
            "003 1.223 4.272",
            "003963.935547",
            "002184-98693",
            "0055 6014 2440",
            "007.053.543-49",
            "007 237 283 296",
            "007813.007813 24",
            "007 2.416 1.035 3.761",
            "00.479.296.592.592",
            "2009-09-28 21",
        ] {
            assert!(!valid(phone, text), "{text}");
        }
        let written =
            ["+1.2125550187", "+47.91234567", "+20 2 2112 8123", "2234-8765", "2016 2034"];
        for text in written.into_iter().chain([
            "5029-5016",
            "114.56.25",
            "0047.912.34.567",
            "00 1 212 555 0187",
            "0047 91 23 45 67",
        ]) {
            assert!(valid(phone, text), "{text}");
        }
    }

    #[test]
    fn numbers_of_services_are_nobodys() {
        for text in [
            "+1 800 555 0100",
            "800-555-0100",
            "815 00 123",
            "800 44 000",
            "+47 815 00 123",
            "0800 123 4567",
        ] {
            assert!(!valid(phone, text), "{text}");
        }
        for text in
            ["+1 801 555 0100", "801-555-0100", "915 00 123", "0801 123 4567", "+47 22 00 12 34"]
        {
            assert!(valid(phone, text), "{text}");
        }
    }

    #[test]
    fn three_digits_and_four_are_loose() {
        let cx = Context { as_of: jiff::civil::date(2026, 6, 1) };
        for (text, rung) in [
            ("640-5435", LOOSE),
            ("555 1234", LOOSE),
            ("018-1109", LOOSE),
            ("(555) 1234", PLAN),
            ("0151 200 00806", PLAN),
            ("06 12 34 56 78", PLAN),
            ("06-12345678", PLAN),
            ("070-174 06 05", PLAN),
            ("412 34 567", PLAN),
            ("040 123 4567", PLAN),
            ("0451/334455", NATIONAL),
            ("312-946-1206", NATIONAL),
            ("22 33 44 55", NATIONAL),
        ] {
            assert_eq!(phone(text, &cx), Verdict::Valid(rung), "{text}");
        }
    }
}
