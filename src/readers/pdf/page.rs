//! A page as people see it: glyphs at their places become words, words lines, lines with gaps rows of cells.

use std::panic::resume_unwind;
use std::sync::Arc;

use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::kurbo::{Affine, BezPath, Point};
use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};

use crate::meter::Meter;

/// Glyphs are drawn in units of a thousandth of their size.
const EM: f64 = 1000.0;
/// Gap between two glyphs from which a blank stands between them, in sizes of the type.
const BLANK: f64 = 0.15;
/// Gap from which they stand in different cells.
const CELL: f64 = 0.9;
/// Distance of base lines up to which glyphs are on one line.
const SAME_LINE: f64 = 0.35;
/// Most glyphs of a page that are laid out; what comes behind them is left out.
const GLYPHS: usize = 1 << 19;

/// Most glyphs of a run of which it is remembered what they say.
const REMEMBERED: usize = 64;

/// A glyph at its place, along and across its own direction of writing.
#[derive(Clone, Copy, Debug)]
struct Placed {
    /// Direction of its base line in degrees.
    angle: i16,
    along: f64,
    across: f64,
    end: f64,
    size: f64,
    says: Says,
}

/// Where in the text of a page stands what a glyph says.
#[derive(Clone, Copy, Debug)]
struct Says {
    at: u32,
    length: u32,
}

impl Says {
    fn of(self, text: &str) -> &str {
        let at = self.at as usize;
        text.get(at..at + self.length as usize).unwrap_or_default()
    }
}

/// One line, or one row of a table: its cells with where they start and end.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The cells.
    pub cells: Vec<Cell>,
    /// Where its base line is, counted upwards.
    base: f64,
}

/// Text without large gaps.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// What it says.
    pub text: String,
    start: f64,
    end: f64,
}

/// What was drawn on a page.
pub struct Canvas {
    glyphs: Vec<Placed>,
    /// What the glyphs say, of each run what its different ones do.
    text: String,
    /// What the glyphs of the run at hand say, by their codes; nothing where the font does not tell.
    run: Vec<(u32, Option<Says>)>,
    /// Glyphs of which it is known what they say, and others.
    pub told: u64,
    /// Glyphs whose font does not say what they mean.
    pub untold: u64,
    /// Whether there are images.
    pub images: bool,
    meter: Arc<Meter>,
    drawn: u32,
}

/// What ends a page whose time is up.
pub struct TimeIsUp;

impl Canvas {
    /// An empty page, on which is drawn as long as there is time.
    pub fn new(meter: Arc<Meter>) -> Canvas {
        Canvas {
            glyphs: Vec::new(),
            text: String::new(),
            run: Vec::new(),
            told: 0,
            untold: 0,
            images: false,
            meter,
            drawn: 0,
        }
    }

    /// The library offers no other way to end a page early.
    fn tick(&mut self) {
        self.drawn = self.drawn.wrapping_add(1);
        if self.drawn.is_multiple_of(256) && self.meter.check().is_err() {
            resume_unwind(Box::new(TimeIsUp));
        }
    }

    /// What a glyph says. Fonts look it up by names of glyphs, which takes longer than all else: of a run, which has
    /// one font, each glyph is asked about once.
    fn says(&mut self, glyph: &Glyph<'_>) -> Option<Says> {
        let code = glyph.char_code();
        if let Some(&(_, says)) = self.run.iter().find(|known| known.0 == code) {
            return says;
        }
        let says = match glyph.as_unicode() {
            Some(BfString::Char(c)) => self.add_text(c.encode_utf8(&mut [0; 4])),
            Some(BfString::String(text)) => self.add_text(&text),
            None => None,
        };
        if self.run.len() < REMEMBERED {
            self.run.push((code, says));
        }
        says
    }

    fn add_text(&mut self, text: &str) -> Option<Says> {
        if text.is_empty() || text.contains(['\u{FFFD}', '\0']) {
            return None;
        }
        let at = u32::try_from(self.text.len()).ok()?;
        self.text.push_str(text);
        Some(Says { at, length: u32::try_from(text.len()).ok()? })
    }

