//! The map of folders: the more different values a folder holds, the larger; the graver, the darker.

use std::io::{self, Write};

use super::super::tally::Sum;
use super::super::words;
use super::{h, t};
use crate::inventory::Severity;

/// Most folders drawn.
const MOST: usize = 40;
/// Width and height of the drawing.
const SIZE: (f64, f64) = (1000.0, 300.0);

/// A rectangle of the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rect {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Writes the map, when there is more than one folder. The table under it says the same in words.
pub(super) fn write(sums: &[Sum], out: &mut dyn Write) -> io::Result<()> {
    let mut folders: Vec<&Sum> = sums.iter().filter(|s| s.distinct > 0).collect();
    folders.sort_by_key(|s| std::cmp::Reverse(s.distinct));
    folders.truncate(MOST);
    if folders.len() < 2 {
        return Ok(());
    }
    // The root of the number: a folder of a hundred customers is to be seen beside one of a million.
    #[expect(clippy::cast_precision_loss, reason = "for an area on the screen")]
    let areas: Vec<f64> = folders.iter().map(|s| (s.distinct as f64).sqrt()).collect();
    let whole = Rect { x: 0.0, y: 0.0, width: SIZE.0, height: SIZE.1 };
    out.write_all(b"<svg class=\"map\" aria-hidden=\"true\">\n")?;
    for (folder, rect) in folders.iter().zip(layout(&areas, whole)) {
        let of = |part: f64, whole: f64| part / whole * 100.0;
        write!(
            out,
            "<svg x=\"{:.2}%\" y=\"{:.2}%\" width=\"{:.2}%\" height=\"{:.2}%\"><title>{}: {}</title>\
             <rect class=\"m-{}\" width=\"100%\" height=\"100%\"></rect>",
            of(rect.x, SIZE.0),
            of(rect.y, SIZE.1),
            of(rect.width, SIZE.0),
            of(rect.height, SIZE.1),
            h(folder.name),
            words::number(folder.distinct),
            folder.severity.as_str()
        )?;
        if rect.width > 70.0 && rect.height > 24.0 {
            let name = folder.name.rsplit('/').next().unwrap_or(folder.name);
            let class = folder.severity.as_str();
            write!(out, "<text class=\"t-{class}\" x=\"6\" y=\"17\">{}</text>", h(name))?;
        }
        out.write_all(b"</svg>\n")?;
    }
    out.write_all(b"</svg>\n<p class=\"small legend\">")?;
    for severity in [Severity::VeryHigh, Severity::High, Severity::Medium, Severity::Low] {
        let class = severity.as_str();
        write!(out, "<span class=\"key m-{class}\"></span>{} ", t(words::severity(severity)))?;
    }
    let says = "The more different values a folder holds, the larger it is drawn.";
    writeln!(out, "</p>\n<p class=\"small\">{}</p>", t(says))
}

/// Rectangles with these areas, in falling order, that fill the whole and are as square as can be (Bruls,
/// Huizing, van Wijk: Squarified Treemaps, 2000).
fn layout(areas: &[f64], whole: Rect) -> Vec<Rect> {
    let scale = whole.width * whole.height / areas.iter().sum::<f64>();
    let areas: Vec<f64> = areas.iter().map(|a| a * scale).collect();
    let (mut left, mut rects, mut rest) = (whole, Vec::new(), &areas[..]);
    while !rest.is_empty() {
        let side = left.width.min(left.height).max(f64::MIN_POSITIVE);
        let better = |n: &usize| worst(&rest[..n + 1], side) <= worst(&rest[..*n], side);
        let n = (1..rest.len()).take_while(better).count() + 1;
        left = row(&rest[..n], left, &mut rects);
        rest = &rest[n..];
    }
    rects
}

/// How far from square the worst rectangle of a row along this side is.
fn worst(row: &[f64], side: f64) -> f64 {
    let depth = row.iter().sum::<f64>() / side;
    row.iter().map(|area| (area / depth / depth).max(depth * depth / area)).fold(0.0, f64::max)
}

/// Lays a row along the shorter side; what is left of the whole is returned.
fn row(row: &[f64], left: Rect, rects: &mut Vec<Rect>) -> Rect {
    let upright = left.width >= left.height;
    let side = if upright { left.height } else { left.width };
    let depth = row.iter().sum::<f64>() / side;
    let mut at = 0.0;
    for area in row {
        let length = area / depth;
        rects.push(match upright {
            true => Rect { x: left.x, y: left.y + at, width: depth, height: length },
            false => Rect { x: left.x + at, y: left.y, width: length, height: depth },
        });
        at += length;
    }
    match upright {
        true => Rect { x: left.x + depth, width: left.width - depth, ..left },
        false => Rect { y: left.y + depth, height: left.height - depth, ..left },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_is_filled_without_overlap() {
        let areas = [60.0, 40.0, 30.0, 20.0, 10.0, 5.0, 5.0, 1.0];
        let whole = Rect { x: 0.0, y: 0.0, width: 300.0, height: 100.0 };
        let rects = layout(&areas, whole);
        assert_eq!(rects.len(), areas.len());
        let total: f64 = rects.iter().map(|r| r.width * r.height).sum();
        assert!((total - 30_000.0).abs() < 1e-6, "{total}");
        for (n, a) in rects.iter().enumerate() {
            assert!(
                a.x >= -1e-9 && a.x + a.width <= 300.0 + 1e-9 && a.y + a.height <= 100.0 + 1e-9
            );
            for b in &rects[n + 1..] {
                let apart = a.x + a.width <= b.x + 1e-9
                    || b.x + b.width <= a.x + 1e-9
                    || a.y + a.height <= b.y + 1e-9
                    || b.y + b.height <= a.y + 1e-9;
                assert!(apart, "{a:?} {b:?}");
            }
        }
        let ratio = |r: &Rect| (r.width / r.height).max(r.height / r.width);
        assert!(rects[..6].iter().all(|r| ratio(r) < 4.0), "{rects:?}");
    }
}
