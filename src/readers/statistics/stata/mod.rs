//! Data sets of Stata (dta): each variable is a column, with the labels of its values where it has such. All forms since
//! Stata 5 are known (104 to 119 as their first bytes count them).
//!
//! The structure stands in the help of Stata, `help dta`, and of older forms in `help dta_115` and the like.

use std::io;

use super::super::{Format, Stop};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::{Sink, SlotId};

mod head;
mod values;

use head::Head;
use values::Behind;

/// Data sets of Stata.
pub static FORMAT: Format = Format {
    id: "stata",
    name: "Stata data sets (dta)",
    extensions: &["dta"],
    fields: "column",
    isolated: false,
    beside: &[],
    sniff: |head| head::is_one(head.bytes),
    read,
};

/// What is told of whatever breaks the rules.
const DAMAGED: Stop = Stop::Malformed("the Stata data set is damaged");

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let random = source.random()?;
    let head = Head::read(&mut Source::from_section(random.whole()))?;
    let mut behind = Behind::new(random.clone());
    // Rows are read without it as well.
    noted(behind.read(&head), sink)?;
    let slots: Vec<SlotId> =
        head.variables.iter().map(|v| super::slot(None, &v.name, &v.label, sink)).collect();
    let mut rows = Source::from_section(random.section(head.rows_at, head.rows_length()));
    noted(read_rows(&mut rows, &head, &behind, &slots, sink), sink)
}

/// What is damaged behind the head is told, and ends nothing else.
fn noted(result: Result<(), Stop>, sink: &mut Sink<'_>) -> Result<(), Stop> {
    match result {
        Err(Stop::Malformed(what)) => {
            sink.note(Reason::Malformed, what);
            Ok(())
        }
        other => other,
    }
}

fn read_rows(
    rows: &mut Source,
    head: &Head,
    behind: &Behind,
    slots: &[SlotId],
    sink: &mut Sink<'_>,
) -> Result<(), Stop> {
    let meter = sink.meter();
    for row in 1..=head.rows {
        let bytes = rows.peek(head.row)?;
        let mut rest = bytes
            .get(..head.row)
            .ok_or(Stop::Malformed("rows of the Stata data set are missing"))?;
        let mut out = head.row;
        for (variable, slot) in head.variables.iter().zip(slots) {
            let (value, after) = rest.split_at(variable.kind.length());
            rest = after;
            let text = behind.shown(value, variable, head)?;
            out += super::excess(&text);
            sink.value(*slot, row, text.as_bytes());
        }
        meter.take(out).map_err(io::Error::other)?;
        rows.consume(head.row);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
