//! Code pages of eight bits, and how a text tells which of them it was written in.

use super::decode::Encoding;

/// The upper half of a code page.
pub type Page = [char; 128];

/// EBCDIC code page 500, the bytes from 0x40 on.
pub static EBCDIC: [char; 192] = page(
    " \u{a0}âäàáãåçñ[.<(+!&éêëèíîïìß]$*);^-/ÂÄÀÁÃÅÇÑ¦,%_>?øÉÊËÈÍÎÏÌ`:#@'=\"\
     Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ¤µ~stuvwxyz¡¿ÐÝÞ®¢£¥·©§¶¼½¾¬|¯¨´×{ABCDEFGHI\u{ad}ôöòóõ}JKLMNOPQR¹ûüùúÿ\\÷STUVWXYZ²ÔÖÒÓÕ0123456789³ÛÜÙÚ\u{9f}",
);

/// EBCDIC code page 277, likewise.
pub static EBCDIC_NORDIC: [char; 192] = page(
    " \u{a0}âäàáã}çñ#.<(+!&éêëèíîïìß¤Å*);^-/ÂÄÀÁÃ$ÇÑø,%_>?¦ÉÊËÈÍÎÏÌ`:ÆØ'=\"\
     @abcdefghi«»ðýþ±°jklmnopqrªº{¸[]µüstuvwxyz¡¿ÐÝÞ®¢£¥·©§¶¼½¾¬|¯¨´×æABCDEFGHI\u{ad}ôöòóõåJKLMNOPQR¹û~ùúÿ\\÷STUVWXYZ²ÔÖÒÓÕ0123456789³ÛÜÙÚ\u{9f}",
);

/// EBCDIC code page 278, likewise.
pub static EBCDIC_SWEDISH: [char; 192] = page(
    " \u{a0}â{àáã}çñ§.<(+!&`êëèíîïìß¤Å*);^-/Â#ÀÁÃ$ÇÑö,%_>?ø\\ÊËÈÍÎÏÌé:ÄÖ'=\"\
     Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ]µüstuvwxyz¡¿ÐÝÞ®¢£¥·©[¶¼½¾¬|¯¨´×äABCDEFGHI\u{ad}ô¦òóõåJKLMNOPQR¹û~ùúÿÉ÷STUVWXYZ²Ô@ÒÓÕ0123456789³ÛÜÙÚ\u{9f}",
);

/// DOS code page 850 (Western Europe), upper half.
pub static CP850: Page = page(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
);
/// Mac OS Roman, upper half.
pub static MAC: Page = page(
    "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ",
);
/// windows-1252, upper half; what it leaves open are control characters, as in browsers.
pub static WINDOWS: Page = page(
    "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
);
/// windows-1250 (Central Europe), upper half.
pub static CENTRAL: Page = page(
    "€\u{81}‚\u{83}„…†‡\u{88}‰Š‹ŚŤŽŹ\u{90}‘’“”•–—\u{98}™š›śťžź\u{a0}ˇ˘Ł¤Ą¦§¨©Ş«¬\u{ad}®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙",
);
/// ISO 8859-2 (Central Europe), upper half.
pub static LATIN2: Page = page(
    "\u{80}\u{81}\u{82}\u{83}\u{84}\u{85}\u{86}\u{87}\u{88}\u{89}\u{8a}\u{8b}\u{8c}\u{8d}\u{8e}\u{8f}\u{90}\u{91}\u{92}\u{93}\u{94}\u{95}\u{96}\u{97}\u{98}\u{99}\u{9a}\u{9b}\u{9c}\u{9d}\u{9e}\u{9f}\u{a0}Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u{ad}ŽŻ°ą˛ł´ľśˇ¸šşťź˝žżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙",
);
/// windows-1251 (Cyrillic), upper half.
pub static CYRILLIC: Page = page(
    "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{98}™љ›њќћџ\u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕїАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя",
);
/// windows-1253 (Greek), upper half; ISO 8859-7 differs from it in signs and one capital.
pub static GREEK: Page = page(
    "€\u{81}‚ƒ„…†‡\u{88}‰\u{8a}‹\u{8c}\u{8d}\u{8e}\u{8f}\u{90}‘’“”•–—\u{98}™\u{9a}›\u{9c}\u{9d}\u{9e}\u{9f}\u{a0}΅Ά£¤¥¦§¨©ª«¬\u{ad}®―°±²³΄µ¶·ΈΉΊ»Ό½ΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡÒΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώÿ",
);
/// windows-1257 (Baltic), upper half; its letters are those of ISO 8859-13.
pub static BALTIC: Page = page(
    "€\u{81}‚\u{83}„…†‡\u{88}‰\u{8a}‹\u{8c}¨ˇ¸\u{90}‘’“”•–—\u{98}™\u{9a}›\u{9c}¯˛\u{9f}\u{a0}¡¢£¤¥¦§Ø©Ŗ«¬\u{ad}®Æ°±²³´µ¶·ø¹ŗ»¼½¾æĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽßąįāćäåęēčéźėģķīļšńņóōõö÷ųłśūüżž˙",
);

