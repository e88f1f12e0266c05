//! Code pages of old office documents, by number and by the character set of a font.

use encoding_rs::Encoding;

/// How bytes become text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CodePage {
    /// MS-DOS.
    Dos,
    /// One that the encoding standard knows.
    Table(&'static Encoding),
}

/// What is meant where nothing else is said.
pub const DEFAULT: CodePage = CodePage::Table(encoding_rs::WINDOWS_1252);

impl CodePage {
    /// The code page of this number.
    #[must_use]
    pub fn numbered(number: u32) -> CodePage {
        let label = match number {
            437 | 850 => return CodePage::Dos,
            874 | 1250..=1258 => format!("windows-{number}"),
            866 => "ibm866".into(),
            932 => "shift_jis".into(),
            936 => "gbk".into(),
            949 => "euc-kr".into(),
            950 => "big5".into(),
            1200 => "utf-16le".into(),
            10_000 => "macintosh".into(),
            20_866 => "koi8-r".into(),
            65_001 => "utf-8".into(),
            _ => return DEFAULT,
        };
        Encoding::for_label(label.as_bytes()).map_or(DEFAULT, CodePage::Table)
    }

    /// The code page of a font's character set; `None` for those that say nothing (ANSI, default, symbols).
    #[must_use]
    pub fn of_charset(charset: i32) -> Option<CodePage> {
        let number = match charset {
            77 => 10_000,
            128 => 932,
            129 => 949,
            134 => 936,
            136 => 950,
            161 => 1253,
            162 => 1254,
            163 => 1258,
            177 => 1255,
            178 => 1256,
            186 => 1257,
            204 => 1251,
            222 => 874,
            238 => 1250,
            255 => 850,
            _ => return None,
        };
        Some(CodePage::numbered(number))
    }

    /// The text that the bytes are.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> String {
        match self {
            CodePage::Dos => crate::source::from_dos(bytes),
            CodePage::Table(table) => table.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }
}

/// Text in UTF-16 LE.
#[must_use]
pub fn utf16(bytes: &[u8]) -> String {
    encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0.into_owned()
}
