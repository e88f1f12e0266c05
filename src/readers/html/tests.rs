//! Tests of the reader of HTML.

use super::super::drive::testing::read;
use super::*;
use crate::readers::Head;
use crate::unit::testing::Collected;
use proptest::prelude::*;

fn html(text: &str) -> Collected {
    let (all, why, _) = read(text.as_bytes(), FORMAT.read);
    assert_eq!(why, None);
    all
}

#[test]
fn paragraphs_join_inline_tags() {
    let all = html(
        "<html><body>\n<p>fnr <b>0101</b>90&nbsp;12345 &oslash;<br>\nny</p>\n<div>x</div><script>var e='a@b.no';</script><!-- c@d.no -->",
    );
    let texts: Vec<_> = all.texts.iter().map(|t| (t.1, t.2.as_str())).collect();
    let expected =
        [(2, "fnr 010190 12345 ø"), (3, "ny"), (4, "x"), (4, "var e='a@b.no';"), (4, "c@d.no")];
    let mut texts: Vec<_> = texts.iter().map(|t| (t.0, t.1.trim_end())).collect();
    texts.sort_unstable();
    let mut expected: Vec<_> = expected.iter().map(|t| (t.0, t.1.trim_end())).collect();
    expected.sort_unstable();
    assert_eq!(texts, expected);
}

#[test]
fn paragraphs_are_lines_and_line_ends_in_them_blanks() {
    let all =
        html("<p>Kari\n  Nordmann <br>\n Storgata\n14</p>\n\n<p>\n 0458 Oslo</p><pre>a\n b</pre>");
    let texts: Vec<_> = all.texts.iter().map(|t| (t.1, t.2.as_str())).collect();
    let expected =
        [(1, "Kari Nordmann \n"), (3, "Storgata 14\n"), (7, "0458 Oslo\n"), (7, "a\n b")];
    assert_eq!(texts, expected);
}

#[test]
fn tables() {
    let all = html(
        "<table><thead><tr><th>Navn</th><th>E<b>-</b>post</th></tr></thead><tbody>\
        <tr><td>A &amp;\n B</td><td></td></tr><tr><td>C<p>D</p></td><td><a href='mailto:x%40y.no'>x</a></td></tr></table>\
        <table><tr><td>1<td>2<tr><td>3<td><table><tr><td>in</td></tr></table>4</table>\
        <table><tr><th>Tlf</th><td>22</td></tr></table>",
    );
    assert_eq!(all.field(Some("table1"), "Navn"), [(1, "A & B".into()), (2, "C D".into())]);
    assert_eq!(all.field(Some("table1"), "E-post"), [(1, String::new()), (2, "x".into())]);
    assert_eq!(all.field(Some("table2"), "#2"), [(1, "2".into()), (2, "4".into())]);
    assert_eq!(all.field(Some("table3"), "#1"), [(1, "in".into())]);
    assert_eq!(all.field(Some("table4"), "Tlf"), [(1, "22".into())]);
    assert_eq!(all.field(None, "a.href"), [(1, "x@y.no".into())]);
}

#[test]
fn the_first_row_of_a_table_may_be_its_header() {
    let rows = |head: &str| {
        html(&format!(
            "<table><tr><td colspan=3>Liste</td></tr><tr>{head}</tr><tr><td>Kari</td><td>22</td><td>x</td></tr>\
            <tr><td>Ola</td><td>23</td><td>y</td></tr></table>"
        ))
    };
    let all = rows("<td><b>Navn</b></td><td>Telefon</td><td>1</td>");
    assert_eq!(all.field(Some("table1"), "Navn"), [(1, "Kari".into()), (2, "Ola".into())]);
    assert_eq!(all.field(Some("table1"), "1")[0].1, "x");
    assert_eq!(all.text(), "Liste");
    let all = rows("<td>Siv</td><td>21</td><td>z</td>");
    assert_eq!(all.field(Some("table1"), "#2").len(), 3);
    // What is only laid out as a table.
    let all = html("<table><tr><td>Navn<td>Telefon<td>E-post<tr><td>x<tr><td>y<td>z</table>");
    assert_eq!(all.field(Some("table1"), "#1").len(), 3);
}

#[test]
fn terms_that_name_fields() {
    let all = html(
        "<dl><dt>Navn:</dt><dd>Kari <p>Nordmann</dd><dt>Annet</dt><dd>noe</dd><dt>Telefon<dd>22</dl>\
        <dl><dt>Navn<dd>Ola<dt>E-post</dl>slutt",
    );
    assert_eq!(all.field(None, "Navn"), [(1, "Kari Nordmann".into()), (2, "Ola".into())]);
    assert_eq!(all.field(None, "Telefon"), [(1, "22".into())]);
    for text in ["Annet", "noe", "E-post", "slutt"] {
        assert!(all.text().contains(text), "{text}");
    }
    let all = html(&format!("<dl><dt>Navn<dd>{}</dl>", "lang ".repeat(100)));
    assert!(all.text().contains("Navn") && all.cells.is_empty());
    let all =
        html("<dl><dt>navn<dd>a factor with 9 levels<dt>telefon<dd>Telefon number (if any)</dl>");
    assert!(all.text().contains("9 levels") && all.cells.is_empty());
}