    fn glyph(&mut self, glyph: &Glyph<'_>, at: Affine) {
        if self.glyphs.len() >= GLYPHS {
            return;
        }
        let Some(says) = self.says(glyph) else {
            self.untold += 1;
            return;
        };
        self.told += 1;
        let origin = at * Point::ZERO;
        let (right, up) = (at * Point::new(EM, 0.0) - origin, at * Point::new(0.0, EM) - origin);
        let size = up.hypot().max(1e-3);
        let length = right.hypot();
        if !(origin.x.is_finite() && origin.y.is_finite() && length > 0.0) {
            return;
        }
        let (cos, sin) = (right.x / length, right.y / length);
        let advance = match glyph {
            Glyph::Outline(g) => g.advance_width(),
            Glyph::Type3(g) => g.advance_width(),
        };
        let width = advance.map_or(0.5, |a| f64::from(a) / EM).clamp(0.0, 3.0) * length;
        let along = origin.x * cos + origin.y * sin;
        #[expect(clippy::cast_possible_truncation, reason = "degrees")]
        let angle = sin.atan2(cos).to_degrees().round() as i16;
        self.glyphs.push(Placed {
            angle,
            along,
            across: origin.y * cos - origin.x * sin,
            end: along + width,
            size,
            says,
        });
    }

    /// The lines of the page in reading order, text of other directions after that which stands upright.
    pub fn lines(mut self) -> Vec<Line> {
        let upright = |a: i16| if a == 0 { -1000 } else { a };
        self.glyphs.sort_by(|a, b| {
            upright(a.angle)
                .cmp(&upright(b.angle))
                .then(b.across.total_cmp(&a.across))
                .then(a.along.total_cmp(&b.along))
        });
        let mut lines: Vec<Line> = Vec::new();
        let mut rest = &self.glyphs[..];
        while let Some(first) = rest.first() {
            let mut base = first.across;
            let same = |g: &&Placed| {
                let on =
                    g.angle == first.angle && base - g.across <= SAME_LINE * g.size.max(first.size);
                if on {
                    base = base.min(g.across.max(base - 0.1 * g.size));
                }
                on
            };
            let n = rest.iter().take_while(same).count().max(1);
            let mut line = rest[..n].to_vec();
            line.sort_by(|a, b| a.along.total_cmp(&b.along));
            let line = Line { base: first.across, ..Line::of(&line, &self.text) };
            if !line.cells.is_empty() {
                lines.push(line);
            }
            rest = &rest[n..];
        }
        lines
    }
}

impl Line {
    fn of(glyphs: &[Placed], text: &str) -> Line {
        let mut cells: Vec<Cell> = Vec::new();
        let mut last: Option<(&Placed, &str)> = None;
        for glyph in glyphs {
            let said = glyph.says.of(text);
            // Blanks that are drawn count as gaps: tables are often made of them.
            if said.trim().is_empty() {
                continue;
            }
            // The same glyph drawn twice at one place is a way to make it bold.
            let again = |(l, before): (&Placed, &str)| {
                before == said && (glyph.along - l.along).abs() < 0.1 * glyph.size
            };
            if last.is_some_and(again) {
                continue;
            }
            let gap_to = |(l, _): (&Placed, _)| (glyph.along - l.end) / glyph.size.max(l.size);
            let gap = last.map_or(f64::MAX, gap_to);
            match cells.last_mut() {
                Some(cell) if gap < CELL => {
                    if gap > BLANK {
                        cell.text.push(' ');
                    }
                    cell.text.push_str(said);
                    cell.end = cell.end.max(glyph.end);
                }
                _ => cells.push(Cell { text: said.to_owned(), start: glyph.along, end: glyph.end }),
            }
            last = Some((glyph, said));
        }
        Line { cells, base: 0.0 }
    }

    /// The line as text: cells two blanks apart.
    pub fn text(&self) -> String {
        let cells: Vec<&str> = self.cells.iter().map(|c| c.text.as_str()).collect();
        cells.join("  ")
    }

