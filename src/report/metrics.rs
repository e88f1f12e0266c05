//! The run as metrics in the text form of Prometheus, for the textfile collector of its node exporter:
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>. No names or paths but the source's label.

use std::fmt::Write as _;

use crate::inventory::{Count, Inventory, Severity};

/// The metrics of a run.
#[must_use]
pub fn text(inventory: &Inventory) -> String {
    let (run, coverage) = (&inventory.run, &inventory.coverage);
    let mut out = Metrics { text: String::new(), source: quoted(&run.label) };
    let seconds = |time: &str| {
        let time: Option<jiff::Timestamp> = time.parse().ok();
        time.map_or(0.0, |t| t.as_duration().as_secs_f64())
    };
    let (started, ended) = (seconds(&run.started), seconds(&run.ended));
    out.one("run_end_timestamp_seconds", "When the last run ended.", ended);
    out.one("run_duration_seconds", "How long it took.", (ended - started).max(0.0));
    out.one("run_exit_code", "Its exit code.", f64::from(run.exit_code));
    out.one("run_complete", "Whether it reached everything.", f64::from(u8::from(run.complete)));
    let counts = [
        ("scanned", coverage.scanned),
        ("partial", coverage.partial),
        ("not_scanned", coverage.not_scanned),
        ("out_of_scope", coverage.out_of_scope),
    ];
    let each = |of: fn(Count) -> u64| counts.map(|(name, count)| (name, of(count)));
    out.many("files", "Files by what became of them.", "outcome", &each(|c| c.files));
    out.many("bytes", "Bytes of these files.", "outcome", &each(|c| c.bytes));
    let severities = [Severity::Low, Severity::Medium, Severity::High, Severity::VeryHigh];
    let findings = severities.map(|severity| {
        let all = inventory.findings.iter().filter(|f| f.severity == severity);
        (severity.as_str(), all.count() as u64)
    });
    out.many("findings", "Findings by severity.", "severity", &findings);
    if let Some(carried) = run.carried {
        let help = "Files that did not change since an earlier run read them.";
        out.many("files_carried", help, "", &[("", carried.files)]);
    }
    if let Some(c) = run.changes {
        let states =
            [("new", c.new), ("changed", c.changed), ("unchanged", c.unchanged), ("gone", c.gone)];
        out.many("findings_by_change", "Findings since the last run.", "state", &states);
    }
    if let Some(oldest) = &run.oldest_result {
        let help = "When the oldest result in use was read.";
        out.one("oldest_result_timestamp_seconds", help, seconds(oldest));
    }
    out.text
}

struct Metrics {
    text: String,
    source: String,
}

impl Metrics {
    fn head(&mut self, name: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "# HELP datakart_{name} {help}\n# TYPE datakart_{name} gauge\n");
    }

    fn one(&mut self, name: &str, help: &str, value: f64) {
        self.head(name, help);
        let _ = writeln!(self.text, "datakart_{name}{{source=\"{}\"}} {value}", self.source);
    }

    fn many(&mut self, name: &str, help: &str, label: &str, values: &[(&str, u64)]) {
        self.head(name, help);
        for (of, value) in values {
            let label = if label.is_empty() { String::new() } else { format!(",{label}=\"{of}\"") };
            let _ =
                writeln!(self.text, "datakart_{name}{{source=\"{}\"{label}}} {value}", self.source);
        }
    }
}

/// A label's value, in which backslash, quote and newline are escaped; other control characters are left out.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{Changes, Run};

    #[test]
    fn every_line_is_of_the_form() {
        let run = Run {
            label: "a\"b\\c\nd\u{1b}".to_owned(),
            started: "2026-11-25T02:00:00Z".to_owned(),
            ended: "2026-11-25T02:01:30.5Z".to_owned(),
            carried: Some(Count { files: 7, bytes: 9 }),
            changes: Some(Changes { new: 3, ..Changes::default() }),
            oldest_result: Some("2023-11-14T22:13:20Z".to_owned()),
            ..Run::default()
        };
        let text = text(&Inventory { run, ..Inventory::default() });
        let line = regex::Regex::new(
            r#"^(# HELP datakart_\w+ .+|# TYPE datakart_\w+ gauge|datakart_\w+\{source="a\\"b\\\\c\\nd"(,\w+="\w+")?\} \d+(\.\d+)?)$"#,
        );
        let line = line.unwrap();
        text.lines().for_each(|l| assert!(line.is_match(l), "{l}"));
        assert!(text.contains("datakart_run_duration_seconds{source=\"a\\\"b\\\\c\\nd\"} 90.5\n"));
        assert!(text.contains(",state=\"new\"} 3\n") && text.ends_with("} 1700000000\n"));
    }
}
