//! Passwords and other secrets. They have no form of their own, but what stands under their names in settings,
//! code and catalogues of messages often is something else: a path, a reference, a phrase.

use super::*;
use crate::detect::fold::words;

/// What stands where a secret is to be filled in.
const PLACEHOLDERS: &[&str] = &[
    "changeme", "xxx", "***", "${", "{{", "<", "null", "string", "todo", "$(", "%(", "%{", "#{",
    "@{", "{$", "#/",
];
/// Signs of code and of templates, wherever they stand.
const CODE: &[&str] = &["${", "{{", "}}", "->", "::", "=>", "&&", "||"];
/// Words that name a secret: a value of nothing else is a label.
const NAMES: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "passord",
    "passordet",
    "losenord",
    "adgangskode",
    "kodeord",
    "salasana",
    "passwort",
    "kennwort",
    "mot",
    "de",
    "passe",
    "wachtwoord",
    "contrasena",
    "senha",
    "haslo",
    "token",
    "secret",
    "key",
    "api",
    "private",
    "access",
    "auth",
    "client",
    "your",
    "my",
    "new",
    "old",
    "the",
    "user",
    "db",
    "database",
    "confirm",
    "current",
    "jelszo",
    "heslo",
    "lozinka",
    "zaporka",
    "geslo",
    "parola",
    "parool",
    "parole",
    "slaptazodis",
    "lykilord",
    "парола",
    "κωδικοσ",
    "προσβασησ",
    "sleutel",
    "schlussel",
    "cle",
    "clef",
    "clave",
    "chiave",
    "chave",
    "klucz",
    "klic",
    "kluc",
    "kulcs",
    "nokkel",
    "nyckel",
    "nogle",
    "avain",
    "cheie",
    "kljuc",
    "anahtar",
    "sifre",
    "ключ",
    "пароль",
];
/// What examples of settings say of the secret that goes there, beside its names: whose, where, which, and that it is to
/// be put there.
const TO_FILL_IN: &[&str] = &[
    "your",
    "yours",
    "ditt",
    "din",
    "dit",
    "dein",
    "deine",
    "ihr",
    "ihre",
    "votre",
    "ton",
    "tu",
    "su",
    "sua",
    "seu",
    "tua",
    "tuo",
    "uw",
    "jouw",
    "je",
    "twoje",
    "twoj",
    "tvoje",
    "vase",
    "sinun",
    "here",
    "aqui",
    "hier",
    "her",
    "har",
    "ici",
    "qui",
    "tutaj",
    "zde",
    "tahan",
    "change",
    "changeme",
    "changethis",
    "replace",
    "replaceme",
    "troque",
    "troca",
    "cambiar",
    "cambia",
    "cambiame",
    "changer",
    "changez",
    "remplacer",
    "andern",
    "aendern",
    "ersetzen",
    "wijzig",
    "vervang",
    "endre",
    "bytt",
    "byt",
    "andra",
    "zmien",
    "zmenit",
    "muuta",
    "insert",
    "insere",
    "inserisci",
    "enter",
    "set",
    "put",
    "generate",
    "generated",
    "auto",
    "placeholder",
    "example",
    "exemple",
    "ejemplo",
    "exemplo",
    "esempio",
    "beispiel",
    "voorbeeld",
    "eksempel",
];
/// Words between those: small ones, what secrets should be, and what they are for.
const WITH_THEM: &[&str] = &[
    "me",
    "it",
    "this",
    "to",
    "in",
    "with",
    "a",
    "an",
    "et",
    "en",
    "ett",
    "ein",
    "eine",
    "um",
    "uma",
    "un",
    "una",
    "une",
    "por",
    "par",
    "con",
    "com",
    "och",
    "og",
    "und",
    "strong",
    "forte",
    "fuerte",
    "fort",
    "starkes",
    "sterk",
    "stark",
    "secure",
    "random",
    "long",
    "super",
    "segredo",
    "segreto",
    "secreto",
    "secreta",
    "geheim",
    "geheimes",
    "hemmelig",
    "hemlig",
    "tajne",
    "mysql",
    "postgres",
    "postgresql",
    "mariadb",
    "redis",
    "mongo",
    "mongodb",
    "smtp",
    "mail",
    "email",
    "jwt",
    "root",
    "admin",
    "app",
    "server",
    "service",
    "value",
];
/// A part of a path or of a dotted name has fewer characters than this; a token has more.
const TOKEN: usize = 20;

