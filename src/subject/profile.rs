//! The subject's profile: whom to look for, as a TOML file or standard input says it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};
use jiff::civil::Date;
use serde::Deserialize;

use super::{Kind, dates, normal};
use crate::validate::{self, Context, Verdict};

/// Months between receipt and answer (GDPR Art. 12(3)).
pub const RECEIVED_TO_DUE: i32 = 1;

/// Whom to look for. Values are kept as they were written; [`normal::normalise`] makes them comparable. It has no
/// `Debug`, so that no value gets into a message.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// Id of the case; it stands in outputs, so it names nobody.
    pub case: String,
    /// Day on which the request was received.
    #[serde(deserialize_with = "day")]
    pub received: Option<Date>,
    /// Day by which it is to be answered; a month after receipt when it is not given.
    #[serde(deserialize_with = "day")]
    pub due: Option<Date>,
    /// How the person's identity was verified (Art. 12(6)).
    pub identity_verified: String,
    /// Two-letter code of the country whose form telephone numbers without a country have.
    pub country: String,
    /// Names, given name first or `Family, Given`.
    pub names: Vec<String>,
    /// Names that the person had before.
    pub former_names: Vec<String>,
    /// E-mail addresses, current and former.
    pub emails: Vec<String>,
    /// Telephone numbers; without `+` they are national ones.
    pub phones: Vec<String>,
    /// National identity, social security and tax numbers, current and former.
    pub national_ids: Vec<String>,
    /// Says that several national numbers of one country are all the subject's.
    pub national_ids_confirmed: bool,
    /// IBANs.
    pub ibans: Vec<String>,
    /// Bank accounts in their country's own form.
    pub accounts: Vec<String>,
    /// Customer numbers.
    pub customer_numbers: Vec<String>,
    /// Employee and member numbers.
    pub employee_numbers: Vec<String>,
    /// User names.
    pub usernames: Vec<String>,
    /// Registration plates of vehicles.
    pub plates: Vec<String>,
    /// Addresses, current and former.
    pub addresses: Vec<Address>,
    /// Date of birth.
    #[serde(deserialize_with = "day")]
    pub birth_date: Option<Date>,
}

/// An address, and when it was the person's.
#[derive(Clone, Deserialize)]
#[serde(from = "Written")]
pub struct Address {
    /// Street and number, with or without what follows.
    pub text: String,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// An address as a text, or with its validity.
#[derive(Deserialize)]
#[serde(untagged, expecting = "an address, or { text, from, until }")]
enum Written {
    Text(String),
    Table {
        text: String,
        #[serde(default, deserialize_with = "day")]
        from: Option<Date>,
        #[serde(default, deserialize_with = "day")]
        until: Option<Date>,
    },
}

impl From<Written> for Address {
    fn from(written: Written) -> Address {
        match written {
            Written::Text(text) => Address { text, from: None, until: None },
            Written::Table { text, from, until } => Address { text, from, until },
        }
    }
}

/// A day as a TOML date or as a text in any layout that means one day.
fn day<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a date such as 2026-11-25")]
    enum Written {
        Date(toml::value::Datetime),
        Text(String),
    }
    let text = match Written::deserialize(from)? {
        Written::Date(date) => date.to_string(),
        Written::Text(text) => text,
    };
    match dates(&text)[..] {
        [date] => Ok(Some(date)),
        // What was written is not repeated: it may be a date of birth.
        _ => Err(serde::de::Error::custom("not one certain date: write it as 2026-11-25")),
    }
}

impl Profile {
    /// Reads a profile. Errors name line and key, never a value.
    ///
    /// # Errors
    /// Text that is no profile, or values that contradict each other.
    pub fn parse(text: &str) -> Result<Profile> {
        let mut profile: Profile = toml::from_str(text).map_err(|e: toml::de::Error| {
            let at = e.span().map_or(0, |span| span.start);
            let line = text[..at.min(text.len())].matches('\n').count() + 1;
            anyhow::anyhow!("line {line}: {}", without_values(e.message()))
        })?;
        profile.check()?;
        if profile.due.is_none() {
            let month = jiff::Span::new().months(RECEIVED_TO_DUE);
            profile.due = profile.received.and_then(|day| day.checked_add(month).ok());
        }
        Ok(profile)
    }

