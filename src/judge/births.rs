//! Dates in columns without a name: those of births spread over the ages of the living, where those of contracts and
//! papers lie in the last years.

use crate::detect::finder::Finder;
use crate::tally::SlotTally;

/// Fewest dates that show how they spread.
const FEWEST: u64 = 5;
/// Months that births of a table lie apart, at least, and the age of the oldest, at most.
const APART: u16 = 25 * 12;
const OLDEST: u16 = 105 * 12;

/// Whether the dates of a column spread as births do: nearly all cells are dates, over a generation and more, few in the
/// last eighteen years.
pub(super) fn spread_so(finder: &Finder, slot: &SlotTally) -> bool {
    let dates = &slot.dates;
    dates.count >= FEWEST
        && dates.count * 10 >= slot.filled * 9
        && dates.newest >= dates.oldest + APART
        && dates.newest <= finder.month
        && dates.oldest + OLDEST >= finder.month
        && dates.minors * 10 <= dates.count * 3
}

#[cfg(test)]
mod tests {
    use crate::judge::tests::listed;

    const NAMES: &[&str] =
        &["Kari Hansen", "Ola Nordmann", "Anne Olsen", "Tom Fleming", "Bill Rodgers", "Per Moen"];

    #[test]
    fn births_are_told_without_a_name_beside_names() {
        let born =
            ["05.04.1995", "09.12.1988", "20.09.1954", "01.02.1971", "30.06.2001", "11.11.1963"];
        let found = listed(&[("#1", NAMES), ("#2", &born)]);
        assert_eq!(found, ["#1: person_name", "#2: date_of_birth"]);
        assert_eq!(
            listed(&[("#1", &["A1", "B2", "C3", "D4", "E5", "F6"]), ("#2", &born)]),
            [""; 0]
        );
        let hired =
            ["05.04.2015", "09.12.2018", "20.09.1988", "01.02.2021", "30.06.2001", "11.11.2023"];
        let ended =
            ["05.04.1995", "09.12.1998", "20.09.2003", "01.02.1997", "30.06.2001", "11.11.2000"];
        for dates in [&hired, &ended] {
            assert_eq!(listed(&[("#1", NAMES), ("#2", dates)]), ["#1: person_name"]);
        }
    }
}
