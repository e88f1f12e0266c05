//! Words and numbers as people read them, shared by the summary and the page.

use crate::inventory::{Finding, Inventory, Severity};
use crate::note::{Class, Reason};

/// Every reason in a few plain words.
const REASONS: &[(Reason, &str)] = &[
    (Reason::Symlink, "symbolic link, not followed"),
    (Reason::SpecialFile, "pipe, socket or device"),
    (Reason::Excluded, "excluded by option"),
    (Reason::OtherFileSystem, "on another file system"),
    (Reason::PseudoFileSystem, "pseudo file system"),
    (Reason::MountedTwice, "mounted twice, read elsewhere"),
    (Reason::Media, "image, sound or video"),
    (Reason::HardLinkOf, "hard link, read at another path"),
    (Reason::PermissionDenied, "permission denied"),
    (Reason::Vanished, "not there when it was to be opened"),
    (Reason::Changed, "changed while it was read"),
    (Reason::IoError, "read error"),
    (Reason::Malformed, "damaged, rest searched as text"),
    (Reason::Undecodable, "text encoding not decodable"),
    (Reason::UnsupportedFormat, "format not taken apart"),
    (Reason::NoText, "images without text"),
    (Reason::Encrypted, "encrypted"),
    (Reason::Budget, "limit reached (size, time, memory …)"),
    (Reason::Crashed, "its reader crashed"),
    (Reason::TooManyFields, "too many columns to keep apart"),
    (Reason::Stopped, "run stopped before this was done"),
    (Reason::NotReached, "not reached in this run"),
    (Reason::Stalled, "the system did not answer"),
];

/// A reason's words and class. An inventory of a later version may name one that is unknown here: it
/// counts as not read, which is the careful side.
pub(super) fn reason(key: &str) -> (&str, Class) {
    REASONS
        .iter()
        .find(|(reason, _)| reason.as_str() == key)
        .map_or((key, Class::NotRead), |(reason, words)| (words, reason.class()))
}

/// How many findings are not listed since they were known before (`--only-new`).
pub(super) fn known_before(inventory: &Inventory) -> u64 {
    let is_asked = inventory.run.options.get("only-new").is_some_and(|told| told == "true");
    let listed = inventory.findings.len() as u64;
    let all = inventory.run.changes.filter(|_| is_asked);
    all.map_or(0, |c| (c.new + c.changed + c.unchanged).saturating_sub(listed))
}

/// What comes before the number of folders among files that were not read.
pub(super) const FOLDERS_AMONG: &str = "folders among them, whose content is not counted:";

/// What is said where some of the files that were not read are folders.
pub(super) fn folders_among(folders: u64) -> String {
    format!("{FOLDERS_AMONG} {}", number(folders))
}

/// A severity in words.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::VeryHigh => "very high",
    }
}

/// A flag or a kind of area in words.
pub(super) fn flag(flag: &str) -> &str {
    match flag {
        "art9" => "Art. 9 special category",
        "art10" => "Art. 10 criminal data",
        "art87" => "Art. 87 national ID",
        "many_subjects" => "more than 100 data subjects",
        "outside_eea" => "outside the EEA",
        "third_country_access" => "access from a third country",
        "country_unknown" => "country not told",
        other => plain(other),
    }
}

/// A key of one or two words, as words.
pub(super) fn plain(key: &str) -> &str {
    match key {
        "test_data" => "test data",
        "personal_area" => "personal area",
        "home_directory" => "home directory",
        "chat_export" => "chat export",
        "third_person" => "names others, too",
        other => other,
    }
}

