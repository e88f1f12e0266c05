//! User names in the lines of logs: of sshd, sudo and PAM, and in the access logs of web servers. Programs have accounts
//! of their own, which are nobody's.

use std::ops::Range;

use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("log_user", log_user)];

/// Accounts of programs and of whoever keeps the machine.
const OF_PROGRAMS: &[&str] = &[
    "root",
    "admin",
    "administrator",
    "system",
    "daemon",
    "nobody",
    "guest",
    "test",
    "user",
    "anonymous",
    "default",
    "service",
    "www-data",
    "apache",
    "nginx",
    "http",
    "postgres",
    "mysql",
    "oracle",
    "redis",
    "mongodb",
    "elasticsearch",
    "jenkins",
    "git",
    "gitlab",
    "github",
    "ubuntu",
    "debian",
    "centos",
    "ec2-user",
    "vagrant",
    "ansible",
    "puppet",
    "docker",
    "kubernetes",
    "backup",
    "cron",
    "news",
    "mail",
    "postfix",
    "dovecot",
    "ftp",
    "sshd",
    "bin",
    "sys",
    "sync",
    "lp",
    "games",
    "man",
    "uucp",
    "proxy",
    "irc",
    "gdm",
    "lightdm",
    "cyrus",
    "nagios",
    "zabbix",
    "monitor",
    "monitoring",
    "deploy",
    "deployer",
    "hadoop",
    "hdfs",
    "spark",
    "kafka",
    "tomcat",
    "app",
    "web",
    "api",
    "bot",
    "robot",
    "localhost",
    "none",
    "null",
    "nil",
    "unknown",
    "undefined",
    "true",
    "false",
    "self",
    "current",
    "account",
    "customer",
    "client",
    "server",
    "worker",
    "name",
    "id",
    "new",
    "public",
    "private",
    "internal",
    "external",
    "local",
    "remote",
    "sysadmin",
    "superuser",
];

/// Whether a user name can be a person's: letters and what stands between them, and no account of a program.
#[must_use]
pub fn is_persons(user: &str) -> bool {
    let is_of_names = |b: u8| b.is_ascii_alphanumeric() || b"._@\\-".contains(&b);
    (3..=48).contains(&user.len())
        && user.bytes().all(is_of_names)
        && user.bytes().filter(u8::is_ascii_alphabetic).nth(1).is_some()
        && !OF_PROGRAMS.iter().any(|of| user.eq_ignore_ascii_case(of))
        && !user.starts_with('_')
}

/// Whether a user name is one as firms give them: a person's, in small letters, and a number of two digits or more
/// behind them.
#[must_use]
pub fn is_numbered(user: &str) -> bool {
    /// Letters of a part of a person's name, and digits behind it.
    const LETTERS: usize = 4;
    const DIGITS: std::ops::RangeInclusive<usize> = 2..=4;
    let letters = user.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_of_names = |b: u8| b.is_ascii_lowercase() || matches!(b, b'.' | b'_');
    letters.len() >= LETTERS
        && DIGITS.contains(&(user.len() - letters.len()))
        && letters.bytes().all(is_of_names)
        && is_persons(user)
        && !["user", "test", "admin", "guest", "demo"].contains(&letters)
}

/// Where in a turn of a log the user name stands: between what comes before it and the blank behind it.
#[must_use]
pub fn user(text: &str) -> Option<Range<usize>> {
    const BEFORE: &[&str] = &[" for user ", " for ", ": ", " - "];
    let start = BEFORE.iter().find_map(|before| Some(text.find(before)? + before.len()))?;
    let start = start + text[start..].bytes().take_while(|b| *b == b' ').count();
    let length = text[start..].find([' ', '(']).unwrap_or(text.len() - start);
    Some(start..start + length)
}

/// A line of a log up to the name of whoever is let in.
fn log_user(text: &str, _: &Context) -> Verdict {
    match user(text) {
        Some(place) if is_persons(&text[place.clone()]) => {
            Verdict::Valid(const { Rung::new("phrase", Validity::Real) })
        }
        _ => Verdict::Invalid("the account of a program"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firms_number_their_users() {
        assert!(is_numbered("kalund56") && is_numbered("ola.moen77"));
        for text in ["kari", "user01", "admin123", "K1", "Kari55", "1234", "abcdef123456", "utf8"] {
            assert!(!is_numbered(text), "{text}");
        }
    }

    #[test]
    fn users_are_told_from_programs() {
        for (text, name) in [
            ("Accepted publickey for jkuipers from", "jkuipers"),
            ("Failed password for jkuipers from", "jkuipers"),
            ("pam_unix(sshd:session): session opened for user phansen", "phansen"),
            ("pam_unix(sshd:session): session closed for user phansen", "phansen"),
            ("sudo[123]:   marys : TTY", "marys"),
            ("192.0.2.44 - tveit [12/Oct/2026:", "tveit"),
        ] {
            assert_eq!(user(text).map(|place| &text[place]), Some(name), "{text}");
            assert!(is_persons(name));
        }
        for name in ["root", "www-data", "-", "42", "null", "a b", "%s", "_apt"] {
            assert!(!is_persons(name), "{name}");
        }
    }
}
