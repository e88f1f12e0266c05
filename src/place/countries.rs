//! Countries and what they mean for transfers (GDPR Chapter V), from `patterns/countries.toml`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;

use crate::inventory::SystemLine;

/// The codes of ISO 3166-1, as of 2026.
const CODES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK";

/// Whether this is the code of a country: one of ISO 3166-1 or, as the Commission writes Kosovo, XK.
#[must_use]
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && CODES.split(' ').any(|known| known == code)
}

/// The countries of the EEA, and the adequacy decisions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Countries {
    /// When the list was last checked.
    #[serde(rename = "checked", deserialize_with = "date")]
    _checked: Date,
    eea: BTreeSet<String>,
    names: BTreeMap<String, String>,
    adequacy: Vec<Adequacy>,
}

/// What a statement on a transfer says where a decision covers it, whatever the circumstances.
const COVERED: &str = " covers it.";
/// What comes before a transfer tool that somebody named.
const TOOL: &str = "Transfer tool, as told: ";
/// How a statement begins on where data is kept; the others are on who can get at it.
const KEPT: &str = "Kept in ";

/// Whether a statement on a transfer is on where data is kept.
#[must_use]
pub fn tells_of_storage(statement: &str) -> bool {
    statement.starts_with(KEPT)
}

/// Whether a statement on a transfer says what it rests on.
#[must_use]
pub fn tells_ground(statement: &str) -> bool {
    statement.contains(COVERED) || statement.contains(TOOL)
}

/// A decision of the Commission under GDPR Art. 45.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Adequacy {
    country: String,
    decision: String,
    /// What it covers, when that is not everything.
    scope: Option<String>,
    /// Its last day.
    #[serde(default, deserialize_with = "maybe_date")]
    expires: Option<Date>,
}

fn date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let written = toml::value::Datetime::deserialize(deserializer)?;
    written.to_string().parse().map_err(serde::de::Error::custom)
}

fn maybe_date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    date(deserializer).map(Some)
}

impl Countries {
    /// Whether this is the code of a country, or one that a list of one's own names.
    #[must_use]
    pub fn is_code(&self, code: &str) -> bool {
        is_country(code) || self.names.contains_key(code)
    }

    /// Sets the flags and statements that follow from a system's countries. `as_of` decides whether a
    /// decision has expired.
    pub fn assess(&self, line: &mut SystemLine, as_of: Date) {
        match line.country.clone() {
            None => line.flags.push("country_unknown".to_owned()),
            Some(code) if self.is_third(&code) => {
                line.flags.push("outside_eea".to_owned());
                let place = self.place(&code);
                line.transfers.push(format!("{KEPT}{place}. {}", self.adequacy(&code, as_of)));
            }
            Some(_) => {}
        }
        let mut access = Vec::new();
        if let Some(code) = line.parent_country.clone().filter(|c| self.is_third(c)) {
            let who = line.processor.as_deref().unwrap_or("the processor");
            let place = self.place(&code);
            let decision = self.adequacy(&code, as_of);
            access.push(format!(
                "The parent company of {who} is in {place}: whether it can get at the data is to be checked. \
                 {decision}"
            ));
        }
        for sub in &line.sub_processors {
            let Some(code) = sub.country.as_ref().filter(|c| self.is_third(c)) else { continue };
            let (name, place) = (&sub.name, self.place(code));
            let decision = self.adequacy(code, as_of);
            let tool = match &sub.transfer_tool {
                Some(tool) => format!("{TOOL}{tool}."),
                None => "No transfer tool is told.".to_owned(),
            };
            access.push(format!("The sub-processor {name} is in {place}. {decision} {tool}"));
        }
        if !access.is_empty() {
            line.flags.push("third_country_access".to_owned());
            line.transfers.append(&mut access);
        }
    }

    fn is_third(&self, code: &str) -> bool {
        !self.eea.contains(code)
    }

    fn place(&self, code: &str) -> String {
        let name = self.names.get(code).map_or(code, String::as_str);
        format!("{name} ({code}), outside the EEA")
    }