/// A table from its characters; what does not make so many of them does not compile.
const fn page<const N: usize>(letters: &str) -> [char; N] {
    let bytes = letters.as_bytes();
    let mut table = ['\0'; N];
    let (mut at, mut n) = (0, 0);
    while at < bytes.len() {
        let (len, mut value) = match bytes[at] {
            0..=0x7F => (1, bytes[at] as u32),
            0xC0..=0xDF => (2, (bytes[at] & 0x1F) as u32),
            _ => (3, (bytes[at] & 0x0F) as u32),
        };
        let mut i = 1;
        while i < len {
            value = value << 6 | (bytes[at + i] & 0x3F) as u32;
            i += 1;
        }
        table[n] = match char::from_u32(value) {
            Some(c) => c,
            None => panic!("not a character"),
        };
        at += len;
        n += 1;
    }
    assert!(n == N, "a code page has so many characters");
    table
}

/// The code page of an encoding whose stray bytes are known to be of one.
pub fn of(encoding: Encoding) -> Option<&'static Page> {
    match encoding {
        Encoding::Dos => Some(&CP850),
        Encoding::Mac => Some(&MAC),
        Encoding::Central => Some(&CENTRAL),
        Encoding::Latin2 => Some(&LATIN2),
        Encoding::Baltic => Some(&BALTIC),
        Encoding::Cyrillic => Some(&CYRILLIC),
        Encoding::Greek => Some(&GREEK),
        _ => None,
    }
}

/// What the 8-bit letters of a text say of its code page; windows-1252 where they say nothing else.
pub fn told(bytes: &[u8]) -> Encoding {
    match () {
        () if is_dos(bytes) => Encoding::Dos,
        () if is_mac(bytes) => Encoding::Mac,
        () => {
            let of_script = || Script::of(bytes).told();
            let of_languages = || Letters::of(bytes).told();
            of_script().or_else(of_languages).unwrap_or(Encoding::Utf8)
        }
    }
}

/// Letters of all pages of EBCDIC.
fn is_ebcdic_letter(b: u8) -> bool {
    matches!(b, 0x81..=0x89 | 0x91..=0x99 | 0xA2..=0xA9)
}

fn is_ebcdic_capital(b: u8) -> bool {
    matches!(b, 0xC1..=0xC9 | 0xD1..=0xD9 | 0xE2..=0xE9)
}

/// The page of EBCDIC, if nearly all bytes are letters, digits and signs of it. No other text is made of these: its
/// letters lie where ASCII has none, and the blank of all others is none of its signs.
pub fn of_mainframes(head: &[u8]) -> Option<Encoding> {
    /// Bytes that most others fail by.
    const FIRST: usize = 64;
    let is_word = |b: u8| is_ebcdic_letter(b) || is_ebcdic_capital(b) || matches!(b, 0xF0..=0xF9);
    let is_control = |b: u8| matches!(b, 0x05 | 0x0D | 0x15 | 0x25);
    let is_mark = |b: u8| matches!(b, 0x40 | 0x4B..=0x50 | 0x5B..=0x61 | 0x6B..=0x6F | 0x7A..=0x7F);
    let is_sign = |b: u8| is_control(b) || is_mark(b);
    let first = &head[..head.len().min(FIRST)];
    if first.len() < FIRST / 2 || crate::bytes::count(first, |b| b >= 0x80) * 2 < first.len() {
        return None;
    }
    let words = crate::bytes::count(head, is_word);
    let (nordic, other) = accented(head);
    // At the end of a word and beside each other they are letters as well.
    let accents = match nordic > other {
        true => crate::bytes::count(head, |b| matches!(b, 0xC0 | 0xD0 | 0x6A)),
        false => other,
    };
    let all = words + crate::bytes::count(head, is_sign) + accents;
    // A row of letters without a blank or sign is no text.
    let is_text = words * 2 >= head.len() && all * 100 >= head.len() * 95 && all > words;
    let page = match () {
        () if nordic <= other => Encoding::Ebcdic,
        () if is_swedish(head) => Encoding::EbcdicSwedish,
        () => Encoding::EbcdicNordic,
    };
    is_text.then_some(page)
}

