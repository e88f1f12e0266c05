//! E-mail addresses: RFC 5321/5322 and RFC 2606 (reserved domains).

use std::sync::LazyLock;

use super::wordset::Words;
use super::{Context, Rung, Validator, Validity, Verdict, cell};
use crate::detect::lower::{is_letter, with_lower};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("email", email), ("encoded_email", encoded_email)];

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
    "tar",
    "tgz",
    "tbz",
    "txz",
    "bak",
    "tmp",
    "log",
    "csv",
    "doc",
    "xls",
    "ppt",
    "pptx",
    "conf",
    "cfg",
    "ini",
    "toml",
    "lock",
    "exe",
    "dll",
    "jar",
    "war",
    "deb",
    "rpm",
    "whl",
    "apk",
    "woff",
    "ttf",
    "otf",
    "eot",
    "tif",
    "tiff",
    "psd",
    "heic",
    "avif",
    "scss",
    "less",
    "jsx",
    "tsx",
    "vue",
    "java",
    "cpp",
    "hpp",
    "sql",
    "patch",
    "diff",
    // What manuals have in place of one.
    "domain",
    "tld",
    "host",
    "hostname",
    "fqdn",
];

/// Names of domains that manuals, forms and settings have in place of one's own, in small letters.
const EXAMPLES: &[&str] = &[
    "domain",
    "yourdomain",
    "your-domain",
    "mydomain",
    "my-domain",
    "somedomain",
    "anydomain",
    "otherdomain",
    "yourcompany",
    "your-company",
    "mycompany",
    "my-company",
    "yourorg",
    "yoursite",
    "mysite",
    "yourserver",
    "yourhost",
    "voorbeeld",
    "beispiel",
    "exemple",
    "ejemplo",
    "esempio",
    "exemplo",
    "eksempel",
    "exempel",
    "esimerkki",
    "przyklad",
    "priklad",
    "pelda",
];

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
    if is_made(local) {
        return Verdict::Invalid("what a program called a message or an entry");
    }
    if is_of_ssh(local, domain.as_bytes()) {
        return Verdict::Invalid("the name of an algorithm or an extension");
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

/// Whether the part before the @ was made by a program: a day and a time with their letter, a UUID, or letters and digits
/// in turn.
fn is_made(local: &[u8]) -> bool {
    /// Bytes of a part that may be, and how often letters and digits follow each other there.
    const LONG: usize = 16;
    const TURNS: usize = 5;
    if local.len() < LONG {
        return false;
    }
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if local[8] == b'T' && digits(&local[..8]) && digits(&local[9..15]) {
        return true;
    }
    let kind = |b: &u8| (b.is_ascii_digit(), b.is_ascii_alphabetic());
    let turns = local
        .windows(2)
        .filter(|two| kind(&two[0]) == (true, false) && kind(&two[1]) == (false, true));
    let is_id = local.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    is_id && local.len() >= LONG + 4 && turns.count() >= TURNS
}

/// Whether it is how SSH calls algorithms and extensions (RFC 4251, section 6): those of other makers have their domain
/// behind an @: `chacha20-poly1305@openssh.com`.
fn is_of_ssh(local: &[u8], domain: &[u8]) -> bool {
    const MAKERS: [&[u8]; 3] = [b"openssh.com", b"libssh.org", b"lysator.liu.se"];
    const WORDS: [&[u8]; 6] = [b"zlib", b"eow", b"statvfs", b"fstatvfs", b"fsync", b"keepalive"];
    const ALGORITHMS: [&[u8]; 16] = [
        b"aes",
        b"chacha",
        b"umac",
        b"hmac",
        b"curve",
        b"sntrup",
        b"mlkem",
        b"ecdsa",
        b"ssh-",
        b"sk-",
        b"rijndael",
        b"serpent",
        b"twofish",
        b"diffie-",
        b"kex-",
        b"ecdh-",
    ];
    let has_digit = || local.iter().any(u8::is_ascii_digit);
    let has_hyphen = || local.contains(&b'-');
    match MAKERS.contains(&domain) {
        true => has_digit() || has_hyphen() || WORDS.contains(&local),
        false => {
            ALGORITHMS.iter().any(|begins| local.starts_with(begins)) && has_digit() && has_hyphen()
        }
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
    if rest == b"host.domain" {
        return Verdict::Invalid("what a manual shows as an example");
    }
    let name = rest.rsplit(|b| *b == b'.').next().unwrap_or_default();
    let is_test = is_reserved(domain) || EXAMPLES.iter().any(|example| example.as_bytes() == name);
    Verdict::Valid(if is_test { Rung::TEST } else { Rung::STRICT })
}

/// Whether a domain in lower case is one of those that are reserved for examples and tests.
pub fn is_reserved(domain: &[u8]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::super::testing::takes;
    use super::email;

    #[test]
    fn addresses_of_somebody_pass() {
        for text in [
            "first.last+tag@sub.example.co.uk",
            "git.kari@example.org",
            "kari.last@x.org",
            "Kari@Firma.NO",
            "kari@firma.рф",
            "kari@firma.vermögensberatung",
            "kari.nordmann19850412@firma.no",
            "djm@openssh.com",
            "aes-gruppen@firma.no",
            "4q1zrk2hjf0p3nx@marketplace.example.de",
        ] {
            assert!(takes(email, text), "{text}");
        }
        for text in [
            "logo@2x.png",
            "git@code.example.org",
            "first.last@x.org",
            "Vorname_Nachname@firma.de",
            "naam@voorbeeld.nl",
            "No-Reply@firma.no",
            "Hãb@Ê2ı.îJ",
            "ab@cd.ef",
            "a@b",
            "user@example..com",
            "icons-64x64@2.tar",
            "username@site.domain",
            "e2scrub@host.domain.name",
            "aes256-gcm@openssh.com",
            "rijndael-cbc@lysator.liu.se",
            "sntrup761x25519-sha512@openssh.com",
            "curve25519-sha256@ssh.example.org",
            "20260901T130000Z-123405@firma.no",
            "ak30b02u7858q1oo6ji9dm4mgg@firma.no",
            "43579348-0cd4-4f81-ab61-2c63bf4ce3e1@firma.no",
        ] {
            assert!(!takes(email, text), "{text}");
        }
    }
}