#[test]
fn forms() {
    let rows = "<tr><td>Navn:</td><td>Kari</td></tr><tr><td>Telefon</td><td>22</td></tr>\
        <tr><td><b>E-post</b></td><td>kari@x.no</td></tr>";
    let headed = format!("<table><tr><th>Felt</th><th>Verdi</th></tr>{rows}</table>");
    for form in [format!("<table>{rows}</table>"), headed] {
        let all = html(&form);
        assert_eq!(all.field(Some("table1"), "Telefon"), [(1, "22".into())]);
        assert_eq!(all.field(Some("table1"), "E-post"), [(1, "kari@x.no".into())]);
    }
    let all = html(&format!("<table>{rows}<tr><td>a<td>b<td>c</table>"));
    assert_eq!(all.field(Some("table1"), "#2")[2..], [(3, "kari@x.no".into()), (4, "b".into())]);
}

#[test]
fn attributes() {
    let all = html(
        "<form><input value=\"x@y.no\" name=email><input name=tlf value='22'><img alt=\"Kari\" data-fnr='1'></form>",
    );
    assert_eq!(all.field(None, "input.email"), [(1, "x@y.no".into())]);
    assert_eq!(all.field(None, "input.tlf"), [(1, "22".into())]);
    assert_eq!(all.field(None, "img.alt"), [(1, "Kari".into())]);
    assert_eq!(all.field(None, "img.data-fnr"), [(1, "1".into())]);
}

#[test]
fn attributes_of_other_names_and_with_long_numbers() {
    let all = html(
        "<html><a onclick=\"vis('12345678901')\" onblur=\"hide(1)\" style='x:12345678901'>x</a>\
        <div id=12345678901 class='p 12345678901'><input id='123456 78901'><input id=tlf value=22>\
        <person fnr=1 navn='Kari' lang=no></person><img src='/foto/12345678901.jpg' alt=x srcset='/12345678901.jpg'>\
        <svg><path d='M 12345678901' e='12345678901'/></svg><i id=x12345678901 rel=abc123456789>",
    );
    assert_eq!(all.field(None, "a.onclick"), [(1, "12345678901".into())]);
    let mut fields = all.fields();
    fields.sort_unstable();
    let want = [
        "a.onclick",
        "div.id",
        "img.alt",
        "img.src",
        "input.id",
        "input.tlf",
        "person.fnr",
        "person.navn",
    ];
    assert_eq!(fields, want);
}

#[test]
fn deep_and_long() {
    let all = html(&("<div>".repeat(50_000) + "x" + &"<table><tr><td>".repeat(1000) + "y"));
    assert!(all.text().contains('x'));
    assert!(all.cells.iter().any(|c| c.2.contains('y')));
    let long = "æ 1, ".repeat(60_000);
    let all = html(&format!(
        "<p>{long}</p><table><tr><td>a</td><td>{long}</td></tr><tr><td>b</td></tr></table>"
    ));
    assert_eq!(all.text(), long.trim_end());
    assert_eq!(all.field(Some("table1"), "#2")[0].1, long);
    assert_eq!(all.field(Some("table1"), "#1"), [(1, "a".into()), (2, "b".into())]);
}

#[test]
fn told_by_content() {
    let told = |text: &str| {
        let head = Head::new(text.as_bytes(), true, "x");
        super::super::sniff(&head).id
    };
    for text in [
        "<!DOCTYPE html>\n<p>x",
        "<html><body>",
        "<?xml version='1.0'?><html xmlns='x'></html>",
        "<!-- c --><div>x</div>",
        "<p>Hei <user-card x='1'></user-card> <o-x/> <b>du</b></p>",
        "<html><person fnr='1'/></html>",
    ] {
        assert_eq!(told(text), "html", "{text}");
    }
    for text in [
        "<?xml version='1.0'?><a/>",
        "<svg xmlns='x'><path d='1'/></svg>",
        "<trkpt lat=\"1\"><ele>2</ele></trkpt>",
        "<p><person fnr='1'><navn>Kari</navn></person></p>",
        "<table><row><navn>Kari</navn></row><row><navn>Ola</navn></row></table>",
    ] {
        assert_eq!(told(text), "xml", "{text}");
    }
    for text in ["<stdio.h> is a header", "<ola@x.no> wrote", "a < b", "<3", "<abc> said hi"] {
        assert_eq!(told(text), "text", "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
    #[test]
    fn arbitrary(words in prop::collection::vec(prop::sample::select(vec![
        "<table>", "</table>", "<tr>", "<td>", "<th>", "</td>", "<thead>", "<p>", "<br>", "\n", "x", "&oslash;", "<a href='",
        "'", "\"", ">", "<script>", "</script>", "<!--", "-->", "<input value=", "<!doctype", "æ", "a@b.no",
    ]), 0..40), bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        html(&words.concat());
        read(&bytes, FORMAT.read);
    }
}
