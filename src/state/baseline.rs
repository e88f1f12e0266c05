//! What is new against an inventory of an earlier run, in place of a state.

use std::collections::HashMap;

use super::history::{Sought, Untold, content};
use super::unread;
use crate::inventory::{Changes, Finding, FindingState, Inventory};

/// Says of each finding what became of it since another inventory of the same source, and counts that. `sought` tells
/// which of those this run would have told.
pub fn compare(inventory: &mut Inventory, baseline: &Inventory, sought: Sought<'_>) {
    let mut before: HashMap<&str, &Finding> =
        baseline.findings.iter().map(|f| (f.id.as_str(), f)).collect();
    let Inventory { run, notes, findings, newly_unread, .. } = &mut *inventory;
    let untold = Untold::new(&run.roots, notes, findings, sought, |id| Some(&before.get(id)?.path));
    let mut changes = Changes::default();
    for finding in findings {
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
    if run.complete {
        let is_gone = |f: &&&Finding| !untold.covers(&f.path, &f.detector, f.confidence.as_str());
        changes.gone = before.values().filter(is_gone).count() as u64;
    }
    *newly_unread = unread::newly(notes, &unread::places(unread::gaps(&baseline.notes)));
    changes.unread = newly_unread.len() as u64;
    run.changes = Some(changes);
}