    /// Whether the next line goes on where this one ends: it is a line of running text, and the first word of the next
    /// one has no room in it.
    fn goes_on(&self, next: &Line, margin: f64) -> bool {
        let ([cell], [below, ..]) = (&self.cells[..], &next.cells[..]) else { return false };
        let chars = |text: &str| text.chars().fold(0.0, |count, _| count + 1.0);
        let word = below.text.split(' ').next().unwrap_or_default();
        let width = (below.end - below.start) * chars(word) / chars(&below.text).max(1.0);
        chars(&cell.text) >= PROSE && cell.end + width > margin
    }
}

/// Characters of a line of running text at least: shorter ones are those of addresses and lists.
const PROSE: f64 = 45.0;

/// The text of these lines, and where each of them begins in it. A line of running text ends with a blank.
pub fn text(lines: &[Line]) -> (String, Vec<usize>) {
    let ends = lines.iter().filter(|line| line.cells.len() == 1).map(|line| line.cells[0].end);
    let margin = ends.fold(0.0, f64::max);
    let (mut text, mut starts) = (String::new(), Vec::new());
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            text.push(if lines[i - 1].goes_on(line, margin) { ' ' } else { '\n' });
        }
        starts.push(text.len());
        text.push_str(&line.text());
    }
    (text, starts)
}

/// A stretch of a page: text, or a table.
#[derive(Debug, PartialEq)]
pub enum Block {
    /// Lines of text.
    Text(Vec<Line>),
    /// Rows whose cells stand below each other.
    Table(Vec<Vec<String>>),
}

/// Fewest rows of a table, its header included.
const ROWS: usize = 3;
/// Lines below a header of which is told how far rows stand apart.
const LOOK: usize = 60;
/// By which factor lines within a row stand closer than rows at least.
const CLOSER: f64 = 1.2;

/// Tells tables from text: three lines and more with the same columns.
pub fn blocks(lines: Vec<Line>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let rows = table(&lines[at..]);
        if rows.len() >= ROWS {
            at += rows.len();
            blocks.push(Block::Table(rows));
            continue;
        }
        match blocks.last_mut() {
            Some(Block::Text(text)) => text.push(lines[at].clone()),
            _ => blocks.push(Block::Text(vec![lines[at].clone()])),
        }
        at += 1;
    }
    blocks
}

/// The rows that the first line is the head of: every cell of theirs stands under one of its cells. A line that stands
/// closer below the one above than rows do goes on with what stands in it.
fn table(lines: &[Line]) -> Vec<Vec<String>> {
    let Some(head) = lines.first().filter(|l| l.cells.len() >= 2) else { return Vec::new() };
    // What belongs under a heading reaches to the next one.
    let mut columns: Vec<(f64, f64)> = head.cells.iter().map(|c| (c.start, c.end)).collect();
    let mut rows = vec![head.cells.iter().map(|c| c.text.clone()).collect::<Vec<_>>()];
    let distance = distance_of_rows(lines);
    for two in lines.windows(2) {
        let [above, line] = two else { break };
        let Some(places) = places(line, &columns) else { break };
        let is_close = (above.base - line.base) * CLOSER < distance;
        let goes_on = |row: &mut Vec<String>| {
            is_close && places.iter().all(|column| !row[*column].is_empty())
        };
        let mut row = match rows.pop_if(goes_on) {
            Some(row) => row,
            None if places.len() * 2 < columns.len() || places.len() < 2 => break,
            None => vec![String::new(); columns.len()],
        };
        for (column, cell) in places.into_iter().zip(&line.cells) {
            if !row[column].is_empty() {
                row[column].push(' ');
            }
            row[column].push_str(&cell.text);
            let (start, end) = columns[column];
            columns[column] = (start.min(cell.start), end.max(cell.end));
        }
        rows.push(row);
    }
    rows
}

