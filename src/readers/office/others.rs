//! What else is in a document: files within it, and parts that no reader here takes apart, are members like those of any
//! archive. Left out are parts that say how the document looks, and pictures (ECMA-376 parts 1 and 2, MS-OE376,
//! OpenDocument 1.3 part 2).

use crate::readers::zip::Archive;
use crate::unit::Sink;

/// Folders of pictures and fonts.
const PICTURES: &[&str] = &[
    "Thumbnails/",
    "Pictures/",
    "ObjectReplacements/",
    "Fonts/",
    "docProps/thumbnail.",
    "word/media/",
    "word/fonts/",
    "xl/media/",
    "ppt/media/",
    "ppt/fonts/",
];
/// Folders at the top, of looks and of what is read as properties.
const TOP: &[&str] =
    &["_rels/", "docProps/", "docMetadata/", "customUI/", "META-INF/", "Configurations2/"];
/// Files at the top that are read, or tell nothing.
const FILES: &[&str] = &[
    "[Content_Types].xml",
    "mimetype",
    "meta.xml",
    "settings.xml",
    "manifest.rdf",
    "layout-cache",
];
/// Folders of the families' own parts.
const FAMILIES: &[&str] = &["word/", "xl/", "ppt/"];
/// Folders below these.
const FOLDERS: &[&str] = &[
    "theme/",
    "activeX/",
    "ctrlProps/",
    "printerSettings/",
    "diagrams/",
    "ink/",
    "slideLayouts/",
    "slideMasters/",
    "notesMasters/",
    "handoutMasters/",
    "worksheets/",
    "chartsheets/",
    "tables/",
    "pivotTables/",
    "queryTables/",
    "slicers/",
    "timelines/",
];
/// Parts below these, in whatever folder.
const PARTS: &[&str] = &[
    "styles",
    "stylesWithEffects",
    "settings",
    "webSettings",
    "fontTable",
    "numbering",
    "commentsExtended",
    "commentsIds",
    "commentsExtensible",
    "document",
    "workbook",
    "sharedStrings",
    "calcChain",
    "metadata",
    "binaryIndex",
    "presentation",
    "presProps",
    "viewProps",
    "tableStyles",
    "revisionInfo",
    "vbaProjectSignature",
    "vbaData",
];

/// Hands on all members but those that are read as parts already, or tell nothing.
pub fn members(archive: &Archive, is_read: impl Fn(&str) -> bool, sink: &mut Sink<'_>) {
    for entry in archive.entries.iter().filter(|e| !is_read(&e.name) && !is_known(&e.name)) {
        match archive.source(entry, sink) {
            Ok(source) => sink.member(&entry.name, source),
            Err((reason, why)) => sink.unread_member(&entry.name, reason, why),
        }
    }
}

/// Whether this is a part that tells nothing, or is read as what it is.
fn is_known(name: &str) -> bool {
    let starts = |folders: &[&str]| folders.iter().any(|folder| name.starts_with(folder));
    let Some(stem) = stem(name) else {
        return starts(PICTURES) || FILES.contains(&name) || name.ends_with(".rels");
    };
    let is_shape = name.starts_with("customXml/itemProps");
    let is_own = |family: &&str| name.strip_prefix(*family).is_some_and(|own| is_look(own, stem));
    FILES.contains(&name) || starts(TOP) || is_shape || FAMILIES.iter().any(is_own)
}

/// What a part is called, without its number.
fn stem(name: &str) -> Option<&str> {
    let file = name.rsplit('/').next()?;
    let stem = ["xml", "bin", "vml"].iter().find_map(|end| file.strip_suffix(end))?;
    Some(stem.strip_suffix('.')?.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// Whether a part below a family's folder is one of those that say how the document looks.
fn is_look(name: &str, stem: &str) -> bool {
    name.ends_with(".vml")
        || name.starts_with("charts/") && !stem.starts_with("chart")
        || FOLDERS.iter().any(|folder| name.starts_with(folder))
        || PARTS.contains(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known() {
        for name in [
            "[Content_Types].xml",
            "_rels/.rels",
            "word/_rels/document.xml.rels",
            "word/media/image1.emf",
            "word/glossary/styles.xml",
            "word/theme/theme1.xml",
            "word/charts/colors1.xml",
            "customXml/itemProps1.xml",
            "docProps/thumbnail.jpeg",
            "xl/worksheets/sheet12.bin",
            "xl/drawings/vmlDrawing1.vml",
            "xl/printerSettings/printerSettings1.bin",
            "Configurations2/accelerator/current.xml",
            "META-INF/manifest.xml",
        ] {
            assert!(is_known(name), "{name}");
        }
        for name in [
            "kunder.csv",
            "word/kunder.csv",
            "xl/worksheets/kunder.csv",
            "customXml/item1.xml",
            "word/afchunk.htm",
            "word/people.xml",
            "word/charts/chart1.xml",
            "word/embeddings/oleObject1.bin",
            "xl/pivotCache/pivotCacheRecords1.xml",
            "xl/externalLinks/externalLink1.xml",
            "ppt/tags/tag1.xml",
            "Object 1/content.xml",
            "Basic/Standard/Module1.xml",
        ] {
            assert!(!is_known(name), "{name}");
        }
    }
}
