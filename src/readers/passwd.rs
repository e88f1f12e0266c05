//! The list of a system's accounts (`/etc/passwd`): who bears them, by full name, room and telephone.

use super::lines::Lines;
use super::{Format, Head, Stop};
use crate::source::Source;
use crate::unit::Sink;

/// The accounts of a system.
pub static FORMAT: Format = Format {
    id: "passwd",
    name: "accounts of a system (/etc/passwd)",
    extensions: &["passwd"],
    fields: "field",
    isolated: false,
    beside: &[],
    sniff,
    read,
};

/// Numbers below it are those of services; `nobody` has the last one.
const PEOPLE: std::ops::Range<u32> = 500..65_533;
/// What the part about the bearer holds, between commas.
const BEARER: [&str; 4] = ["full_name", "room", "work_phone", "home_phone"];

fn sniff(head: &Head<'_>) -> bool {
    /// Lines that are looked at.
    const LINES: usize = 3;
    let mut lines = head.trimmed().split(|b| *b == b'\n').filter(|l| !l.is_empty()).peekable();
    let mut first = lines.by_ref().take(LINES).filter(|l| account(l).is_some());
    first.next().is_some() && first.next().is_some()
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    while lines.advance()? {
        match account(&lines.text).filter(|account| PEOPLE.contains(&account.number)) {
            Some(account) => account.push(lines.number, sink),
            None => lines.push_text(sink),
        }
    }
    Ok(())
}

/// One line of it.
struct Account<'l> {
    login: &'l [u8],
    number: u32,
    bearer: &'l [u8],
    home: &'l [u8],
}

/// The account that a line names: seven parts, two of them numbers, a folder and a shell at the end.
fn account(line: &[u8]) -> Option<Account<'_>> {
    let mut parts = line.trim_ascii_end().split(|b| *b == b':');
    let mut seven = [&b""[..]; 7];
    for part in &mut seven {
        *part = parts.next()?;
    }
    let [login, _, user, group, bearer, home, shell] = seven;
    if parts.next().is_some() {
        return None;
    }
    let number = |part: &[u8]| std::str::from_utf8(part).ok()?.parse::<u32>().ok();
    let is_path = |part: &[u8]| part.first() == Some(&b'/');
    let fits = !login.is_empty() && is_path(home) && (shell.is_empty() || is_path(shell));
    let number = number(user).filter(|_| fits && number(group).is_some())?;
    Some(Account { login, number, bearer, home })
}

impl Account<'_> {
    fn push(&self, row: u64, sink: &mut Sink<'_>) {
        let mut field = |name: &str, value: &[u8]| {
            if !value.trim_ascii().is_empty() {
                let slot = sink.slot(None, Some(name));
                sink.value(slot, row, value);
            }
        };
        field("login", self.login);
        field("home", self.home);
        for (name, value) in BEARER.into_iter().zip(self.bearer.splitn(4, |b| *b == b',')) {
            field(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::vcard::tests::read_by;
    use super::*;

    const LIST: &str = "root:x:0:0:root:/root:/bin/bash\n\
        gnats:x:41:41:Gnats Bug-Reporting System (admin):/var/lib/gnats:/usr/sbin/nologin\n\
        kari:x:1001:1001:Kari Nordmann,Rom 2,22 33 44 55,:/home/kari:/bin/bash\n\
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";

    #[test]
    fn people_bear_accounts() {
        for step in 1..8 {
            let all = read_by(&FORMAT, LIST.as_bytes(), step);
            assert_eq!(all.field(None, "full_name"), [(3, "Kari Nordmann".into())]);
            assert_eq!(all.field(None, "work_phone"), [(3, "22 33 44 55".into())]);
            assert_eq!(all.field(None, "login"), [(3, "kari".into())]);
            assert!(all.text().contains("gnats:x:41") && !all.text().contains("kari"));
        }
    }

    #[test]
    fn is_told() {
        let told = |t: &str| (FORMAT.sniff)(&Head::new(t.as_bytes(), true, ""));
        assert!(told(LIST));
        assert!(
            !told("root:x:0:0:root:/root:/bin/bash\n") && !told("a:b:1:2:c:d:e\na:b:1:2:c:d:e\n")
        );
        assert!(!told("12:30:00 hei\n") && !told(""));
    }
}