/// Password or secret: plain or hashed; no flag, date, placeholder, reference, path, code or phrase. A plain word
/// with a capital, as messages have them, agrees only; what else is left tells.
pub(in super::super) fn credential(text: &str, _: &Context) -> Verdict {
    if text.chars().count() < 4 || is_flag(text) || is_date(text) {
        return Verdict::Invalid("too short, a flag or a date");
    }
    let small = lower(text);
    if PLACEHOLDERS.iter().any(|p| small.starts_with(p)) {
        return Verdict::Invalid("a placeholder");
    }
    if text.contains(|c: char| c.is_control() || c == '\u{FFFD}') {
        return Verdict::Invalid("no text");
    }
    let is_page = small.starts_with("http") && small.contains("://") && !small.contains('@');
    if is_page || small.starts_with("arn:") {
        return Verdict::Invalid("where something stands");
    }
    let hash = text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if hash || is_crypt(text) {
        return Verdict::Valid(const { Rung::new("hashed", Validity::Hashed) });
    }
    if is_code(text) || is_path(text) {
        return Verdict::Invalid("a reference, a path or code");
    }
    if is_phrase(text) {
        return Verdict::Invalid("a phrase");
    }
    if is_to_fill_in(text) {
        return Verdict::Invalid("a placeholder");
    }
    if words(text).iter().all(|w| NAMES.contains(&w.as_str())) || is_named_secret(text) {
        return Verdict::Invalid("the name of a secret");
    }
    if is_plain_word(text) || is_camel(text) {
        const { rung("strict") }
    } else {
        const { rung("telling") }
    }
}

/// Whether a text says what goes there, in words only (`votre_mot_de_passe`, `strong-password-here`, `[auto-generate]`), or
/// is cut short as examples are (`eyJhbGciOi...`).
fn is_to_fill_in(text: &str) -> bool {
    if text.ends_with("...") || text.ends_with('…') {
        return true;
    }
    let of_words = |b: u8| b.is_ascii_alphabetic() || matches!(b, b' ' | b'-' | b'_');
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    if inner.is_some_and(|inner| inner.bytes().all(of_words)) {
        return true;
    }
    if text.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let (words, is) = (words(text), |list: &[&str], word: &String| list.contains(&word.as_str()));
    words.len() > 1
        && words.iter().all(|w| is(NAMES, w) || is(TO_FILL_IN, w) || is(WITH_THEM, w))
        && words.iter().any(|w| is(NAMES, w) || is(TO_FILL_IN, w))
}

/// Words for secrets in the names that code gives them.
const SECRETS: &[&str] = &["password", "passwd", "pwd", "secret", "token", "key"];

/// Whether a text is a name of code for a secret: `url_private_key`, `'APP_SMTP_PASSWORD'`, `PasswordType`.
fn is_named_secret(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_ascii_punctuation());
    let is_name = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    let parts = || words(text);
    text.bytes().all(is_name)
        && parts().len() > 1
        && parts().iter().any(|part| SECRETS.contains(&part.as_str()))
}

/// Whether a text is words run together with capitals between, as code names things: `requestBlob`.
fn is_camel(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphabetic())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.as_bytes().windows(3).any(|w| {
            w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase() && w[2].is_ascii_lowercase()
        })
}

/// Whether a text is a hash with its method and salt, as in `$2y$10$…`.
fn is_crypt(text: &str) -> bool {
    text.len() > 20 && text.starts_with('$') && text[1..].contains('$') && !text.contains(' ')
}

/// Whether a character is of a script that sets no blanks between words, which no password is typed in.
fn is_of_unspaced(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}')
        || matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

/// Whether a text has a blank and no digit, too many blanks for a password, or words of a script without blanks.
fn is_phrase(text: &str) -> bool {
    if !text.is_ascii() && text.chars().filter(|c| is_of_unspaced(*c)).nth(1).is_some() {
        return true;
    }
    match text.split_whitespace().count() {
        1 => false,
        2 => !text.bytes().any(|b| b.is_ascii_digit()),
        _ => true,
    }
}