/// Whether the language is Swedish or Finnish, whose ä and ö stand where æ and ø do in Denmark and Norway: told by
/// endings of names, by small words, by letters that are doubled in Finnish only, and by where @ stands.
fn is_swedish(head: &[u8]) -> bool {
    let count = |parts: &[&[u8]]| -> usize {
        parts.iter().map(|part| memchr::memmem::find_iter(head, part).count()).sum()
    };
    let is_word = |b: u8| is_ebcdic_letter(b) || is_ebcdic_capital(b);
    let within = |sign: u8| {
        let around = head.array_windows::<3>();
        around.filter(|w| w[1] == sign && is_word(w[0]) && is_word(w[2])).count()
    };
    // "sson", "SSON", " och ", "ää", "ÄÄ", then "sen", "SEN", " og ".
    let swedish: &[&[u8]] = &[
        b"\xA2\xA2\x96\x95",
        b"\xE2\xE2\xD6\xD5",
        b"\x40\x96\x83\x88\x40",
        b"\xC0\xC0",
        b"\x7B\x7B",
    ];
    let danish: &[&[u8]] = &[b"\xA2\x85\x95", b"\xE2\xC5\xD5", b"\x40\x96\x87\x40"];
    count(swedish) + within(0xEC) > count(danish) + within(0x80)
}

/// How many bytes within words of EBCDIC are æ, ø and å by code page 277, and by the others. Ø is not counted, which is @
/// in the latter.
fn accented(head: &[u8]) -> (usize, usize) {
    let (mut nordic, mut other) = (0, 0);
    for around in head.array_windows::<3>() {
        let [before, byte, after] = *around;
        let in_capitals = is_ebcdic_capital(before) && is_ebcdic_capital(after);
        let in_small =
            (is_ebcdic_letter(before) || is_ebcdic_capital(before)) && is_ebcdic_letter(after);
        match byte {
            0xC0 | 0xD0 | 0x6A => nordic += usize::from(in_small),
            0x5B | 0x7B => nordic += usize::from(in_capitals),
            0x47 | 0x70 | 0x9C => other += usize::from(in_small),
            0x67 | 0x9E => other += usize::from(in_capitals),
            _ => {}
        }
    }
    (nordic, other)
}

/// Whether the 8-bit letters are those of DOS code page 850: æøåäöü within words, and nothing that
/// would be a letter in windows-1252. 0x92 is not counted: it is the apostrophe of "don’t".
fn is_dos(bytes: &[u8]) -> bool {
    let (mut dos, mut windows) = (0_usize, 0_usize);
    let letter = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphabetic);
    for (i, &byte) in bytes.iter().enumerate().filter(|(_, b)| **b >= 0x80) {
        let (before, after) = (i > 0 && letter(i - 1), letter(i + 1));
        match byte {
            0x81 | 0x84 | 0x86 | 0x91 | 0x94 | 0x9B => dos += usize::from(before && after),
            0x8F | 0x9D => dos += usize::from(before || after),
            // ß in the one, á in the other.
            0xE1 => {}
            0x8A | 0x8C | 0x9C | 0x9E | 0x9F | 0xC0..=0xFF => {
                windows += usize::from(before || after)
            }
            _ => {}
        }
    }
    dos > 0 && windows == 0
}