    fn check(&self) -> Result<()> {
        ensure!(!self.case.trim().is_empty(), "`case` is missing: give the case an id");
        let country = &self.country;
        ensure!(
            country.is_empty() || crate::subject::normal::country_code(country).is_some(),
            "`country` is no two-letter code of a country whose telephone numbers are known"
        );
        for (kind, values) in self.values() {
            for (number, value) in values.iter().enumerate() {
                ensure!(
                    !normal::normalise(kind, value).is_empty(),
                    "value {} of kind `{}` cannot be one: correct it or take it out",
                    number + 1,
                    kind.as_str()
                );
            }
        }
        for (number, iban) in self.ibans.iter().enumerate() {
            if let Some(why) = fault_of_iban(iban) {
                bail!("IBAN {}: {why}; correct it, or nothing will be found by it", number + 1);
            }
        }
        Ok(())
    }

    /// All values by kind, as they were written; telephone numbers with their country where the profile tells it.
    #[must_use]
    pub fn values(&self) -> Vec<(Kind, Vec<String>)> {
        let names = [&self.names[..], &self.former_names[..]].concat();
        let phones = self.phones.iter().map(|phone| normal::with_country(phone, &self.country));
        let addresses = self.addresses.iter().map(|address| address.text.clone());
        let birth_date = self.birth_date.iter().map(Date::to_string);
        let all = [
            (Kind::Name, names),
            (Kind::Email, self.emails.clone()),
            (Kind::Phone, phones.collect()),
            (Kind::NationalId, self.national_ids.clone()),
            (Kind::Iban, self.ibans.clone()),
            (Kind::Account, self.accounts.clone()),
            (Kind::CustomerNumber, self.customer_numbers.clone()),
            (Kind::EmployeeNumber, self.employee_numbers.clone()),
            (Kind::Username, self.usernames.clone()),
            (Kind::Plate, self.plates.clone()),
            (Kind::Address, addresses.collect()),
            (Kind::BirthDate, birth_date.collect()),
        ];
        all.into_iter().filter(|(_, values)| !values.is_empty()).collect()
    }

    /// Every normal form of every value, by kind: what is hashed for a replay list and asked of an index.
    #[must_use]
    pub fn forms(&self) -> BTreeSet<(Kind, String)> {
        let of_kind = |(kind, values): (Kind, Vec<String>)| {
            let forms = values.into_iter().flat_map(move |value| normal::normalise(kind, &value));
            forms.map(move |form| (kind, form)).collect::<Vec<_>>()
        };
        self.values().into_iter().flat_map(of_kind).collect()
    }

    /// Whether it holds anything that tells one person from others: without it everything found is only possible.
    #[must_use]
    pub fn tells_one_person(&self) -> bool {
        let weak = [Kind::Name, Kind::Address, Kind::BirthDate];
        let kinds: Vec<Kind> = self.values().into_iter().map(|(kind, _)| kind).collect();
        let with_name = kinds.contains(&Kind::Name) && kinds.len() > 1;
        with_name || kinds.iter().any(|kind| !weak.contains(kind))
    }

    /// Whether it has names, and none of them has a word beside another.
    #[must_use]
    pub fn has_only_single_words(&self) -> bool {
        let mut names = self.names.iter().chain(&self.former_names).peekable();
        names.peek().is_some() && names.all(|name| normal::words(name).nth(1).is_none())
    }

    /// Whether it holds no value at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values().is_empty()
    }
}

