//! Columns of numbers that only their name tells of: beside a person they are that person's, and in a table without one
//! they are statistics (`sick leave, per cent` of municipalities).

use std::collections::HashSet;

use super::{Draft, PAY, codes, group, numbers, of_patients, sample};
use crate::detect::finder::Finder;
use crate::detect::fold::words;
use crate::detect::lexicon::{Fit, Hint};
use crate::evidence;
use crate::eye::Named;
use crate::tally::FileTally;

/// Takes down what is told of numbers in tables that tell of nobody.
pub(super) fn lower(finder: &Finder, named: &[Named], tally: &FileTally, drafts: &mut [Draft]) {
    let is_number = |d: &Draft| are_numbers(finder, named, tally, d);
    let of_people = drafts.iter().filter(|d| d.certainty >= 0.5 && !is_number(d));
    let of_people = of_people.map(|d| group(&named[d.slot.0 as usize]));
    let groups: HashSet<_> = of_people.chain(of_patients(named)).collect();
    for draft in drafts.iter_mut() {
        let alone = !groups.contains(&group(&named[draft.slot.0 as usize]));
        if !alone || !are_numbers(finder, named, tally, draft) {
            continue;
        }
        let why = "numbers, in a table that tells of nobody";
        if let Some(certainty) = evidence::lowered(&mut draft.evidence, why) {
            draft.certainty = certainty;
            draft.accept.column = Some(certainty);
        }
    }
}

/// Takes out pay that is degrees: `lon` beside `lat`.
pub(super) fn without_longitudes(finder: &Finder, named: &[Named], drafts: &mut Vec<Draft>) {
    let ends = |name: &Named, ends: &[&str]| {
        words(name.field()).last().is_some_and(|word| ends.contains(&word.as_str()))
    };
    let is_longitude = |draft: &Draft| {
        finder.rules.detectors[draft.detector as usize].category == PAY
            && ends(&named[draft.slot.0 as usize], &["lon"])
    };
    if !drafts.iter().any(is_longitude) {
        return;
    }
    let latitudes = named.iter().filter(|name| ends(name, &["lat", "latitude"]));
    let places: HashSet<_> = latitudes.map(group).collect();
    drafts.retain(|d| !is_longitude(d) || !places.contains(&group(&named[d.slot.0 as usize])));
}

/// Whether a column's values are numbers as statistics have them: of a sensitive kind that is told by words as well, or
/// of pay under a name that says more than that.
fn are_numbers(finder: &Finder, named: &[Named], tally: &FileTally, draft: &Draft) -> bool {
    let slot = &tally.slots[&draft.slot];
    if draft.accept.column.is_none() || slot.filled < 2 {
        return false;
    }
    let category = finder.rules.category(draft.detector as usize);
    let hint = named[draft.slot.0 as usize].hints.get(&draft.detector);
    let of_kind = category.art9
        || category.art10
        || matches!(category.key.as_str(), "financial.salary" | "family");
    let is_plain = category.key == "financial.salary" && hint == Some(&Hint::For(Fit::Strong));
    let kind = &slot.kinds[draft.detector];
    // Genders are coded, and so are those of pictures, words and animals.
    let count = match category.key.as_str() {
        "demographic.gender" => codes(finder, draft.detector, kind),
        _ if of_kind && !is_plain => numbers(finder, draft.detector, kind),
        _ => return false,
    };
    count * 2.0 > sample(kind).0
}

#[cfg(test)]
mod tests {
    use crate::judge::tests::listed;

    const SHARES: &[&str] = &["3,1", "4,0", "5,7", "6,2", "7,9", "4,4", "5,5", "6,1"];
    const INCOMES: &[&str] =
        &["401000", "402500", "388250", "461000", "447300", "399900", "412400", "455100"];

    #[test]
    fn degrees_are_no_pay() {
        let degrees = ["-73", "2", "11", "14", "24", "18", "10", "12"];
        assert_eq!(listed(&[("lat", &degrees), ("lon", &degrees)]), [""; 0]);
    }

    #[test]
    fn statistics_tell_of_nobody() {
        let places = ["Voss", "Bergen", "Os", "Stord", "Voss", "Bergen", "Os", "Stord"];
        let found =
            listed(&[("område", &places), ("Sykefravær", SHARES), ("median_inntekt", INCOMES)]);
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn codes_of_gender_are_told_beside_people() {
        let codes = ["1", "0", "1", "1", "0", "0", "1", "0"];
        let signs = ["😀", "👩", "👨", "👵", "👴", "👧", "👦", "👸"];
        assert_eq!(listed(&[("sign", &signs), ("gender", &codes)]), [""; 0]);
        let pay = ["401000", "402500", "388250", "461000", "447300", "399900", "412400", "455100"];
        let found = listed(&[("gender", &codes), ("salary", &pay)]);
        assert_eq!(found, ["gender: gender", "salary: salary"]);
        let words = ["m", "f", "f", "m", "m", "f", "m", "f"];
        assert_eq!(listed(&[("gender", &words)]), ["gender: gender"]);
    }

    #[test]
    fn numbers_of_persons_stay() {
        let staff = ["A1007", "A1014", "A1021", "A1028", "A1035", "A1042", "A1049", "A1056"];
        let found = listed(&[("ansattnr", &staff), ("Sykefravær", SHARES), ("lønn", INCOMES)]);
        assert_eq!(found, ["ansattnr: employment", "Sykefravær: health", "lønn: salary"]);
        assert_eq!(listed(&[("lønn", INCOMES)]), ["lønn: salary"]);
        let codes = ["40301", "486", "58281", "5855", "4254", "2762", "7100", "2767"];
        assert_eq!(
            listed(&[("SUBJECT_ID", INCOMES), ("ICD9_CODE", &codes)]),
            ["ICD9_CODE: health"]
        );
    }
}