/// Whether the 8-bit letters are those of old Mac OS: æøå or ü within words, and no letter of the West or of Central
/// Europe there.
fn is_mac(bytes: &[u8]) -> bool {
    let (mut mac, mut others) = (0_usize, 0_usize);
    for around in bytes.array_windows::<3>() {
        let [before, byte, after] = *around;
        let is_within = before.is_ascii_alphabetic() && after.is_ascii_lowercase();
        match byte {
            0x8C | 0x9F | 0xBE | 0xBF => mac += usize::from(is_within),
            // Quotation marks and the apostrophe in the one, capitals in the other.
            0xD2..=0xD5 => {}
            // ą ł ś ş ź, which may stand before another such letter.
            0xB1 | 0xB3 | 0xB6 | 0xB9 | 0xBA | 0xBC => {
                others += usize::from(before.is_ascii_alphabetic());
            }
            0x9C | 0xC0..=0xFF => others += usize::from(is_within),
            _ => {}
        }
    }
    mac > 0 && others == 0
}

/// What the letters of another script than Latin do in a page of eight bits: they stand beside each other, capitals
/// in front.
#[derive(Default)]
struct Script {
    /// How many bytes are where such pages have their letters, and how many are beyond ASCII and not there.
    letters: u32,
    others: u32,
    /// Of the letters those beside letters of ASCII, behind another one, and as a capital behind a small one.
    latin: u32,
    behind: u32,
    falling: u32,
    /// Small letters behind a capital.
    rising: u32,
    /// The most frequent letters of Cyrillic languages, and those of Greek.
    cyrillic: u32,
    greek: u32,
}

impl Script {
    fn of(bytes: &[u8]) -> Script {
        let is_capital = |b: u8| matches!(b, 0xC0..=0xDB);
        let is_small = |b: u8| b >= 0xDC;
        let mut script = Script::default();
        for i in strays(bytes) {
            let byte = bytes[i];
            if byte < 0xC0 {
                script.others += 1;
                continue;
            }
            let around = [i.checked_sub(1).and_then(|i| bytes.get(i)), bytes.get(i + 1)];
            let before = around[0].copied().unwrap_or(0);
            let is_latin = around.into_iter().flatten().any(u8::is_ascii_alphabetic);
            script.letters += 1;
            script.latin += u32::from(is_latin);
            script.behind += u32::from(before >= 0xC0);
            script.rising += u32::from(is_capital(before) && is_small(byte));
            script.falling += u32::from(is_small(before) && is_capital(byte));
            // Greek has its small letters with an accent where the last capitals of Cyrillic are.
            let has_accent = before >= 0xE0 && matches!(byte, 0xDC..=0xDF | 0xFC..=0xFE);
            match byte | 0x20 {
                _ if has_accent => script.greek += 1,
                0xE0 | 0xE5 | 0xE8 | 0xED | 0xEE | 0xF2 => script.cyrillic += 1,
                0xE1 | 0xE7 | 0xE9 | 0xEF | 0xF3 | 0xF4 => script.greek += 1,
                _ => {}
            }
        }
        script
    }

    /// The page, where it is sure. Letters of East Asia rise and fall alike, those of Hebrew have no capitals.
    fn told(&self) -> Option<Encoding> {
        /// Letters that there are at least.
        const FEW: u32 = 6;
        let is_script = self.letters >= FEW
            && self.behind * 10 >= self.letters * 6
            && self.latin * 10 <= self.letters
            && self.others * 5 <= self.letters
            && self.falling * 10 <= self.rising
            && self.rising > 0;
        let is_most = |one: u32, other: u32| one * 2 > other * 3 && one * 10 >= self.letters * 3;
        match () {
            () if !is_script => None,
            () if is_most(self.cyrillic, self.greek) => Some(Encoding::Cyrillic),
            () if is_most(self.greek, self.cyrillic) => Some(Encoding::Greek),
            () => None,
        }
    }
}

/// How often each byte beyond ASCII stands beside letters, in the midst of them, and in front.
struct Letters {
    beside: [u32; 128],
    amid: [u32; 128],
    /// Before a letter, and behind none.
    first: [u32; 128],
}

