use std::io::Write;

use super::super::drive::testing::read;
use super::*;
use crate::unit::testing::Collected;

fn archive<B: AsRef<[u8]>>(parts: &[(&str, B)]) -> Vec<u8> {
    let mut zip = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, ::zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_ref()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn all<B: AsRef<[u8]>>(format: &Format, parts: &[(&str, B)]) -> Collected {
    let (all, why, _) = read(&archive(parts), format.read);
    assert_eq!(why, None);
    assert_eq!(all.notes, []);
    all
}

#[test]
fn word() {
    let all = all(
        &DOCX,
        &[
            ("[Content_Types].xml", "<Types/>"),
            (
                "word/document.xml",
                "<w:document><w:body><w:p><w:r><w:t>fnr 0101</w:t></w:r><w:r><w:t>90 12345</w:t></w:r></w:p>\
                 <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Navn</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>E-post</w:t></w:r></w:p></w:tc></w:tr>\
                 <w:tr><w:tc><w:p><w:r><w:t>Kari</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>kari@example.org</w:t></w:r></w:p></w:tc></w:tr></w:tbl>\
                 <w:p><w:r><w:t>slutt</w:t></w:r></w:p></w:body></w:document>",
            ),
            ("word/header1.xml", "<w:hdr><w:p><w:r><w:t>topp &amp; bunn</w:t></w:r></w:p></w:hdr>"),
            (
                "docProps/core.xml",
                "<cp:coreProperties><dc:creator>Ola Nordmann</dc:creator></cp:coreProperties>",
            ),
        ],
    );
    let text = all.text();
    assert!(
        text.contains("fnr 010190 12345") && text.contains("slutt") && text.contains("topp & bunn"),
        "{text}"
    );
    assert_eq!(all.field(Some("table1"), "E-post"), [(1, "kari@example.org".into())]);
    assert_eq!(all.field(Some("properties"), "author"), [(1, "Ola Nordmann".into())]);
}

/// A record of a binary workbook: its number, the length of its content, and that.
fn record(number: u16, content: &[u8]) -> Vec<u8> {
    let [low, high] = [number & 0x7F, number >> 7].map(|b| u8::try_from(b).unwrap());
    let number = if high > 0 { vec![low | 0x80, high] } else { vec![low] };
    [number, vec![u8::try_from(content.len()).unwrap()], content.to_vec()].concat()
}

fn wide(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.encode_utf16().count()).unwrap();
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    length.to_le_bytes().into_iter().chain(units).collect()
}

#[test]
fn binary_workbook() {
    let sheet = [&[0; 4][..], &1_u32.to_le_bytes(), &wide("rId1"), &wide("Kunder")].concat();
    let book = [record(0x9C, &sheet), record(0x90, &[]), record(0x9D, &[])].concat();
    let row = |number: u32, cells: &[&str]| {
        let text = |(column, text): (usize, &&str)| {
            let column = u32::try_from(column).unwrap().to_le_bytes();
            record(6, &[&column[..], &[0; 4], &wide(text)].concat())
        };
        let cells: Vec<u8> = cells.iter().enumerate().flat_map(text).collect();
        [record(0, &number.to_le_bytes()), cells].concat()
    };
    let number = record(5, &[&2_u32.to_le_bytes()[..], &[0; 4], &1001_f64.to_le_bytes()].concat());
    let rows = [
        row(0, &["Navn", "E-post", "Nr"]),
        row(1, &["Kari", "kari@example.org"]),
        number,
        row(4, &["Telefon", "Navn"]),
        row(5, &["22 33 44 55", "Ola"]),
    ];
    let cells = [record(0x94, &[0; 16]), record(0x91, &[]), rows.concat(), record(0x92, &[])];
    let rels = "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.bin\"/></Relationships>";
    let parts = [
        ("[Content_Types].xml", b"<Types/>".to_vec()),
        ("xl/workbook.bin", book),
        ("xl/_rels/workbook.bin.rels", rels.into()),
        ("xl/worksheets/sheet1.bin", cells.concat()),
    ];
    let all = all(&XLSX, &parts);
    assert_eq!(all.field(Some("Kunder"), "E-post"), [(1, "kari@example.org".into())]);
    assert_eq!(all.field(Some("Kunder"), "Nr"), [(1, "1001".into())]);
    assert_eq!(all.field(Some("Kunder"), "Telefon"), [(2, "22 33 44 55".into())]);
    assert_eq!(all.field(Some("Kunder"), "Navn")[1].1, "Ola");
}

