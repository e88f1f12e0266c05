//! Objects of R as tables and fields.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use super::super::{cut, excess, moment, slot};
use super::object::{Body, Object, Texts};
use crate::meter::Meter;
use crate::readers::Stop;
use crate::readers::office::number::plain;
use crate::unit::{Sink, SlotId};

/// Names in a list that are fields of their own: where there are more, they are values as well.
const FIELDS: usize = 256;
/// Seconds of a day.
const DAY: f64 = 86_400.0;
/// The name of what has none.
const UNNAMED: &str = "value";
/// The column of what rows are called.
const ROW_NAMES: &str = "row.names";
/// Which of the parts of a time that was taken apart is the year.
const YEAR: usize = 5;

/// How the values of a vector are shown.
pub enum Look {
    /// As they are.
    Plain,
    /// As days.
    Days,
    /// As points in time.
    Seconds,
    /// As whole numbers whose bytes are written as those of others.
    Wide,
    /// By labels.
    Labels(HashMap<String, String>),
}

impl Look {
    /// How those of an object are shown, by what is told of it.
    pub fn of(object: &Object) -> Look {
        if object.is("Date") {
            return Look::Days;
        }
        if object.is("POSIXct") {
            return Look::Seconds;
        }
        if object.is("integer64") {
            return Look::Wide;
        }
        // As the packages haven and labelled have them.
        let Some((labels, names)) =
            object.attribute("labels").and_then(|l| Some((l, l.texts("names")?)))
        else {
            return Look::Plain;
        };
        let values = (0..length(labels)).map(|i| Look::Plain.shown(labels, i));
        Look::Labels(values.zip(names.iter().map(str::to_owned)).collect())
    }

    /// A value of a vector, as people see it.
    pub fn shown(&self, object: &Object, i: usize) -> String {
        let number = match &object.body {
            Body::Texts(texts) => {
                return self.labelled(texts.get(i).unwrap_or_default().to_owned());
            }
            Body::Truths(truths) => {
                return match truths.get(i) {
                    None | Some(&i32::MIN) => String::new(),
                    Some(0) => "FALSE".to_owned(),
                    Some(_) => "TRUE".to_owned(),
                };
            }
            Body::Whole(numbers) => {
                numbers.get(i).filter(|n| **n != i32::MIN).map(|n| f64::from(*n))
            }
            Body::Numbers(numbers) => numbers.get(i).copied(),
            _ => None,
        };
        let Some(number) = number else { return String::new() };
        match self {
            Look::Wide => match number.to_bits().cast_signed() {
                i64::MIN => String::new(),
                wide => wide.to_string(),
            },
            _ if number.is_nan() => String::new(),
            Look::Days => moment(number.floor() * DAY),
            Look::Seconds => moment(number),
            Look::Plain | Look::Labels(_) => self.labelled(plain(number)),
        }
    }

    fn labelled(&self, value: String) -> String {
        match self {
            Look::Labels(labels) => labels.get(&value).cloned().unwrap_or(value),
            _ => value,
        }
    }
}

/// How many values a vector has.
pub fn length(object: &Object) -> usize {
    match &object.body {
        Body::Texts(texts) => texts.len(),
        Body::Whole(numbers) | Body::Truths(numbers) => numbers.len(),
        Body::Numbers(numbers) => numbers.len(),
        Body::List(list) => list.len(),
        Body::Nothing | Body::Symbol(_) => 0,
    }
}

/// Hands objects on.
pub struct Tables<'a, 'c> {
    sink: &'a mut Sink<'c>,
    meter: Arc<Meter>,
}

impl<'a, 'c> Tables<'a, 'c> {
    /// Into this sink.
    pub fn new(sink: &'a mut Sink<'c>) -> Tables<'a, 'c> {
        let meter = sink.meter();
        Tables { sink, meter }
    }

    /// Objects that were saved with their names.
    pub fn saved(&mut self, objects: &Object) -> Result<(), Stop> {
        let Body::List(list) = &objects.body else { return self.single(objects) };
        for (i, object) in list.iter().enumerate() {
            let name = objects.texts("names").and_then(|names| names.get(i)).unwrap_or_default();
            self.object(None, if name.is_empty() { UNNAMED } else { cut(name) }, object, None)?;
        }
        Ok(())
    }

    /// An object that was saved without a name.
    pub fn single(&mut self, object: &Object) -> Result<(), Stop> {
        if object.is("data.frame") {
            return self.frame(None, object);
        }
        if let Some((rows, columns)) = sides(object) {
            return self.matrix(None, object, rows, columns);
        }
        self.object(None, "", object, None)
    }