/// How far the full rows below the first line stand below what is above them, at least; 0 if there are none.
fn distance_of_rows(lines: &[Line]) -> f64 {
    let columns = lines.first().map_or(0, |head| head.cells.len());
    let rows = lines.windows(2).take_while(|two| two[1].cells.len() <= columns).take(LOOK);
    let full = rows.filter(|two| two[1].cells.len() == columns);
    let least = full.map(|two| two[0].base - two[1].base).fold(f64::INFINITY, f64::min);
    if least.is_finite() { least } else { 0.0 }
}

/// Under which of the columns each cell of a line stands, if each stands under one of its own.
fn places(line: &Line, columns: &[(f64, f64)]) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    for cell in &line.cells {
        let overlap = |i: usize| cell.end.min(columns[i].1) - cell.start.max(columns[i].0);
        let best = (0..columns.len()).max_by(|a, b| overlap(*a).total_cmp(&overlap(*b)))?;
        if overlap(best) <= 0.0 || places.contains(&best) {
            return None;
        }
        places.push(best);
    }
    Some(places)
}

impl<'a> Device<'a> for Canvas {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {
        self.tick();
    }
    fn push_clip_path(&mut self, _: &ClipPath) {
        self.tick();
    }
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {
        self.tick();
    }
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        self.tick();
        self.run.clear();
        for glyph in run.glyphs() {
            self.glyph(glyph, props.transform * glyph.transform());
        }
    }
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {
        self.tick();
        self.images = true;
    }
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[(&str, f64)]) -> Line {
        let cell = |c: &(&str, f64)| Cell {
            text: c.0.to_owned(),
            start: c.1,
            end: c.1 + 5.0 * c.0.chars().count() as f64,
        };
        Line { cells: cells.iter().map(cell).collect(), base: 0.0 }
    }

    #[test]
    fn rows_under_one_head_are_a_table() {
        let lines = vec![
            line(&[("Kundeliste", 50.0)]),
            line(&[("Navn", 50.0), ("Fødselsnummer", 150.0), ("Mobil", 300.0)]),
            line(&[("Kari Nordmann", 50.0), ("01010112345", 150.0), ("40000001", 300.0)]),
            line(&[("Ola", 50.0), ("02020212345", 150.0)]),
            line(&[("Med hilsen", 50.0)]),
        ];
        let blocks = blocks(lines);
        assert_eq!(blocks.len(), 3);
        let Block::Table(rows) = &blocks[1] else { panic!("no table") };
        assert_eq!(rows[2], ["Ola", "02020212345", ""]);
    }

    #[test]
    fn a_cell_may_go_on_in_the_next_line() {
        let lines = vec![
            line(&[("Beboer", 50.0), ("Født", 150.0), ("Mobil", 300.0)]),
            line(&[("Kari Elise", 50.0), ("03.05.1934", 150.0), ("40000001", 300.0)]),
            line(&[("Nordmann", 50.0)]),
            line(&[("Ola Hansen", 50.0), ("04.06.1935", 150.0), ("40000002", 300.0)]),
            line(&[("Sand", 50.0), ("03", 300.0)]),
            line(&[("Med hilsen", 50.0)]),
        ];
        let bases = [100.0, 80.0, 68.0, 48.0, 36.0, 10.0];
        let lines = lines.into_iter().zip(bases).map(|(line, base)| Line { base, ..line });
        let blocks = blocks(lines.collect());
        let Block::Table(rows) = &blocks[0] else { panic!("no table") };
        assert_eq!(rows[1], ["Kari Elise Nordmann", "03.05.1934", "40000001"]);
        assert_eq!(rows[2], ["Ola Hansen Sand", "04.06.1935", "40000002 03"]);
        assert_eq!((rows.len(), blocks.len()), (3, 2));
    }

    #[test]
    fn lines_of_running_text_go_on() {
        let long = "Beløpet betales i dag til konto IBAN DE71 3704 0044 0295";
        let lines = [long, "2644 54.", "Kari Nordmann", "Storgata 14"];
        let lines: Vec<_> = lines.iter().map(|text| line(&[(text, 50.0)])).collect();
        let (all, starts) = text(&lines);
        assert_eq!(all, format!("{long} 2644 54.\nKari Nordmann\nStorgata 14"));
        assert!(all[starts[2]..].starts_with("Kari"));
    }
}
