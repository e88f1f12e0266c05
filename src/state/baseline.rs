//! What is new against an inventory of an earlier run, in place of a state.

use std::collections::HashMap;

use super::history::{content, unread};
use crate::inventory::{Changes, Finding, FindingState, Inventory};

/// Says of each finding what became of it since another inventory of the same source, and counts that.
pub fn compare(inventory: &mut Inventory, baseline: &Inventory) {
    let mut before: HashMap<&str, &Finding> =
        baseline.findings.iter().map(|f| (f.id.as_str(), f)).collect();
    let mut changes = Changes::default();
    for finding in &mut inventory.findings {
        let (state, count) = match before.remove(finding.id.as_str()) {
            Some(f) if content(f) == content(finding) => {
                (FindingState::Unchanged, &mut changes.unchanged)
            }
            Some(_) => (FindingState::Changed, &mut changes.changed),
            None => (FindingState::New, &mut changes.new),
        };
        *count += 1;
        finding.state = Some(state);
    }
    if inventory.run.complete {
        let unread = unread(inventory);
        changes.gone = before.values().filter(|f| !unread.covers(&f.path)).count() as u64;
    }
    inventory.run.changes = Some(changes);
}