/// Whether a text is a variable, a dotted name, a call, an object or a list of code.
fn is_code(text: &str) -> bool {
    let opens = text.strip_prefix(['{', '[']).map(|rest| rest.chars().next());
    let has_inside = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '{' | '[' | '}' | ']');
    opens.is_some_and(|first| first.is_none_or(has_inside))
        || text.strip_prefix('{').is_some_and(|rest| is_name(rest.trim_end_matches('}')))
        || CODE.iter().any(|sign| text.contains(sign))
        || text.strip_prefix('$').is_some_and(is_variable)
        || is_dotted(text.trim_end_matches([',', ';', '(', ')', '}', ']', ':']))
        || text.split_once('[').is_some_and(|(name, inner)| is_indexed(name, inner))
        || text.strip_prefix("0x").is_some_and(|hex| hex.len() <= 8 && is_hex(hex))
        || text.strip_suffix(')').and_then(|t| t.split_once('(')).is_some_and(|t| is_name(t.0))
}

/// Whether a bracket opens behind a name of code or at the front, and a name or a string stands in it: `Optional[str]`,
/// `[ignore_missing`, `form['login']`.
fn is_indexed(name: &str, inner: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || "_.'\"[]".contains(c);
    let bare = inner.trim_end_matches([',', ';', '(', ')', ':', ']', '}']);
    (name.is_empty() || is_name(name)) && !bare.is_empty() && bare.chars().all(is_inner)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether the name of a variable stands at the front, and nothing that passwords go on with.
fn is_variable(text: &str) -> bool {
    let name = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let goes_on = text.as_bytes().get(name).is_none_or(|b| b"/.[-:,;)".contains(b));
    name > 0 && !text.as_bytes()[0].is_ascii_digit() && goes_on
}

/// Whether a text is several names with dots between, as in `config.password`.
fn is_dotted(text: &str) -> bool {
    let parts = text.split('.').count();
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    parts >= 2
        && (parts >= 3 || !digits)
        && text.split('.').all(|part| is_name(part) && part.len() < TOKEN)
}

/// Whether a text is a name as code has them.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.".contains(&b))
}

/// Whether a text is a path to a file; tokens begin with a slash as well, but have no short parts.
fn is_path(text: &str) -> bool {
    let starts = ["/", "~/", "./", "../"].iter().any(|start| text.starts_with(start));
    let drive =
        matches!(text.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-~".contains(&b);
    drive || starts && text.bytes().all(plain) && text.split('/').all(|part| part.len() < TOKEN)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{rung_of, wrong};
    use super::*;

    #[test]
    fn secrets_are_told_from_what_names_them() {
        let yes = [
            "hunter2",
            "S3cret!pass",
            "correct-horse",
            "correct_horse_battery",
            "Sommer 2024!",
            "Sommer.2024",
            "hunter",
            "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
            "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
            "$umm3r!",
            "/9j4AAQSkZJRgABAQEAYABgAAD",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
            "password123",
            "Hunter",
        ];
        let no = [
            "files systemd",
            "$dir/private/cakey.pem# The private key",
            "$PASSWORD",
            "/home/u/project",
            "../keys/server.key",
            "C:\\keys",
            "data.privateKey",
            "asn1.ECPrivateKey.decode",
            "{ enumerable: true }",
            "{KeyObject}",
            "Jim Meyering",
            "Passwort eingeben",
            "Choose one",
            "%(password)s",
            "{{ vault.password }}",
            "getpass()",
            "privateKey",
            "Password",
            "Mot de passe",
            "Optional[str]):",
            "Union[ConfigStr",
            "[ignore_missing",
            "form_obj['create_admin']",
            "self.password}",
            "url_private_key",
            "PasswordType",
            "'APP_SMTP_PASSWORD'",
            "0x0002000",
            "{$SHOP.API.PASSWORD}",
            "#/definitions/PasswordChange",
            "入力された2つのパスワードが一致しません。",
            "เปลี่ยนรหัสผ่าน",
            "双重身份验证令牌",
            "sua_senha_mysql",
            "troque_por_um_segredo_forte",
            "strong-password-here",
            "tu_contraseña_aqui",
            "votre_mot_de_passe",
            "uw_wachtwoord_hier",
            "[auto-generate]",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
        ];
        assert_eq!(wrong(credential, &yes, true), [""; 0]);
        assert_eq!(wrong(credential, &no, false), [""; 0]);
    }

    #[test]
    fn a_word_with_a_capital_tells_less() {
        let name = |text: &str| rung_of(credential, text);
        for text in ["requestBlob", "Required", "Passwaird:", "Ger-tremen."] {
            assert_eq!(name(text), "strict", "{text}");
        }
        assert_eq!(name("hunter2"), "telling");
        assert_eq!(name("correct-horse"), "telling");
    }
}
