//! Small documents, put together object by object.

use super::*;
use crate::unit::testing::Collected;

/// A document of these objects, of which the first is the catalog; `trailer` goes into the trailer.
fn document_of(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", i + 1).into_bytes());
    }
    let start = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for place in places {
        bytes.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    let size = objects.len() + 1;
    let end =
        format!("trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF");
    bytes.extend(end.into_bytes());
    bytes
}

fn stream(dict: &str, data: &str) -> String {
    format!("<< {dict} /Length {} >>\nstream\n{data}\nendstream", data.len())
}

/// A document with one page whose content is this; `catalog` and `more` add to it.
fn one_page(content: &str, catalog: &str, page: &str, more: &[String]) -> Vec<u8> {
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>"),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> {page} >> >>"
        ),
        stream("", content),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
    ];
    objects.extend_from_slice(more);
    document_of(&objects, "/Info << /Author (Kari Nordmann) >>")
}

fn collect(bytes: Vec<u8>) -> Collected {
    let mut collected = Collected::default();
    crate::sniff::file(Source::from_bytes(bytes), "x", 0, &mut collected);
    collected
}

fn at(x: u32, y: u32, text: &str) -> String {
    format!("BT /F1 10 Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET\n")
}

#[test]
fn text_and_tables_are_told_apart() {
    let mut content = at(50, 700, "Kundeliste for avdelingen");
    for (i, row) in
        [("Navn", "Konto"), ("Kari Nordmann", "10000000001"), ("Ola Hansen", "10000000002")]
            .iter()
            .enumerate()
    {
        let y = 680 - 12 * u32::try_from(i).unwrap();
        content += &(at(50, y, row.0) + &at(200, y, row.1));
    }
    content += "BT /F1 10 Tf 0 1 -1 0 20 100 Tm (Loddrett tekst) Tj ET\n";
    let c = collect(one_page(&content, "", "", &[]));
    assert!(c.notes.is_empty(), "{:?}", c.notes);
    assert!(c.text().contains("Kundeliste for avdelingen") && c.text().contains("Loddrett tekst"));
    let names = c.field(Some("page 1"), "Navn");
    assert_eq!(names, [(1, "Kari Nordmann".to_owned()), (2, "Ola Hansen".to_owned())]);
    assert_eq!(c.field(Some("page 1"), "Konto")[1].1, "10000000002");
    assert_eq!(c.field(Some("properties"), "Author")[0].1, "Kari Nordmann");
}

#[test]
fn forms_and_attachments_are_read() {
    let catalog =
        "/AcroForm << /Fields [6 0 R] >> /Names << /EmbeddedFiles << /Names [(a.csv) 7 0 R] >> >>";
    let more = [
        "<< /FT /Tx /T (navn) /V (Ola Hansen) >>".to_owned(),
        "<< /Type /Filespec /F (a.csv) /EF << /F 8 0 R >> >>".to_owned(),
        stream("", "navn;epost\nKari;kari@example.no\nOla;ola@example.no"),
    ];
    let c = collect(one_page(&at(50, 700, "Skjema"), catalog, "", &more));
    assert_eq!(c.field(Some("form"), "navn")[0].1, "Ola Hansen");
    assert_eq!(c.members[0].members, ["a.csv"]);
    assert_eq!(c.field(None, "epost").len(), 2);
}

#[test]
fn pages_without_text_and_damage_are_noted() {
    let image = stream(
        "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8",
        "x",
    );
    let c = collect(one_page("/I Do", "", "/XObject << /I 6 0 R >>", &[image]));
    assert!(c.notes.iter().any(|n| n.reason == Reason::NoText), "{:?}", c.notes);
    let whole = one_page(&at(50, 700, "Hei"), "", "", &[]);
    assert!(!collect(whole[..40].to_vec()).notes.is_empty());
    for seed in 0..200usize {
        let mut broken = whole.clone();
        let place = 9 + seed * 7919 % (broken.len() - 9);
        broken[place] = broken[place].wrapping_add(13);
        collect(broken);
    }
}