impl Letters {
    fn of(bytes: &[u8]) -> Letters {
        let mut letters = Letters { beside: [0; 128], amid: [0; 128], first: [0; 128] };
        // ł ą ż stand beside each other, and what they are in the West does not.
        let is_letter = |b: &u8| b.is_ascii_alphabetic() || matches!(b, 0xB3 | 0xB9 | 0xBF..);
        let is_letter = |b: Option<&u8>| b.is_some_and(is_letter);
        for i in strays(bytes) {
            let before = is_letter(i.checked_sub(1).and_then(|i| bytes.get(i)));
            let after = is_letter(bytes.get(i + 1));
            let at = usize::from(bytes[i] & 0x7F);
            letters.beside[at] += u32::from(before || after);
            letters.amid[at] += u32::from(before && after);
            letters.first[at] += u32::from(!before && after);
        }
        letters
    }

    /// The page of Latin letters, where they are those of its languages.
    fn told(&self) -> Option<Encoding> {
        if self.is_baltic() { Some(Encoding::Baltic) } else { self.central() }
    }

    /// Whether these stand beside letters.
    fn has(&self, bytes: &[u8]) -> bool {
        sum(&self.beside, bytes) > 0
    }

    /// š or ž of the Baltic languages, which are ð and þ in the West and đ and ţ in Central Europe, and letters of
    /// Lithuanian (ė, ą, ū) or Latvian (ā with ī, ē, ņ or ķ) that stand beside these in none of the others.
    fn is_baltic(&self) -> bool {
        let others = &[
            0x8A, 0x8E, 0x9A, 0x9E, 0xBA, 0xE3, 0xE4, 0xE5, 0xE9, 0xF3, 0xF5, 0xF6, 0xFA, 0xFC,
            0xFD,
        ];
        let lithuanian = self.has(&[0xE0, 0xEB, 0xFB]);
        let latvian = self.has(&[0xE2]) && self.has(&[0xE7, 0xED, 0xEE, 0xF2]);
        self.has(&[0xD0, 0xDE, 0xF0, 0xFE]) && (lithuanian || latvian) && !self.has(others)
    }

    /// ć or đ beside č, š or ž: what they are in the West stands beside each other in no language.
    fn is_croatian(&self) -> bool {
        let others = &[
            0xBE, 0xE0, 0xE1, 0xE4, 0xE5, 0xE7, 0xE9, 0xEA, 0xEB, 0xED, 0xF3, 0xF6, 0xF8, 0xFA,
            0xFB, 0xFC,
        ];
        let hooks = self.has(&[0x8A, 0x8E, 0x9A, 0x9E, 0xE8]);
        hooks
            && self.has(&[0xE6])
            && (self.has(&[0xF0]) || sum(&self.beside, &[0xE6]) > sum(&self.amid, &[0xE6]))
            && !self.has(others)
    }

    /// ă with ş or ţ, where Portuguese has ã with õ and ç.
    fn is_romanian(&self) -> bool {
        let others = &[0xB9, 0xE7, 0xE9, 0xEA, 0xF3, 0xF4, 0xF5, 0xFA];
        let tails = sum(&self.amid, &[0xBA]) + sum(&self.first, &[0xAA, 0xBA, 0xDE]) > 0;
        self.has(&[0xE3]) && (tails || self.has(&[0xFE])) && !self.has(others)
    }