/// `1,234,567`.
pub(super) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 file`, `2 files`.
pub(super) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// `3.4 GiB`.
pub(super) fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    #[allow(clippy::cast_precision_loss)] // one decimal is shown
    let mut size = n as f64 / 1024.0;
    let mut unit = 0;
    // 1023.95 would be shown as 1024.0.
    while size >= 1023.95 {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// The part of a whole in percent; 100 only when nothing is missing, 0 only when there is nothing.
pub(super) fn percent(part: u64, whole: u64) -> String {
    #[allow(clippy::cast_precision_loss)] // one decimal is shown
    let share = part as f64 * 100.0 / whole.max(1) as f64;
    let share = match share {
        s if part < whole && s > 99.9 => 99.9,
        s if part > 0 && s < 0.1 => 0.1,
        s => s,
    };
    format!("{share:.1} %")
}

/// The time between two RFC 3339 stamps, when both can be read.
pub(super) fn duration(started: &str, ended: &str) -> Option<String> {
    let start: jiff::Timestamp = started.parse().ok()?;
    let end: jiff::Timestamp = ended.parse().ok()?;
    let seconds = u64::try_from(end.as_second() - start.as_second()).ok()?;
    Some(match seconds {
        0 => "less than a second".to_owned(),
        s if s < 120 => format!("{s} s"),
        s if s < 7200 => format!("{} min", s / 60),
        s => format!("{} h {} min", s / 3600, s / 60 % 60),
    })
}

/// The day of an RFC 3339 stamp.
pub(super) fn day(stamp: &str) -> &str {
    stamp.get(..10).unwrap_or(stamp)
}

/// Path and members as one text.
pub(super) fn place(path: &str, members: &[String]) -> String {
    let mut text = path.to_owned();
    for member in members {
        text.push_str(" › ");
        text.push_str(member);
    }
    text
}

/// How many roots are told one by one: a list of files may have thousands.
pub(super) const ROOTS: usize = 5;

/// The roots as one text, or the first of them and how many more there are.
pub(super) fn roots(all: &[String]) -> String {
    let told = all[..all.len().min(ROOTS)].join(", ");
    match all.len().saturating_sub(ROOTS) {
        0 => told,
        more => format!("{told} … (+{})", number(more as u64)),
    }
}

/// Whether two findings stand in the same table or document.
pub(super) fn same_table(a: &Finding, b: &Finding) -> bool {
    a.path == b.path && a.members == b.members && a.table == b.table && a.path_b64 == b.path_b64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_roots_the_first_are_told() {
        let all: Vec<String> = (0..1239).map(|i| format!("/{i}")).collect();
        assert_eq!(roots(&all[..2]), "/0, /1");
        assert_eq!(roots(&all[..5]), "/0, /1, /2, /3, /4");
        assert_eq!(roots(&all), "/0, /1, /2, /3, /4 … (+1,234)");
    }

    #[test]
    fn every_reason_has_words() {
        let schema = schemars::schema_for!(Reason).to_value().to_string();
        for (reason, words) in REASONS {
            assert!(schema.contains(&format!("\"{}\"", reason.as_str())), "{words}");
            assert!(words.chars().count() <= 36, "{words} does not fit into the summary");
        }
        assert_eq!(schema.matches("\"const\"").count(), REASONS.len());
        assert_eq!(reason("encrypted"), ("encrypted", Class::NotRead));
        assert_eq!(reason("news"), ("news", Class::NotRead));
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(counted(1, "file", "files"), "1 file");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1024 * 1024 - 1), "1.0 MiB");
        assert_eq!(bytes(u64::MAX), "16.0 EiB");
        assert_eq!(percent(999_999, 1_000_000), "99.9 %");
        assert_eq!(percent(1, 1_000_000), "0.1 %");
        assert_eq!(percent(0, 0), "0.0 %");
        assert_eq!(percent(5, 5), "100.0 %");
    }

    #[test]
    fn times_read_well() {
        let span = |end| duration("2026-11-23T10:00:00Z", end);
        assert_eq!(span("2026-11-23T10:00:00.5Z").as_deref(), Some("less than a second"));
        assert_eq!(span("2026-11-23T10:01:10Z").as_deref(), Some("70 s"));
        assert_eq!(span("2026-11-23T13:05:00Z").as_deref(), Some("3 h 5 min"));
        assert_eq!(span("2026-11-23T09:00:00Z"), None);
        assert_eq!(span(""), None);
    }
}
