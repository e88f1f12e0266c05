//! Inventories for the tests of this module.

use std::collections::BTreeMap;
use std::io;

use crate::inventory::{
    Anchor, Confidence, Count, Coverage, Evidence, FileLine, Finding, GroupLine, HoldHint,
    Inventory, Ladder, NoteLine, ReadableBy, Run, SCHEMA, Severity, SubProcessor, SystemLine,
};

/// What is written, as text.
pub(super) fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A finding with everything that is not named filled in plausibly.
pub(super) fn finding(
    path: &str,
    place: (Option<&str>, Option<&str>),
    kind: (&str, &str),
    severity: Severity,
    matches: u64,
) -> Finding {
    let (table, field) = (place.0.map(str::to_owned), place.1.map(str::to_owned));
    let rows = field.is_some().then_some(matches + 40);
    let mut validity = Ladder::default();
    validity.add("real", matches);
    Finding {
        id: blake3::hash(format!("{path}{table:?}{field:?}{kind:?}").as_bytes()).to_hex()[..16]
            .to_owned(),
        path: path.to_owned(),
        path_b64: None,
        system: None,
        first_seen: None,
        last_seen: None,
        state: None,
        suppressed: None,
        members: Vec::new(),
        share: rows.map(|_| 0.975),
        rows,
        table,
        field,
        detector: kind.1.to_owned(),
        category: kind.0.to_owned(),
        confidence: Confidence::High,
        certainty: 0.9987,
        matches,
        distinct: matches - matches / 10,
        distinct_is_estimate: matches > 10_000,
        validity,
        evidence: vec![
            Evidence { reason: "prior".into(), bits: -9.1 },
            Evidence { reason: "checksum holds in 97.5 % of the values".into(), bits: 14.2 },
            Evidence { reason: "field name".into(), bits: 6.0 },
        ],
        ambiguous: Vec::new(),
        first: 2,
        severity,
        flags: Vec::new(),
    }
}

fn run() -> Run {
    Run {
        schema: SCHEMA.to_owned(),
        version: "0.1.0".to_owned(),
        rules: "5f2c9a1b7d".to_owned(),
        label: "hr-share".to_owned(),
        roots: vec!["/srv/hr".to_owned(), "/srv/exports".to_owned()],
        host: "files01".to_owned(),
        user: "root".to_owned(),
        started: "2026-11-23T10:00:00Z".to_owned(),
        ended: "2026-11-23T10:00:42Z".to_owned(),
        as_of: "2026-11-23".to_owned(),
        key_id: "k-7f31".to_owned(),
        min_confidence: "medium".to_owned(),
        below_confidence: BTreeMap::from([
            ("person_name".to_owned(), 31),
            ("phone".to_owned(), 10),
        ]),
        complete: true,
        ..Run::default()
    }
}

fn note(path: &str, reason: &str, detail: &str) -> NoteLine {
    NoteLine {
        path: path.to_owned(),
        path_b64: None,
        members: Vec::new(),
        reason: reason.to_owned(),
        detail: detail.to_owned(),
    }
}

fn coverage() -> Coverage {
    let count = |files, bytes| Count { files, bytes };
    let reasons = [
        ("encrypted", count(3, 5_400_000)),
        ("permission_denied", count(1, 12_000)),
        ("malformed", count(2, 800_000)),
        ("media", count(210, 940_000_000)),
        ("symlink", count(4, 0)),
    ];
    let formats = [("csv", count(310, 900_000_000)), ("text", count(872, 2_000_000_000))];
    Coverage {
        scanned: count(1180, 2_899_200_000),
        partial: count(2, 800_000),
        not_scanned: count(4, 5_412_000),
        out_of_scope: count(214, 940_000_000),
        reasons: reasons.map(|(k, c)| (k.to_owned(), c)).into(),
        formats: formats.map(|(k, c)| (k.to_owned(), c)).into(),
        folders: [("permission_denied".to_owned(), 1)].into(),
    }
}

fn system() -> SystemLine {
    SystemLine {
        name: Some("HR archive".to_owned()),
        owner: Some("HR".to_owned()),
        country: Some("NO".to_owned()),
        processor: Some("Drift Example AS".to_owned()),
        sub_processors: vec![SubProcessor {
            name: "Support Example Inc.".to_owned(),
            country: Some("US".to_owned()),
            transfer_tool: Some("SCC".to_owned()),
        }],
        transfers: vec!["Support Example Inc. (sub-processor) is in the United States.".to_owned()],
        flags: vec!["third_country_access".to_owned()],
        files: 1,
        findings: 2,
        subjects: Some(1084),
        ..SystemLine::default()
    }
}