    /// An object at a path. In a row all it holds stands in that one.
    fn object(
        &mut self,
        table: Option<&str>,
        path: &str,
        object: &Object,
        row: Option<u64>,
    ) -> Result<(), Stop> {
        if row.is_none() && object.is("data.frame") {
            return self.frame(Some(path), object);
        }
        if let Some((rows, columns)) = sides(object).filter(|_| row.is_none()) {
            return self.matrix(Some(path), object, rows, columns);
        }
        if let Some(remark) = object.attribute("comment") {
            self.object(table, &below(path, "comment"), remark, row)?;
        }
        let names = object.texts("names");
        match &object.body {
            Body::Symbol(_) => Ok(()),
            // What makes up an object of S4 is told like attributes.
            Body::Nothing => {
                let parts =
                    object.attributes.iter().filter(|a| !matches!(&*a.0, "class" | "comment"));
                for (name, part) in parts {
                    self.object(table, &below(path, name), part, row)?;
                }
                Ok(())
            }
            Body::List(list) => self.list(table, path, list, names, row),
            _ => {
                let slot = self.slot(table, path, object, None);
                self.column(slot, object, 0..length(object), row)?;
                self.names(table, path, names, row)
            }
        }
    }

    fn list(
        &mut self,
        table: Option<&str>,
        path: &str,
        list: &[Object],
        names: Option<&Texts>,
        row: Option<u64>,
    ) -> Result<(), Stop> {
        let (fields, values) = if list.len() > FIELDS { (None, names) } else { (names, None) };
        for (object, i) in list.iter().zip(0..) {
            let name = fields.and_then(|names| names.get(i)).filter(|name| !name.is_empty());
            let is_column = row.is_none() && list.len() <= FIELDS && is_column(object);
            let (below, row) = match name {
                Some(name) => (below(path, name), row),
                // Columns of a data frame whose names were cut off are such.
                None if is_column => (format!("{path}#{}", i + 1), None),
                None => (format!("{path}[]"), row.or(Some(i as u64 + 1))),
            };
            self.object(table, &below, object, row)?;
        }
        self.names(table, path, values, row)
    }

    /// Names of values may be those of persons.
    fn names(
        &mut self,
        table: Option<&str>,
        path: &str,
        names: Option<&Texts>,
        row: Option<u64>,
    ) -> Result<(), Stop> {
        let Some(names) = names else { return Ok(()) };
        let slot = self.sink.slot(table, Some(&below(path, "names")));
        for (name, i) in names.iter().zip(1..) {
            self.value(slot, row.unwrap_or(i), name)?;
        }
        Ok(())
    }

    /// A data frame: its columns, and what its rows are called.
    fn frame(&mut self, table: Option<&str>, frame: &Object) -> Result<(), Stop> {
        let Body::List(columns) = &frame.body else { return Ok(()) };
        let names = frame.texts("names");
        // As the package foreign has them.
        let labels = frame.texts("var.labels").or_else(|| frame.texts("variable.labels"));
        for (column, i) in columns.iter().zip(0..) {
            let number = format!("#{}", i + 1);
            let name = names.and_then(|names| names.get(i)).filter(|n| !n.is_empty());
            let name = cut(name.unwrap_or(&number));
            let label = labels.and_then(|labels| labels.get(i));
            match &column.body {
                Body::List(parts) if column.is("data.frame") => {
                    let their_names = column.texts("names");
                    for (part, j) in parts.iter().zip(0..) {
                        let part_name =
                            their_names.and_then(|names| names.get(j)).unwrap_or_default();
                        let slot = self.slot(table, &below(name, part_name), part, None);
                        self.column(slot, part, 0..length(part), None)?;
                    }
                }
                Body::List(parts) if column.is("POSIXlt") => {
                    let slot = self.slot(table, name, column, label);
                    for row in 0..parts.get(YEAR).map_or(0, length) {
                        self.value(slot, row as u64 + 1, &broken_down(parts, row))?;
                    }
                }
                Body::List(values) => {
                    for (value, row) in values.iter().zip(1..) {
                        self.object(table, name, value, Some(row))?;
                    }
                }
                _ => {
                    let slot = self.slot(table, name, column, label);
                    self.column(slot, column, 0..length(column), None)?;
                }
            }
        }
        self.row_names(table, frame.texts(ROW_NAMES))
    }