#[test]
fn workbook() {
    let all = all(
        &XLSX,
        &[
            ("[Content_Types].xml", "<Types/>"),
            (
                "xl/workbook.xml",
                "<workbook><sheets><sheet name=\"Kunder\" sheetId=\"1\" state=\"hidden\" r:id=\"rId1\"/></sheets></workbook>",
            ),
            (
                "xl/_rels/workbook.xml.rels",
                "<R><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/></R>",
            ),
            (
                "xl/styles.xml",
                "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd.mm.yyyy\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>",
            ),
            (
                "xl/sharedStrings.xml",
                "<sst><si><t>Navn</t></si><si><r><t>Ka</t></r><r><t>ri</t></r></si></sst>",
            ),
            (
                "xl/worksheets/sheet1.xml",
                "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>Født</t></is></c><c r=\"D1\" t=\"str\"><v>Fnr</v></c></row>\
                 <row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\" s=\"1\"><v>32874</v></c><c r=\"D2\"><v>1.0101901234E10</v></c></row></sheetData>\
                 <headerFooter><oddHeader>&amp;Ctopp@example.org</oddHeader></headerFooter></worksheet>",
            ),
        ],
    );
    assert_eq!(all.field(Some("Kunder"), "Navn"), [(1, "Kari".into())]);
    assert_eq!(all.field(Some("Kunder"), "Født"), [(1, "1990-01-01".into())]);
    assert_eq!(all.field(Some("Kunder"), "Fnr"), [(1, "10101901234".into())]);
    assert!(all.text().contains(" topp@example.org"), "{}", all.text());
}

#[test]
fn open_document() {
    let all = all(
        &ODF,
        &[
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("META-INF/manifest.xml", "<m/>"),
            (
                "content.xml",
                "<office:document-content><table:table table:name=\"Ark1\"><table:table-row><table:table-cell><text:p>Navn</text:p></table:table-cell>\
                 <table:table-cell table:number-columns-repeated=\"2\"/><table:table-cell><text:p>Tlf</text:p></table:table-cell></table:table-row>\
                 <table:table-row><table:table-cell><text:p>Kari</text:p></table:table-cell><table:table-cell table:number-columns-repeated=\"2\"/>\
                 <table:table-cell><text:p>22334455</text:p></table:table-cell></table:table-row></table:table></office:document-content>",
            ),
        ],
    );
    assert_eq!(all.field(Some("Ark1"), "Tlf"), [(1, "22334455".into())]);
}

#[test]
fn notes_do_not_cut_what_they_stand_in() {
    let spreadsheet = all(
        &ODF,
        &[
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("META-INF/manifest.xml", "<m/>"),
            (
                "content.xml",
                "<o:d><text:p>kari.n<office:annotation><dc:creator>Per Dahl</dc:creator><dc:date>2024-01-01</dc:date>\
                 <meta:creator-initials>PD</meta:creator-initials><text:p>merk@example.net</text:p></office:annotation>ordmann@example.org</text:p>\
                 <table:table table:name=\"Ark1\"><table:table-row><table:table-cell><text:p>Navn</text:p></table:table-cell>\
                 <table:table-cell><text:p>E-post</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell>\
                 <office:annotation><text:p>i celle</text:p></office:annotation><text:p>Kari</text:p></table:table-cell>\
                 <table:table-cell><text:p>kari@example.org</text:p></table:table-cell></table:table-row></table:table></o:d>",
            ),
        ],
    );
    assert_eq!(spreadsheet.field(Some("Ark1"), "Navn"), [(1, "Kari".into())]);
    assert_eq!(spreadsheet.field(Some("comments"), "author"), [(1, "Per Dahl".into())]);
    let text = spreadsheet.text();
    for part in ["kari.nordmann@example.org", "merk@example.net", "i celle"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("PDmerk") && !text.contains("2024-01-01"), "{text}");
}