fn file() -> FileLine {
    FileLine {
        path: "/srv/hr/sykefravær 2026.xlsx".to_owned(),
        path_b64: None,
        system: Some("HR archive".to_owned()),
        owner: Some("kari".to_owned()),
        group: Some("hr".to_owned()),
        mode: Some("0644".to_owned()),
        readable_by: Some(ReadableBy::Everyone),
        modified: Some("2026-10-01".to_owned()),
        content: Some("6f2b".to_owned()),
        duplicate_set: None,
        duplicate_of: None,
        duplicate_by: None,
        hold: vec![HoldHint {
            rule: "no_payroll".to_owned(),
            statement: "Looks like payroll.".to_owned(),
        }],
        personal_area: None,
    }
}

fn group() -> GroupLine {
    GroupLine {
        id: "00c0ffee00c0ffee".to_owned(),
        path: "/srv/hr/sykefravær 2026.xlsx".to_owned(),
        path_b64: None,
        members: Vec::new(),
        table: Some("Ark1".to_owned()),
        system: Some("HR archive".to_owned()),
        categories: vec!["government_id.national".to_owned(), "health.sick_leave".to_owned()],
        detectors: vec!["health".to_owned(), "no_fodselsnummer".to_owned()],
        findings: 2,
        subjects: Some(1084),
        subjects_is_estimate: false,
        severity: Severity::VeryHigh,
        flags: vec!["art87".to_owned(), "art9".to_owned(), "many_subjects".to_owned()],
        anchors: vec![Anchor {
            field: "Fra".to_owned(),
            kind: "period".to_owned(),
            oldest: "2019-01".to_owned(),
            newest: "2026-09".to_owned(),
        }],
        oldest: Some("2019-01".to_owned()),
        newest: Some("2026-09".to_owned()),
    }
}

/// Five findings in three places, with notes; one of the places with all that is known of it.
pub(super) fn small() -> Inventory {
    let national = ("government_id.national", "no_fodselsnummer");
    let mail = ("contact.email", "email");
    let mut findings = vec![
        finding(
            "/srv/exports/crm.sqlite",
            (Some("contacts"), Some("email")),
            mail,
            Severity::Low,
            18_240,
        ),
        finding(
            "/srv/exports/crm.sqlite",
            (Some("contacts"), Some("mobile")),
            ("contact.phone", "phone"),
            Severity::Low,
            17_002,
        ),
        finding("/srv/hr/notat.txt", (None, None), mail, Severity::Medium, 3),
        finding(
            "/srv/hr/sykefravær 2026.xlsx",
            (Some("Ark1"), Some("Diagnose")),
            ("health.sick_leave", "health"),
            Severity::VeryHigh,
            412,
        ),
        finding(
            "/srv/hr/sykefravær 2026.xlsx",
            (Some("Ark1"), Some("Fnr")),
            national,
            Severity::VeryHigh,
            1204,
        ),
    ];
    findings[3].flags = vec!["art9".to_owned()];
    findings[3].confidence = Confidence::Medium;
    findings[3].certainty = 0.81;
    findings[4].flags = vec!["art87".to_owned()];
    findings.iter_mut().skip(3).for_each(|f| f.system = Some("HR archive".to_owned()));
    findings[4].ambiguous = vec!["no_kontonr".to_owned()];
    findings[4].validity.add("test", 4);
    findings[2].members = vec!["vedlegg.zip".to_owned(), "a.txt".to_owned()];
    Inventory {
        run: run(),
        coverage: coverage(),
        notes: vec![
            note("/srv/hr/gammelt.zip", "encrypted", "14 members"),
            note("/srv/hr/lønn.xlsx", "encrypted", ""),
            note("/srv/hr/privat", "permission_denied", "folder"),
            note("/srv/hr/avkuttet.pdf", "malformed", "ends early"),
        ],
        systems: vec![system()],
        files: vec![file()],
        groups: vec![group()],
        findings,
        newly_unread: vec![],
    }
}