    fn row_names(&mut self, table: Option<&str>, names: Option<&Texts>) -> Result<(), Stop> {
        let Some(names) = names else { return Ok(()) };
        let slot = self.sink.slot(table, Some(ROW_NAMES));
        for (name, row) in names.iter().zip(1..) {
            self.value(slot, row, name)?;
        }
        Ok(())
    }

    /// A matrix, which is written column by column.
    fn matrix(
        &mut self,
        table: Option<&str>,
        matrix: &Object,
        rows: usize,
        columns: usize,
    ) -> Result<(), Stop> {
        let names = |side: usize| match &matrix.attribute("dimnames")?.body {
            Body::List(sides) => match &sides.get(side)?.body {
                Body::Texts(names) => Some(names),
                _ => None,
            },
            _ => None,
        };
        for i in 0..columns {
            let number = format!("#{}", i + 1);
            let name = names(1).and_then(|names| names.get(i)).unwrap_or(&number);
            let slot = self.sink.slot(table, Some(cut(name)));
            self.column(slot, matrix, i * rows..(i + 1) * rows, None)?;
        }
        self.row_names(table, names(0))
    }

    /// The slot of a vector. Labels are as the packages haven and Hmisc have them.
    fn slot(
        &mut self,
        table: Option<&str>,
        path: &str,
        vector: &Object,
        label: Option<&str>,
    ) -> SlotId {
        let label = vector.texts("label").and_then(|label| label.get(0)).or(label);
        let path = if path.is_empty() { UNNAMED } else { path };
        slot(table, path, label.unwrap_or_default(), self.sink)
    }

    /// The values of a vector, each in a row of its own or all in one.
    fn column(
        &mut self,
        slot: SlotId,
        vector: &Object,
        part: std::ops::Range<usize>,
        row: Option<u64>,
    ) -> Result<(), Stop> {
        let look = Look::of(vector);
        let levels = vector.texts("levels");
        for (i, number) in part.zip(1..) {
            let row = row.unwrap_or(number);
            match (levels, &vector.body) {
                (Some(levels), Body::Whole(codes)) => {
                    let code = codes.get(i).and_then(|code| usize::try_from(*code).ok());
                    let level = code.and_then(|code| levels.get(code.checked_sub(1)?));
                    self.value(slot, row, level.unwrap_or_default())?;
                }
                (_, Body::Texts(texts)) if matches!(look, Look::Plain) => {
                    self.value(slot, row, texts.get(i).unwrap_or_default())?;
                }
                _ => self.value(slot, row, &look.shown(vector, i))?,
            }
        }
        Ok(())
    }

    fn value(&mut self, slot: SlotId, row: u64, text: &str) -> Result<(), Stop> {
        let excess = excess(text);
        if excess > 0 || row.is_multiple_of(1024) {
            self.meter.take(excess).map_err(io::Error::other)?;
        }
        self.sink.value(slot, row, text.as_bytes());
        Ok(())
    }
}

/// A point in time that was taken apart: seconds, minutes, hours, day, month from 0 and year from 1900.
fn broken_down(parts: &[Object], i: usize) -> String {
    let part = |n: usize| match &parts.get(n)?.body {
        Body::Whole(numbers) => numbers.get(i).filter(|n| **n != i32::MIN).map(|n| f64::from(*n)),
        Body::Numbers(numbers) => numbers.get(i).copied(),
        _ => None,
    };
    let day = part(YEAR).zip(part(4)).zip(part(3));
    let Some(((year, month), day)) = day else { return String::new() };
    let date = format!("{:04}-{:02}-{day:02}", year + 1900.0, month + 1.0);
    let clock = [2, 1, 0].map(|n| part(n).unwrap_or(0.0).floor());
    match clock {
        [0.0, 0.0, 0.0] => date,
        [hours, minutes, seconds] => format!("{date} {hours:02}:{minutes:02}:{seconds:02}"),
    }
}

/// The path of what stands below another.
fn below(path: &str, name: &str) -> String {
    let name = cut(name);
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Whether an object holds values that stand below each other.
fn is_column(object: &Object) -> bool {
    !matches!(object.body, Body::List(_)) && length(object) > 1
}

/// How many rows and columns a matrix has, if all of them are there.
fn sides(object: &Object) -> Option<(usize, usize)> {
    let Body::Whole(sides) = &object.attribute("dim")?.body else { return None };
    let &[rows, columns] = &sides[..] else { return None };
    let (rows, columns) = (usize::try_from(rows).ok()?, usize::try_from(columns).ok()?);
    let is_list = matches!(object.body, Body::List(_));
    let is_whole = rows > 0 && rows.checked_mul(columns)? == length(object);
    (!is_list && is_whole).then_some((rows, columns))
}