    fn adequacy(&self, code: &str, as_of: Date) -> String {
        let Some(decision) = self.adequacy.iter().find(|a| a.country == code) else {
            return "No adequacy decision is listed for it: a transfer needs appropriate safeguards (GDPR Art. 46) \
                    or a derogation (Art. 49)."
                .to_owned();
        };
        let name = &decision.decision;
        if let Some(end) = decision.expires.filter(|end| *end < as_of) {
            return format!("The adequacy decision {name} expired on {end}.");
        }
        let scope = match &decision.scope {
            Some(scope) => {
                format!(" covers only {scope}; whether that is so here is to be checked.")
            }
            None => COVERED.to_owned(),
        };
        let end = decision.expires.map(|end| format!(" It expires on {end}.")).unwrap_or_default();
        format!("The adequacy decision {name}{scope}{end}")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::inventory::SubProcessor;
    use crate::place::Facts;

    const TODAY: Date = jiff::civil::date(2026, 11, 23);

    fn assessed(
        country: &str,
        parent: Option<&str>,
        sub: Option<(&str, Option<&str>)>,
    ) -> SystemLine {
        let mut line = SystemLine {
            country: Some(country.to_owned()),
            processor: Some("Drift Example AS".to_owned()),
            parent_country: parent.map(str::to_owned),
            ..SystemLine::default()
        };
        line.sub_processors.extend(sub.map(|(country, tool)| SubProcessor {
            name: "Support Example".to_owned(),
            country: Some(country.to_owned()),
            transfer_tool: tool.map(str::to_owned),
        }));
        Facts::load(&[]).unwrap().countries.assess(&mut line, TODAY);
        line
    }

    #[test]
    fn the_eea_has_thirty_countries_and_they_need_no_words() {
        let countries = Facts::load(&[]).unwrap().countries;
        assert_eq!(countries.eea.len(), 30);
        for code in &countries.eea {
            assert!(countries.names.contains_key(code), "{code}");
            let line = assessed(code, Some("NO"), Some(("IS", None)));
            assert!(line.flags.is_empty() && line.transfers.is_empty(), "{code}");
        }
        for decision in &countries.adequacy {
            assert!(countries.names.contains_key(&decision.country), "{}", decision.country);
            assert!(!countries.eea.contains(&decision.country), "{}", decision.country);
        }
    }

    #[test]
    fn scope_and_expiry_are_told() {
        let us = assessed("US", None, None);
        assert_eq!(us.flags, ["outside_eea"]);
        assert!(us.transfers[0].starts_with("Kept in the United States (US), outside the EEA."));
        assert!(
            us.transfers[0].contains("covers only companies on the list of the EU-US Data Privacy")
        );
        assert!(assessed("CA", None, None).transfers[0].contains("commercial organisations"));
        assert!(assessed("GB", None, None).transfers[0].contains("It expires on 2031-12-27."));
        assert!(assessed("CH", None, None).transfers[0].ends_with("2000/518/EC covers it."));
        assert!(tells_ground(&assessed("CH", None, None).transfers[0]));
        assert!(tells_ground(&assessed("GB", None, None).transfers[0]));
        for code in ["US", "CA", "IN"] {
            assert!(!tells_ground(&assessed(code, None, None).transfers[0]), "{code}");
        }
        assert!(assessed("IN", None, None).transfers[0].contains("No adequacy decision is listed"));
        let mut late = assessed("GB", None, None);
        late.transfers.clear();
        Facts::load(&[]).unwrap().countries.assess(&mut late, jiff::civil::date(2032, 1, 1));
        assert!(late.transfers[0].contains("expired on 2031-12-27"), "{:?}", late.transfers);
    }

    #[test]
    fn access_from_third_countries_is_told() {
        let line = assessed("NO", Some("US"), Some(("IN", Some("SCC"))));
        assert_eq!(line.flags, ["third_country_access"]);
        assert!(
            line.transfers[0]
                .starts_with("The parent company of Drift Example AS is in the United")
        );
        assert!(
            line.transfers[1].ends_with("Transfer tool, as told: SCC."),
            "{:?}",
            line.transfers
        );
        let line = assessed("NO", None, Some(("IN", None)));
        assert!(line.transfers[0].ends_with("No transfer tool is told."));
        let mut unknown = SystemLine::default();
        Facts::load(&[]).unwrap().countries.assess(&mut unknown, TODAY);
        assert_eq!(unknown.flags, ["country_unknown"]);
    }
}