/// Names that attack every sink.
pub(super) fn hostile() -> Inventory {
    let mut inventory = small();
    let evil =
        "</script><script>alert(1)</script>\u{2028}\x1b[31m\u{9b}\u{202e}gpj.exe\x07\" onload=x \n";
    for finding in &mut inventory.findings {
        finding.path = format!("-{evil}/{evil}");
        finding.members = vec![format!("={evil}")];
        finding.table = Some(format!("@{evil}"));
        finding.field = Some(format!("+{evil}"));
        finding.flags = vec![evil.to_owned()];
        finding.evidence[0].reason = evil.to_owned().into();
        finding.detector = evil.to_owned();
        finding.category = evil.to_owned();
        finding.system = Some(evil.to_owned());
    }
    for system in &mut inventory.systems {
        system.name = Some(evil.to_owned());
        system.owner = Some(evil.to_owned());
        system.transfers = vec![evil.to_owned()];
    }
    for file in &mut inventory.files {
        file.path = format!("-{evil}/{evil}");
        file.system = Some(evil.to_owned());
        file.owner = Some(evil.to_owned());
        file.group = Some(evil.to_owned());
    }
    for group in &mut inventory.groups {
        group.path = format!("-{evil}/{evil}");
        group.members = vec![format!("={evil}")];
        group.table = Some(format!("@{evil}"));
        group.system = Some(evil.to_owned());
        group.anchors[0].field = evil.to_owned();
    }
    for note in &mut inventory.notes {
        note.path = evil.to_owned();
        note.detail = evil.to_owned();
    }
    inventory.run.label = evil.to_owned();
    inventory.run.roots = vec![evil.to_owned()];
    inventory.run.started = evil.to_owned();
    inventory.coverage.reasons.insert(evil.to_owned(), Count { files: 1, bytes: 1 });
    inventory.run.below_confidence.insert(evil.to_owned(), 1);
    inventory
}

/// As many findings as asked for, over folders, files and tables as a share has them.
pub(super) fn large(count: usize) -> Inventory {
    const KINDS: &[(&str, &str, &str)] = &[
        ("contact.email", "email", "epost"),
        ("contact.name", "person_name", "navn"),
        ("contact.phone", "phone", "telefon"),
        ("government_id.national", "no_fodselsnummer", "fnr"),
        ("financial.bank_account", "no_kontonr", "kontonummer"),
        ("health.medical", "health", "diagnose"),
    ];
    const DEPARTMENTS: &[&str] =
        &["hr", "lønn", "salg", "kunde service", "arkiv 2019", "barnevern", "it"];
    let mut inventory = small();
    inventory.findings.clear();
    inventory.files.clear();
    inventory.groups.clear();
    for at in 0..count {
        let (file, kind) = (at / 6, at % 6);
        let (category, detector, field) = KINDS[kind];
        let severity =
            [Severity::Low, Severity::Medium, Severity::High, Severity::VeryHigh][file % 31 % 4];
        let department = DEPARTMENTS[file % DEPARTMENTS.len()];
        let path = format!("/srv/{department}/prosjekt {:03}/eksport-{file:06}.csv", file % 211);
        let amount = 1 + (at as u64 * 7919) % 40_000;
        let mut finding =
            finding(&path, (Some("eksport"), Some(field)), (category, detector), severity, amount);
        match kind {
            3 => finding.flags.push("art87".to_owned()),
            5 => finding.flags.push("art9".to_owned()),
            _ => {}
        }
        if at % 5 == 0 {
            finding.confidence = Confidence::Medium;
            finding.certainty = 0.83;
        }
        inventory.findings.push(finding);
    }
    inventory.findings.sort_by(|a, b| (&a.path, &a.field).cmp(&(&b.path, &b.field)));
    places(&mut inventory);
    inventory
}

/// What a scan with a settings file knows of the places of these findings.
fn places(inventory: &mut Inventory) {
    const SYSTEMS: [Option<&str>; 3] = [Some("HR archive"), Some("CRM"), None];
    const READABLE: [ReadableBy; 3] = [ReadableBy::Everyone, ReadableBy::Group, ReadableBy::Owner];
    inventory.systems = SYSTEMS
        .map(|name| SystemLine { name: name.map(str::to_owned), ..system() })
        .into_iter()
        .collect();
    let tables = inventory.findings.chunk_by_mut(|a, b| a.path == b.path);
    for (number, findings) in tables.enumerate() {
        let name = SYSTEMS[number % 7 % 3].map(str::to_owned);
        findings.iter_mut().for_each(|f| f.system.clone_from(&name));
        inventory.groups.push(GroupLine {
            path: findings[0].path.clone(),
            table: findings[0].table.clone(),
            system: name.clone(),
            findings: findings.len() as u64,
            subjects: findings.iter().map(|f| f.distinct).max(),
            ..group()
        });
        inventory.files.push(FileLine {
            path: findings[0].path.clone(),
            system: name,
            readable_by: Some(READABLE[number % 5 % 3]),
            modified: Some(format!("{}-06-01", 2010 + number % 17)),
            duplicate_set: (number % 9 == 0).then(|| format!("{:016x}", number % 30)),
            ..file()
        });
    }
}