    /// Central Europe's page, where the letters are those of its languages.
    fn central(&self) -> Option<Encoding> {
        /// Letters of Central Europe alone, that are signs elsewhere: ł ą ş ż, and ť of windows-1250.
        const SIGNS: &[u8] = &[0xB3, 0xB9, 0xBA, 0xBF, 0x9D];
        /// Likewise in ISO 8859-2: ą ś ľ ź ž ť.
        const SIGNS_OF_LATIN2: &[u8] = &[0xB1, 0xB6, 0xB5, 0xBC, 0xBE, 0xBB];
        /// Letters of windows-1250 where ISO 8859-2 has none: Š Ś Ť Ž Ź š ś ť ž ź.
        const WINDOWS_ONLY: &[u8] = &[0x8A, 0x8C, 0x8D, 0x8E, 0x8F, 0x9A, 0x9C, 0x9D, 0x9E, 0x9F];
        /// Letters of ISO 8859-2 where windows-1250 has signs: Ś Š Ź Ž.
        const CAPITALS_OF_LATIN2: &[u8] = &[0xA6, 0xA9, 0xAC, 0xAE];
        /// Capitals of Polish that are signs in the West: Ł Ż.
        const FIRST: &[u8] = &[0xA3, 0xAF];
        let signs = sum(&self.amid, SIGNS) + sum(&self.first, FIRST);
        let of_latin2 = sum(&self.amid, SIGNS_OF_LATIN2);
        let all: u32 = self.beside.iter().sum();
        let told = signs + of_latin2 > 0 && (signs + of_latin2) * 20 >= all
            || self.is_czech()
            || self.is_hungarian()
            || self.is_croatian()
            || self.is_romanian();
        if !told {
            return None;
        }
        let by_windows = sum(&self.beside, WINDOWS_ONLY);
        let by_latin2 = of_latin2 + sum(&self.beside, CAPITALS_OF_LATIN2);
        Some(if by_latin2 > by_windows { Encoding::Latin2 } else { Encoding::Central })
    }

    /// Letters of Czech, Slovak and their southern neighbours, which are letters of the West as well, but of no one
    /// language: ř with ě, š, ž, ů, ý or í, and č with š or ž. The Nordic ones have å or æ beside their ø.
    fn is_czech(&self) -> bool {
        let has = |bytes: &[u8]| sum(&self.beside, bytes) > 0;
        let hooks = has(&[0x8A, 0x8E, 0x9A, 0x9E, 0xBE, 0xEC]);
        let (r, c) = (has(&[0xF8]), has(&[0xE8]) && sum(&self.amid, &[0xE8]) > 0);
        let nordic = has(&[0xC5, 0xC6, 0xE5, 0xE6, 0xF0]);
        let western = has(&[0x9C, 0xE0, 0xE7, 0xE9, 0xEA, 0xF1, 0xF2, 0xFB]);
        let many = sum(&self.beside, &[0x8A, 0x8E, 0x9A, 0x9E]) > 2;
        let south = c && (hooks && !western || many);
        !nordic && (r && (hooks || has(&[0xED, 0xF9, 0xFD])) || south)
    }

    /// ő and ű beside accents, in a text without the letters that õ and û have beside them in the West.
    fn is_hungarian(&self) -> bool {
        let has = |bytes: &[u8]| sum(&self.beside, bytes) > 0;
        has(&[0xF5])
            && has(&[0xFB])
            && has(&[0xE1, 0xE9, 0xED, 0xF3, 0xFA])
            && !has(&[0xE2, 0xE3, 0xE4, 0xE7, 0xE8, 0xEA, 0xF1, 0xF4])
    }
}

/// Where bytes stand that are no UTF-8: only they are of a code page.
fn strays(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut at = 0;
    bytes.utf8_chunks().flat_map(move |chunk| {
        let start = at + chunk.valid().len();
        at = start + chunk.invalid().len();
        start..at
    })
}

