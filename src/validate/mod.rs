//! Validators: checksum and plausibility functions, one file per country or kind, each with a verdict and a reason.
//!
//! A detector names its validator in its TOML file; [`by_name`] finds the function. A new checksum is
//! one function here plus one line in its module's `ALL`.

/// What a validator may know besides the text: the date that plausibility is measured against.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// "Today" for birth dates and validity ranges (`--as-of`), so that a run can be repeated.
    pub as_of: jiff::civil::Date,
}

/// What sort of value a match is: the validity ladder of `docs/evidence.md`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// Passes every check that its kind has.
    Real,
    /// Issued for the time being to a real person (Norwegian H-number, Finnish hetu 900–999).
    Temporary,
    /// From a published test range or a reserved domain.
    Test,
    /// Recognisable in spite of a spreadsheet's harm: lost leading zero, scientific notation.
    Damaged,
    /// The shape and the surroundings are right, the checksum is not: a typo is still personal data.
    ChecksumFailed,
    /// Partly blanked out at the source.
    Masked,
    /// An unkeyed hash of such a value.
    Hashed,
}

/// The names of all rungs.
pub const RUNGS: [&str; 38] = [
    "strict",
    "test",
    "temporary",
    "unchecked",
    "lost_zero",
    "amount",
    "bare",
    "bis",
    "century",
    "company",
    "dateless",
    "encoded",
    "flag",
    "form",
    "grouped",
    "hashed",
    "k1_2032",
    "known",
    "like_time",
    "like_version",
    "likely",
    "listed",
    "listed_full",
    "listed_word",
    "loose",
    "lower",
    "name_only",
    "national",
    "numbered",
    "omocodia",
    "organisation",
    "phrase",
    "plan",
    "prose",
    "telling",
    "unassigned",
    "with_postcode",
    "year",
];

/// How a value passed: the rung's name keys the detector's `chance` table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// What sort of value stands on this rung.
    pub validity: Validity,
    /// Number of its name in [`RUNGS`].
    number: u8,
}

impl Rung {
    /// Every check of the kind passed.
    pub const STRICT: Rung = Rung::new("strict", Validity::Real);
    /// A published test value.
    pub const TEST: Rung = Rung::new("test", Validity::Test);
    /// A temporary number of a real person.
    pub const TEMPORARY: Rung = Rung::new("temporary", Validity::Temporary);
    /// Plausible in shape and date, but of a series that carries no check digit.
    pub const UNCHECKED: Rung = Rung::new("unchecked", Validity::Real);
    /// Valid once the leading zero that a spreadsheet dropped is put back.
    pub const LOST_ZERO: Rung = Rung::new("lost_zero", Validity::Damaged);

    /// A rung of one of the names of [`RUNGS`]; to be made in constants, where one of no such name does not compile.
    const fn new(name: &str, validity: Validity) -> Rung {
        let mut number = 0;
        while !is_same(RUNGS[number as usize], name) {
            number += 1;
        }
        Rung { validity, number }
    }

    /// Number of its name in [`RUNGS`]: rungs are told apart by it where names would take too long.
    #[must_use]
    pub const fn number(self) -> usize {
        self.number as usize
    }

    /// Key in the detector file's `chance` table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        RUNGS[self.number as usize]
    }
}

/// Whether two texts are the same, in constants.
const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// What a validator says of one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The text is a value of the kind.
    Valid(Rung),
    /// It is not, and why (a few words, never the value).
    Invalid(&'static str),
    /// It fails its check digit, but all else is in order (a date, a century): right beside a word of the
    /// kind such a number is believed all the same, with the chance of the rung `doubtful`.
    Doubtful(&'static str),
}

impl Verdict {
    /// The verdict on a value that was damaged, from that on what it was. That it belongs to nobody tells more.
    #[must_use]
    pub fn damaged(self) -> Verdict {
        match self {
            Verdict::Valid(rung) if rung.validity != Validity::Test => {
                Verdict::Valid(Rung::LOST_ZERO)
            }
            verdict => verdict,
        }
    }
}

/// A validator: the matched text (separators included) in, verdict out.
pub type Validator = fn(&str, &Context) -> Verdict;

mod america;
mod asia;
mod baltic;
mod benelux;
mod card;
mod cell;
mod checksum;
mod dach;
mod document;
mod east;
mod email;
mod europe;
mod france;
pub mod iban;
mod iberia;
mod isles;
mod italy;
pub mod logs;
mod mediterranean;
pub mod money;
pub mod names;
mod network;
mod no;
mod nordic;
pub mod numbered;
mod offices;
pub mod phone;
pub mod prose;
mod record;
mod south;
#[cfg(test)]
mod testing;
pub mod told;
mod trade;
pub mod url;
mod vat;
mod wordset;

/// Every validator by name, sorted module by module.
fn all() -> impl Iterator<Item = &'static (&'static str, Validator)> {
    [
        america::ALL,
        asia::ALL,
        baltic::ALL,
        benelux::ALL,
        card::ALL,
        cell::ALL,
        dach::ALL,
        document::ALL,
        east::ALL,
        email::ALL,
        europe::ALL,
        france::ALL,
        iban::ALL,
        iberia::ALL,
        isles::ALL,
        italy::ALL,
        logs::ALL,
        mediterranean::ALL,
        names::ALL,
        network::ALL,
        no::ALL,
        nordic::ALL,
        numbered::ALL,
        phone::ALL,
        prose::ALL,
        record::ALL,
        south::ALL,
        told::ALL,
        trade::ALL,
        url::ALL,
        vat::ALL,
    ]
    .into_iter()
    .flatten()
}

/// The validator of this name, if there is one.
#[must_use]
pub fn by_name(name: &str) -> Option<Validator> {
    all().find(|(n, _)| *n == name).map(|&(_, f)| f)
}

/// The names of all validators, for messages about unknown ones.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = all().map(|&(n, _)| n).collect();
    names.sort_unstable();
    names
}