/// Why a text is no IBAN. Numbers of persons are not checked: each country has its own, and whose it is is not said.
fn fault_of_iban(text: &str) -> Option<&'static str> {
    let check = validate::by_name("iban")?;
    match check(text, &Context { as_of: Date::ZERO }) {
        Verdict::Invalid(why) | Verdict::Doubtful(why) => Some(why),
        Verdict::Valid(_) => None,
    }
}

/// What is wrong, in words that repeat nothing of the text: it may be a name or a number.
fn without_values(message: &str) -> Cow<'static, str> {
    if message.starts_with("not one certain date") {
        return message.to_owned().into();
    }
    // What stands behind the key are the keys that there are.
    if let Some((_, keys)) = message.strip_prefix("unknown field").and_then(|m| m.split_once("`, "))
    {
        return format!("a key that profiles do not have: {keys}").into();
    }
    Cow::Borrowed(match message {
        _ if message.starts_with("invalid type") || message.starts_with("data did not match") => {
            "a value of another type: lists stand in [ ], texts and dates in quotes"
        }
        _ if message.starts_with("duplicate key") => "a key that was there before",
        _ => "no valid TOML",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"
        case = "2026-114"
        received = 2026-11-02
        identity_verified = "passport shown at the desk"
        country = "NO"
        names = ["Kari Nordmann"]
        former_names = ["Hansen, Kari"]
        emails = ["kari@example.org"]
        phones = ["22 98 33 40"]
        national_ids = ["01019012345"]
        addresses = ["Storgata 5", { text = "Lia 3", from = 2010-01-01, until = "31.12.2015" }]
        birth_date = 1990-01-01
    "#;

    #[test]
    fn a_whole_profile_is_read() {
        let profile = Profile::parse(WHOLE).unwrap();
        assert_eq!(profile.due, Date::new(2026, 12, 2).ok());
        assert_eq!(profile.addresses[1].until, Date::new(2015, 12, 31).ok());
        assert!(profile.tells_one_person());
        let forms = profile.forms();
        for (kind, form) in [
            (Kind::Name, "hansen"),
            (Kind::Phone, "+4722983340"),
            (Kind::NationalId, "1019012345"),
            (Kind::BirthDate, "1990-01-01"),
        ] {
            assert!(forms.contains(&(kind, form.to_owned())), "{form}");
        }
    }

    #[test]
    fn errors_name_the_place_and_no_value() {
        for (text, says) in [
            ("", "`case` is missing"),
            ("case = 'a'\nname = 'Kari'", "line 2"),
            ("case = 'a'\nname = 'Kari'", "expected one of `case`, `received`"),
            ("case = 'a'\nibans = ['NO9386011117948']", "IBAN 1: fails the check digits"),
            ("case = 'a'\nemails = ['kari.nordmann']", "value 1 of kind `email`"),
            ("case = 'a'\nbirth_date = 'long ago'", "line 2"),
            ("case = 'a'\nbirth_date = '01.02.1990'", "not one certain date"),
            ("case = 'a'\ncountry = 'Kari'", "`country`"),
            ("case = 'a'\nemails = 'kari'", "line 2"),
        ] {
            let error = Profile::parse(text).err().map(|e| format!("{e:#}")).unwrap_or_default();
            assert!(error.contains(says), "{text}: {error}");
            assert!(!error.to_lowercase().contains("kari"), "{error}");
        }
    }

    #[test]
    fn names_alone_tell_no_person() {
        let names = Profile::parse("case = 'a'\nnames = ['Kari Nordmann']").unwrap();
        assert!(!names.tells_one_person() && !names.is_empty() && !names.has_only_single_words());
        for (text, single) in [
            ("names = ['Kari']", true),
            ("names = ['Kari', ' Nordmann ']", true),
            ("names = ['Kari']\nformer_names = ['Hansen, Kari']", false),
            ("emails = ['kari@example.org']", false),
        ] {
            let profile = Profile::parse(&format!("case = 'a'\n{text}")).unwrap();
            assert_eq!(profile.has_only_single_words(), single, "{text}");
        }
        assert!(Profile::parse("case = 'a'").unwrap().is_empty());
    }
}
