//! Data sets of SPSS (sav, zsav): each variable is a column, with the labels of its values where it has such. Values that
//! were declared missing are read like others, since they are still there.
//!
//! The structure stands in "System File Format" (PSPP Developers Guide, appendix B); IBM has published none.

use std::io;

use super::super::{Format, Stop};
use super::{Order, text};
use crate::readers::office::codepage::CodePage;
use crate::source::Source;
use crate::unit::{Sink, SlotId, Text};

mod dictionary;
mod rows;

use dictionary::{Dictionary, Variable};
use rows::{Packing, Rows};

/// Data sets of SPSS.
pub static FORMAT: Format = Format {
    id: "spss",
    name: "SPSS data sets (sav, zsav)",
    extensions: &["sav", "zsav"],
    fields: "column",
    isolated: false,
    beside: &[],
    sniff: |head| Header::of(head.bytes).is_some(),
    read,
};

/// What is told of whatever breaks the rules.
const DAMAGED: Stop = Stop::Malformed("the SPSS data set is damaged");
/// Bytes of a number, and of that many letters of a text: rows are made of such.
const ELEMENT: usize = 8;
/// Bytes of the header.
const HEADER: usize = 176;
/// Where the name of the whole stands in it, and how long it is.
const NAME: std::ops::Range<usize> = 109..173;

/// What the first bytes tell.
struct Header {
    order: Order,
    packing: Packing,
    name: Vec<u8>,
}

impl Header {
    fn of(bytes: &[u8]) -> Option<Header> {
        if !bytes.starts_with(b"$FL2") && !bytes.starts_with(b"$FL3") {
            return None;
        }
        let is_layout = |order: &Order| matches!(order.i32(bytes, 64), Some(2 | 3));
        let order = [Order::Little, Order::Big].into_iter().find(is_layout)?;
        let bias = order.f64(bytes, 84)?;
        let packing = match order.i32(bytes, 72)? {
            0 => Packing::Plain,
            1 => Packing::Codes(bias),
            2 => Packing::Zlib(bias),
            _ => return None,
        };
        Some(Header { order, packing, name: bytes.get(NAME)?.to_vec() })
    }
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let header = Header::of(source.peek(HEADER)?).ok_or(DAMAGED)?;
    super::pass(source, HEADER as u64)?;
    let told = Dictionary::read(source, header.order)?;
    let page = told.page();
    let remarks = [&header.name[..], b"\n", &told.remarks].concat();
    let remarks = text(&remarks, page.unwrap_or(CodePage::numbered(1252)));
    if !remarks.trim().is_empty() {
        let slot = sink.free_text();
        sink.text(slot, Text::whole(remarks.as_bytes(), 1, 0));
    }
    let variables = told.variables(header.order, page)?;
    let slots: Vec<SlotId> =
        variables.iter().map(|v| super::slot(None, &v.name, &v.label, sink)).collect();
    let is_read = rows(source, &header, &variables, &slots, told.elements, sink);
    if matches!(header.packing, Packing::Zlib(_)) {
        // Nothing in it is text.
        while let there @ 1.. = source.peek(1)?.len() {
            source.consume(there);
        }
    }
    is_read
}

fn rows(
    source: &mut Source,
    header: &Header,
    variables: &[Variable],
    slots: &[SlotId],
    elements: usize,
    sink: &mut Sink<'_>,
) -> Result<(), Stop> {
    let meter = sink.meter();
    let mut rows = Rows::new(source, header.order, header.packing, &meter)?;
    let mut row = vec![0; elements * ELEMENT];
    for number in 1.. {
        if row.is_empty() || !rows.next(&mut row)? {
            break;
        }
        let mut out = row.len();
        for (variable, slot) in variables.iter().zip(slots) {
            let text = variable.text(&row, header.order);
            out += super::excess(&text);
            sink.value(*slot, number, text.as_bytes());
        }
        meter.take(out).map_err(io::Error::other)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