#[test]
fn text_boxes_changes_and_their_authors() {
    let all = all(
        &DOCX,
        &[
            ("[Content_Types].xml", "<Types/>"),
            (
                "word/document.xml",
                "<w:document><w:p><w:r><w:t>kari.n</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r>\
                 <w:t>boks@example.org</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r>\
                 <w:t>boks@example.org</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>\
                 <w:r><w:t>ordmann@example.org</w:t></w:r></w:p><w:p><w:r><w:t>ny@exam</w:t></w:r><w:del w:author=\"Ola Hansen\"><w:r><w:delText>borte@example.org\
                 </w:delText></w:r></w:del><w:r><w:t>ple.org</w:t></w:r></w:p></w:document>",
            ),
        ],
    );
    let text = all.text();
    assert!(
        text.contains("kari.nordmann@example.org") && text.contains("borte@example.org"),
        "{text}"
    );
    assert_eq!(text.matches("boks@example.org").count(), 1, "{text}");
    assert_eq!(all.field(Some("comments"), "author"), [(1, "Ola Hansen".into())]);
}

#[test]
fn what_else_is_in_a_document_is_a_member() {
    let body = "<w:document><w:p><w:r><w:t>x</w:t></w:r></w:p></w:document>";
    let all = all(
        &DOCX,
        &[
            ("[Content_Types].xml", "<Types/>"),
            ("word/document.xml", body),
            ("customXml/item1.xml", "<p><fnr>1</fnr><epost>a@example.org</epost></p>"),
            ("word/afchunk.htm", "<html><body>chunk@example.org</body></html>"),
            (
                "word/settings.xml",
                "<w:settings><w:zoom w:val=\"9\"/><w:docVars><w:docVar w:name=\"fnr\" w:val=\"27\"/></w:docVars></w:settings>",
            ),
            (
                "word/diagrams/data1.xml",
                "<dgm:pt><a:p><a:r><a:t>leder@example.org</a:t></a:r></a:p></dgm:pt>",
            ),
            ("word/styles.xml", "<w:styles><w:style w:name=\"x@example.org\"/></w:styles>"),
            ("word/media/image1.png", "x@example.org"),
            ("kunder.csv", "navn;epost\nKari;kari@example.org\nOla;ola@example.org\n"),
        ],
    );
    let members: Vec<_> = all.members.iter().map(|m| (m.members[0].as_str(), m.format)).collect();
    let want = [
        ("customXml/item1.xml", Some("xml")),
        ("word/afchunk.htm", Some("html")),
        ("kunder.csv", Some("csv")),
    ];
    assert_eq!(members, want);
    assert_eq!(all.field(None, "p.epost").len(), 1);
    assert_eq!(all.field(None, "epost").len(), 2);
    assert_eq!(all.field(Some("variables"), "fnr"), [(1, "27".into())]);
    let text = all.text();
    assert!(text.contains("chunk@example.org") && text.contains("leder@example.org"), "{text}");
    assert!(all.cells.iter().all(|cell| cell.2 != "x@example.org"));
}

#[test]
fn what_else_is_in_a_workbook_is_a_member() {
    let cache = "<pivotCacheDefinition><cacheField name=\"Navn\"><s v=\"Kari\"/></cacheField></pivotCacheDefinition>";
    let all = all(
        &XLSX,
        &[
            ("[Content_Types].xml", "<Types/>"),
            ("xl/workbook.xml", "<workbook/>"),
            ("xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>"),
            ("xl/comments1.xml", "<comments><t>c@example.org</t></comments>"),
            ("xl/pivotCache/pivotCacheDefinition1.xml", cache),
            ("xl/charts/chart1.xml", "<c:v>x@example.org</c:v>"),
        ],
    );
    assert_eq!(all.members.len(), 1);
    assert_eq!(all.field(None, "s.v"), [(1, "Kari".into())]);
    assert!(all.text().contains("c@example.org"));
}