/// How often these bytes are counted together.
fn sum(counts: &[u32; 128], bytes: &[u8]) -> u32 {
    bytes.iter().map(|b| counts[usize::from(b - 0x80)]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_tell_the_code_page() {
        let central = encoding_rs::WINDOWS_1250;
        let latin2 = encoding_rs::ISO_8859_2;
        for text in [
            "Nazwisko;Imię;Miejscowość\nWiśniewski;Paweł;Łódź\nDąbrowska;Żaneta;Kraków\n",
            "Příjmení;Jméno;Obec\nDvořák;Jiří;Plzeň\nŘíhová;Květa;Liberec\n",
            "Rodné číslo;Žák;Třída\n850312/1234;Tomáš;6. A\n",
            "Ime;Priimek\nŠpela;Žagar\nMatjaž;Kovačič\n",
            "Vezetéknév;Keresztnév\nSzőke;Gergő\nSzűcs;Erzsébet\nTóth;Ágnes\n",
            "Nazwa\nKsiążka może\n",
            "Meno;Ulica\nĽuboš;Štúrova\nČernák;Košická\nKrčméry;Žilina\nTomáš;Žižkova\n",
        ] {
            for (page, encoding) in [(central, Encoding::Central), (latin2, Encoding::Latin2)] {
                let bytes = page.encode(text).0;
                let found = told(&bytes);
                assert_ne!(found, Encoding::Utf8, "{text}");
                let same = central.encode(text).0 == latin2.encode(text).0;
                assert!(found == encoding || same, "{text} as {found:?}");
                let letters = super::of(found).unwrap();
                let read = |b: &u8| {
                    if *b < 0x80 { char::from(*b) } else { letters[usize::from(b - 0x80)] }
                };
                assert_eq!(bytes.iter().map(read).collect::<String>(), text);
            }
        }
    }

    #[test]
    fn letters_of_other_scripts_and_the_baltic_tell_the_code_page() {
        let (cyrillic, greek) = (encoding_rs::WINDOWS_1251, encoding_rs::WINDOWS_1253);
        let (baltic, central) = (encoding_rs::WINDOWS_1257, encoding_rs::WINDOWS_1250);
        for (page, encoding, text) in [
            (cyrillic, Encoding::Cyrillic, "ЕГН;Трите имена;Длъжност\n1;Елена Русева;шофьор\n"),
            (
                cyrillic,
                Encoding::Cyrillic,
                "Фамилия;ИНН;E-mail\nИВАНОВ;1;ivanov@example.org\nПетров;2;\n",
            ),
            (greek, Encoding::Greek, "Επώνυμο;Όνομα;ΑΦΜ\nΟικονόμου;Γεώργιος;1\n"),
            (greek, Encoding::Greek, "Ημερομηνία γέννησης;Πόλη\n01/02/1980;Αθήνα\n"),
            (baltic, Encoding::Baltic, "Pavardė;Vardas;Gatvė\nŠimkus;Rūta;Vilniaus g.\n"),
            (
                baltic,
                Encoding::Baltic,
                "Uzvārds;Vārds;Pilsēta\nBērziņš;Jānis;Rīga\nOzoliņa;Līga;Liepāja\n",
            ),
            (central, Encoding::Central, "Ime;Prezime\nĐurđica;Ćosić\nDražen;Kovačević\n"),
            (
                central,
                Encoding::Central,
                "Data naşterii;Numele şi prenumele\nŢurcanu Ştefania;Mădălina Bălan\n",
            ),
        ] {
            assert_eq!(told(&page.encode(text).0), encoding, "{text}");
        }
        let hebrew = encoding_rs::WINDOWS_1255.encode("שם פרטי;שם משפחה;טלפון").0;
        let korean = encoding_rs::EUC_KR.encode("이름;전화번호;주소 서울특별시 강남구").0;
        for bytes in [hebrew, korean] {
            assert!(!matches!(told(&bytes), Encoding::Cyrillic | Encoding::Greek));
        }
    }

    #[test]
    fn western_texts_stay() {
        for text in [
            "Søren Kjær bor på Nørregade og hedder også Åge; pris 5 m³ á 3 kr",
            "Sørensen;Hélène;José;Grønland",
            "Où est le garçon? Élève très âgé, œuvre, cœur, Noël",
            "¿Qué pasó, señor? El número 3º y la 2ª; ¡así!",
            "Perché è così? Lunedì e martedì, più caffè, città",
            "São João, coração, limões, três, avó, õ",
            "Straße; Größe; Übung; 5 m², 3 m³, 20 °C, ±5 µm",
            "Þórður Sigurðsson býr á Ísafirði, sími; ættarnafn",
            "Føroyar: Høgni á Heyggi, býráð, tíð, maður",
            "Høgni; maður",
            "Käyttäjä, öljy, Åbo, pöytä",
            "Õun, öö, äär, ülikool, käsi, sõber, Žürii",
            "crème brûlée, Michèle Šimek",
            "5 m³ à 3 £, l¹ et l², ¹ voir ¿qué?",
        ] {
            let bytes = encoding_rs::WINDOWS_1252.encode(text).0;
            assert_eq!(told(&bytes), Encoding::Utf8, "{text}");
        }
        let mixed = [&b"S\xF8ren; "[..], "avión, más próximo, vizinhança, único".as_bytes()];
        assert_eq!(told(&mixed.concat()), Encoding::Utf8);
    }
}
