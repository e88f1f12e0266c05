//! The settings of a Word document: variables that templates keep in it, and where letters get their addresses from.

use crate::readers::markup::{Handler, Part, Place, local};
use crate::unit::Sink;

/// Settings that say more than how the document looks.
const TELLING: &[&[u8]] = &[b"connectString", b"query", b"udl"];

/// The settings on their way to the sink: each variable is a field of the table `variables`.
#[derive(Default)]
pub struct Settings {
    tag: Vec<u8>,
    name: Vec<u8>,
    value: Vec<u8>,
}

impl Handler for Settings {
    const HTML: bool = false;

    fn open(&mut self, name: &[u8], _: Place, _: &mut Sink<'_>) {
        self.tag = local(name).to_vec();
        self.name.clear();
        self.value.clear();
    }

    fn attribute(&mut self, name: &[u8], part: Part<'_>, _: &mut Sink<'_>) {
        match local(name) {
            b"name" if part.last && part.at == 0 => self.name = part.text.to_vec(),
            b"val" => self.value.extend_from_slice(part.text),
            _ => {}
        }
    }

    fn opened(&mut self, _: bool, sink: &mut Sink<'_>) -> bool {
        let name = match &self.tag[..] {
            b"docVar" => &self.name,
            tag if TELLING.contains(&tag) => &self.tag,
            _ => return false,
        };
        let slot = sink.slot(Some("variables"), Some(&String::from_utf8_lossy(name)));
        sink.value(slot, 1, self.value.trim_ascii());
        false
    }
}
