//! Detector and category files: loading, checking, hashing.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::mistake;
use crate::place::{Facts, is_country, is_facts_file};
use crate::two;
use crate::validate::{self, Rung, Validator};

include!(concat!(env!("OUT_DIR"), "/patterns.rs"));
const CATEGORIES: &str = include_str!("../../patterns/categories.toml");
const WORDS: &str = include_str!("../../patterns/words.toml");
/// Start of the keys of categories that hold no personal data.
const IMPERSONAL: &str = "none.";

/// A set whose hashes are quick to make.
type HashSet<T> = std::collections::HashSet<T, foldhash::fast::RandomState>;

/// Lists of words by name: detector files take some in (`@name`), the lexicon others.
pub type WordLists = BTreeMap<String, Vec<String>>;

/// How values are made equal before they are counted or compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normal {
    /// Letters and digits only, upper case.
    #[default]
    Alnum,
    /// Digits only.
    Digits,
    /// Lower case, nothing dropped.
    Lower,
    /// Lower case words, sorted out of punctuation.
    Words,
}

impl Normal {
    /// How many ways there are.
    pub const COUNT: usize = 4;
}

/// An example in a detector file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The text, or the cell when there is a header.
    pub text: String,
    /// The value that must be found in it.
    pub finds: String,
    /// Field name, for kinds judged by it.
    #[serde(default)]
    pub header: Option<String>,
}

/// A counter-example: nothing of the kind may be found.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counter {
    /// The text, or the cell when there is a header.
    pub text: String,
    /// Why it is none.
    pub why: String,
    /// Field name, for kinds judged by it.
    #[serde(default)]
    pub header: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Chance {
    One(f64),
    PerRung(BTreeMap<String, f64>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DetectorFile {
    id: String,
    name: String,
    category: String,
    #[serde(default)]
    regions: Vec<String>,
    pattern: Option<String>,
    digits: Option<usize>,
    validator: Option<String>,
    chance: Option<Chance>,
    #[serde(default)]
    normal: Normal,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    abbreviations: Vec<String>,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    weak_headers: Vec<String>,
    #[serde(default)]
    ending_headers: Vec<String>,
    #[serde(default)]
    asking_headers: Vec<String>,
    #[serde(default)]
    full_headers: Vec<String>,
    #[serde(default)]
    against: Vec<String>,
    #[serde(default)]
    against_numbers: bool,
    #[serde(default)]
    common: Vec<String>,
    #[serde(default)]
    separators: bool,
    #[serde(default)]
    own_words: bool,
    #[serde(default)]
    weak_labels: bool,
    #[serde(default)]
    needs_name: bool,
    #[serde(default)]
    beside: bool,
    #[serde(default)]
    once: bool,
    #[serde(default)]
    prior: f64,
    #[serde(default = "first_version")]
    version: u32,
    #[serde(default)]
    sources: Vec<String>,
    prose: Option<ProseFile>,
    #[serde(default)]
    example: Vec<Example>,
    #[serde(default)]
    counter: Vec<Counter>,
}

fn first_version() -> u32 {
    1
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProseFile {
    pattern: Patterns,
    validator: String,
    #[serde(default)]
    company: bool,
    #[serde(default)]
    whole: bool,
    #[serde(default)]
    cells: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Patterns {
    One(String),
    Several(Vec<String>),
}

/// How a kind that is judged by field name and cell looks in running text, where nothing names it.
#[derive(Clone)]
pub struct Prose {
    /// Its shapes, all with the same check.
    pub patterns: Vec<String>,
    /// Its check: stricter than that of a cell under a telling name.
    pub validator: Validator,
    /// Whether words of other kinds near it speak for it: a name stands beside other personal data.
    pub company: bool,
    /// Whether it tells whole columns that no name speaks for; else only what stands beside a cue counts.
    pub whole: bool,
    /// Whether a cell that is all of it is a value, whatever its field is called.
    pub cells: bool,
    /// Whether its shape is all that tells: a turn of phrase, of which the check says nothing.
    pub is_phrase: bool,
    /// Whether the value in such a turn of phrase is the number behind its words.
    pub is_numbered: bool,
}

/// One kind of personal data: how it looks, how it is checked, what surrounds it.
#[derive(Clone)]
pub struct Detector {
    /// Unique id, `country_name` or `name`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Key of its category.
    pub category: String,
    /// ISO 3166 codes of the countries that issue it; empty for worldwide kinds.
    pub regions: Vec<String>,
    /// Its shape; `None` for kinds that are judged by field name and whole cell.
    pub pattern: Option<String>,
    /// Of how many digits a whole number is, where spreadsheets drop the zeros that it may begin with.
    pub digits: Option<usize>,
    /// The shape of what is left of such numbers: of whole cells in fields named so.
    pub damaged_pattern: Option<String>,
    /// Its look in running text, where that is not its `pattern`.
    pub prose: Option<Prose>,
    /// Its check, with the name it has in `src/validate`.
    pub validator: Option<(String, Validator)>,
    /// Share of random strings of the shape that pass, per rung.
    pub chance: BTreeMap<String, f64>,
    /// How values are made equal.
    pub normal: Normal,
    /// Words near it in free text.
    pub keywords: Vec<String>,
    /// Short ones, that tell only as they are written here, right before it.
    pub abbreviations: Vec<String>,
    /// Field names.
    pub headers: Vec<String>,
    /// Field names that other things bear as often: they need company.
    pub weak_headers: Vec<String>,
    /// Those of its field names that need company and that other words may stand before, whatever they are.
    pub ending_headers: Vec<String>,
    /// Field names of anything: they need company, and values of the kind's own vocabulary.
    pub asking_headers: Vec<String>,
    /// Those of its field names that whole things bear, too: where nothing else in the table tells of people, some of
    /// the values have to tell by themselves.
    pub full_headers: Vec<String>,
    /// Words and field names that speak against it.
    pub against: Vec<String>,
    /// Whether names of numbers (`Part No`, `Delenr`) speak against it, unless what is numbered is of the kind.
    pub against_numbers: bool,
    /// Rungs of forms that other numbers have as well: where no field name speaks for the kind, they need company.
    pub common: Vec<String>,
    /// Whether a separated form is evidence.
    pub separators: bool,
    /// Whether behind a label in running text only values with a word of the kind's vocabulary count, or flags.
    pub own_words: bool,
    /// Whether such values count behind a label that other things bear as often, too.
    pub weak_labels: bool,
    /// Whether a column's values never tell by themselves: a field name has to speak for the kind.
    pub needs_name: bool,
    /// Whether a name or an e-mail address right beside a value speaks for it in running text.
    pub beside: bool,
    /// Whether a word speaks for the first value behind it and for no further one.
    pub once: bool,
    /// Whether it is listed: kinds of no personal data are known only so that they are not taken for others,
    /// unless they are asked for by id.
    pub listed: bool,
    /// Raised when it finds other things than before, so that people's rejections are looked at again.
    pub version: u32,
    /// Bits added to the prior.
    pub prior: f64,
    /// Where the rule stands.
    pub sources: Vec<String>,
    /// Texts in which it must be found.
    pub examples: Vec<Example>,
    /// Texts in which it must not.
    pub counters: Vec<Counter>,
    /// File it was read from, for messages.
    pub origin: String,
}

impl Detector {
    /// How its file is named in messages.
    #[must_use]
    pub fn place(&self) -> String {
        format!("detector file {}", self.origin)
    }

    /// All its shapes, as regular expressions.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        let prose = self.prose.iter().flat_map(|p| &p.patterns);
        let shapes = [&self.pattern, &self.damaged_pattern].into_iter().flatten();
        shapes.chain(prose).map(String::as_str)
    }

    /// The chance that a random string of the shape passes on this rung; 1 without a check.
    #[must_use]
    pub fn chance(&self, rung: &str) -> f64 {
        let best = self.chance.get(rung).or_else(|| self.chance.get("strict"));
        best.copied().unwrap_or(1.0).clamp(1e-9, 1.0)
    }

    /// The chance of passing on any rung.
    #[must_use]
    pub fn any_chance(&self) -> f64 {
        if self.chance.is_empty() {
            return 1.0;
        }
        let others = [super::finder::DOUBTFUL, Rung::LOST_ZERO.name()];
        let passing = self.chance.iter().filter(|c| !others.contains(&c.0.as_str()));
        passing.map(|c| *c.1).fold(0.0, f64::max).clamp(1e-9, 1.0)
    }

    /// Chance that the check digit is right where all else is, of kinds that say how often all else is.
    #[must_use]
    pub fn check_chance(&self) -> Option<f64> {
        let (passing, failing) = (self.chance("strict"), self.chance.get(super::finder::DOUBTFUL)?);
        Some(passing / (passing + failing))
    }
}

/// A category of personal data, with its place in the vocabularies of the field.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Key that detectors name.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// W3C Data Privacy Vocabulary terms.
    #[serde(default)]
    pub dpv: Vec<String>,
    /// Key in the fideslang taxonomy.
    #[serde(default)]
    pub fideslang: Option<String>,
    /// What some kinds of it are more exactly, by detector.
    #[serde(default)]
    pub narrower: HashMap<String, Narrower>,
    /// Special category, GDPR Art. 9.
    #[serde(default)]
    pub art9: bool,
    /// Criminal convictions and offences, GDPR Art. 10.
    #[serde(default)]
    pub art10: bool,
    /// National identification number, GDPR Art. 87.
    #[serde(default)]
    pub art87: bool,
    /// Sensitivity, 0 (none) to 4, after ENISA.
    pub sensitivity: f64,
    /// Identifiability, 0 to 1, after ENISA.
    pub identifiability: f64,
    /// A remark.
    #[serde(default)]
    pub note: Option<String>,
}

impl Category {
    /// The W3C Data Privacy Vocabulary terms of what a detector finds.
    pub fn dpv_of(&self, detector: &str) -> impl Iterator<Item = &str> {
        let narrower = self.narrower.get(detector).and_then(|n| n.dpv.as_ref());
        let general = if narrower.is_none() { &self.dpv[..] } else { &[] };
        narrower.into_iter().chain(general).map(String::as_str)
    }

    /// The key in the fideslang taxonomy of what a detector finds.
    #[must_use]
    pub fn fideslang_of(&self, detector: &str) -> Option<&str> {
        let narrower = self.narrower.get(detector).and_then(|n| n.fideslang.as_deref());
        narrower.or(self.fideslang.as_deref())
    }
}

/// The place in the vocabularies of one kind of a category, where that is more exact than the category's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Narrower {
    /// W3C Data Privacy Vocabulary term.
    pub dpv: Option<String>,
    /// Key in the fideslang taxonomy.
    pub fideslang: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryFile {
    category: Vec<Category>,
}

/// Everything that is looked for.
#[derive(Clone)]
pub struct Rules {
    /// The detectors, sorted by id.
    pub detectors: Vec<Detector>,
    /// The categories by key.
    pub categories: HashMap<String, Category>,
    /// What is known of places: countries, personal areas, retention.
    pub facts: Facts,
    /// Lists of words by name.
    pub lists: WordLists,
    /// Hash over all detector files, categories and words, for the run's facts.
    pub hash: String,
    /// Hash over the lists of names and the facts on places, likewise.
    pub lexicon: String,
}

/// Which detectors to use.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Folders with more detector files.
    pub folders: Vec<PathBuf>,
    /// Only these ids; empty for all.
    pub only: Vec<String>,
    /// All but these ids.
    pub except: Vec<String>,
}

impl Rules {
    /// Loads the built-in detectors and those of the user's folders.
    ///
    /// # Errors
    /// A file that cannot be read or has a mistake: says which file, line and column, and what is
    /// expected.
    pub fn load(selection: &Selection) -> Result<Rules> {
        let categories = parse_categories(CATEGORIES)?;
        let lists: WordLists = toml::from_str(WORDS).context("patterns/words.toml")?;
        // Facts take as long as a fifth of the detectors.
        let (near, far) = BUILT_IN.split_at(BUILT_IN.len() * 3 / 5);
        let built_in = |files| built_in(files, &categories, &lists);
        let ((facts, far), near) =
            two::at_once(|| (Facts::load(&selection.folders), built_in(far)), || built_in(near));
        let (facts, mut detectors) = (facts?, near?);
        detectors.extend(far?);
        let hasher = add_and_select(&mut detectors, selection, &categories, &lists)?;
        let hash = |hasher: &blake3::Hasher| hasher.finalize().to_hex()[..16].to_owned();
        let mut lexicon = blake3::Hasher::new();
        validate::names::hash_into(&mut lexicon);
        lexicon.update(&facts.hash);
        Ok(Rules {
            detectors,
            categories,
            facts,
            lists,
            hash: hash(&hasher),
            lexicon: hash(&lexicon),
        })
    }

    /// The number of the detector with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<usize> {
        self.detectors.binary_search_by(|d| d.id.as_str().cmp(id)).ok()
    }

    /// The category of a detector.
    #[must_use]
    pub fn category(&self, detector: usize) -> &Category {
        &self.categories[&self.detectors[detector].category]
    }
}

/// Chances of passing that are assumed where a file has a pattern and says nothing of them: without and with a validator.
const OF_A_SHAPE: f64 = 0.01;
const OF_A_CHECK: f64 = 0.1;

/// The detectors of these built-in files.
fn built_in(
    files: &[(&str, &str)],
    categories: &HashMap<String, Category>,
    lists: &WordLists,
) -> Result<Vec<Detector>> {
    let detector =
        |(path, text): &(&str, &str)| parse(text, &format!("patterns/{path}"), categories, lists);
    files.iter().map(detector).collect()
}

/// Adds the user's detectors to all built-in ones and leaves those that are selected, by id; gives what has taken in
/// all of their files.
fn add_and_select(
    detectors: &mut Vec<Detector>,
    selection: &Selection,
    categories: &HashMap<String, Category>,
    lists: &WordLists,
) -> Result<blake3::Hasher> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(CATEGORIES.as_bytes()).update(WORDS.as_bytes());
    for (_, text) in BUILT_IN {
        hasher.update(text.as_bytes());
    }
    for (path, text) in user_files(&selection.folders)? {
        hasher.update(text.as_bytes());
        let detector = parse(&text, &path.display().to_string(), categories, lists)?;
        check_own(&detector).with_context(|| detector.place())?;
        detectors.push(detector);
    }
    detectors.sort_by(|a, b| a.id.cmp(&b.id));
    if let Some(twins) = detectors.windows(2).find(|w| w[0].id == w[1].id) {
        let (a, b) = (&twins[0], &twins[1]);
        bail!("detector id {:?} stands in both {} and {}: rename one", a.id, a.origin, b.origin);
    }
    select(detectors, selection)?;
    Ok(hasher)
}

/// Checks what a user's detector file says as far as its form does not tell.
///
/// # Errors
/// What would never find anything, or could not be named.
fn check_own(detector: &Detector) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    let id = &detector.id;
    ensure!(
        !id.is_empty() && id.chars().all(is_plain),
        "`id` {id:?}: small letters, digits and _ are expected, such as \"acme_customer\""
    );
    let no_country = detector.regions.iter().find(|code| !is_country(code));
    if let Some(code) = no_country {
        bail!("`regions`: {code:?} is no two-letter ISO 3166 code in capitals, such as \"NO\"");
    }
    let (d, is_empty) = (detector, |word: &String| word.trim().is_empty());
    for (name, words) in [
        ("headers", &d.headers),
        ("weak_headers", &d.weak_headers),
        ("ending_headers", &d.ending_headers),
        ("asking_headers", &d.asking_headers),
        ("keywords", &d.keywords),
        ("abbreviations", &d.abbreviations),
        ("against", &d.against),
    ] {
        ensure!(!words.iter().any(is_empty), "`{name}`: an empty word stands in the list");
    }
    d.patterns().try_for_each(|pattern| super::engine::parse(pattern).map(drop))
}

/// The built-in categories by key, for those who have an inventory and no rules.
pub fn categories() -> &'static HashMap<String, Category> {
    static CATEGORIES_BY_KEY: LazyLock<HashMap<String, Category>> =
        LazyLock::new(|| parse_categories(CATEGORIES).unwrap_or_default());
    &CATEGORIES_BY_KEY
}

fn parse_categories(text: &str) -> Result<HashMap<String, Category>> {
    let file: CategoryFile = toml::from_str(text).context("patterns/categories.toml")?;
    Ok(file.category.into_iter().map(|c| (c.key.clone(), c)).collect())
}

fn user_files(folders: &[PathBuf]) -> Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    for folder in folders {
        collect(folder, &mut files)
            .with_context(|| format!("reading the detector files in {}", folder.display()))?;
    }
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("reading the detector file {}", path.display()))?;
            Ok((path, text))
        })
        .collect()
}

/// Those of these folders in which there is nothing for datakart: neither a detector file nor facts.
#[must_use]
pub fn idle(folders: &[PathBuf]) -> Vec<&Path> {
    fn holds_some(dir: &Path) -> bool {
        let paths = || fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        dir.is_file()
            || paths().any(|path| if path.is_dir() { holds_some(&path) } else { is_toml(&path) })
    }
    folders.iter().map(PathBuf::as_path).filter(|dir| !holds_some(dir)).collect()
}

/// Whether a file is one of TOML by its name.
fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if dir.is_file() {
        files.push(dir.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if is_toml(&path) && !is_facts_file(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// The capitals of Latin-1, of Latin Extended-A and -B as far as European languages have them, of Greek and of Cyrillic,
/// in UTF-8. A small letter for a capital would take the word behind a name for a part of it (`Kari Hansen åpnet`).
const CAPITALS: &str = concat!(
    r"(?:[A-Z]|\xC3[\x80-\x96\x98-\x9E]",
    r"|\xC4[\x80\x82\x84\x86\x88\x8A\x8C\x8E\x90\x92\x94\x96\x98\x9A\x9C\x9E\xA0\xA2\xA4\xA6\xA8\xAA\xAC\xAE\xB0\xB2\xB4\xB6\xB9\xBB\xBD\xBF]",
    r"|\xC5[\x81\x83\x85\x87\x8A\x8C\x8E\x90\x92\x94\x96\x98\x9A\x9C\x9E\xA0\xA2\xA4\xA6\xA8\xAA\xAC\xAE\xB0\xB2\xB4\xB6\xB8\xB9\xBB\xBD]",
    r"|\xC8[\x80\x82\x84\x86\x88\x8A\x8C\x8E\x90\x92\x94\x96\x98\x9A\x9C\x9E\xA0\xA2\xA4\xA6\xA8\xAA\xAC\xAE\xB0\xB2]",
    r"|\xCE[\x86-\xAB]|\xD0[\x80-\xAF])",
);

/// A pattern, which is one of bytes, with what it has `\p{Lu}` for.
fn with_capitals(pattern: &str) -> String {
    pattern.replace(r"\p{Lu}", CAPITALS)
}

/// A look in running text, with its check.
fn prose(file: ProseFile, validator: Validator) -> Prose {
    Prose {
        validator,
        is_phrase: ["phrase", "health_phrase", "log_user", "numbered_phrase"]
            .contains(&file.validator.as_str()),
        is_numbered: file.validator == "numbered_phrase",
        patterns: match file.pattern {
            Patterns::One(pattern) => vec![with_capitals(&pattern)],
            Patterns::Several(all) => all.iter().map(|p| with_capitals(p)).collect(),
        },
        company: file.company,
        whole: file.whole,
        cells: file.cells,
    }
}

/// Numbers of so many digits may lose zeros: fewer tell nothing, and spreadsheets write longer ones otherwise.
const LOSING_ZEROS: std::ops::RangeInclusive<usize> = 8..=15;

fn parse(
    text: &str,
    origin: &str,
    categories: &HashMap<String, Category>,
    lists: &WordLists,
) -> Result<Detector> {
    let file: DetectorFile = toml::from_str(text)
        .map_err(|e| mistake::told(&e))
        .with_context(|| format!("detector file {origin}"))?;
    let fault = |what: String| anyhow::anyhow!("detector file {origin}: {what}");
    if !categories.contains_key(&file.category) {
        return Err(fault(format!("category {:?} is not in categories.toml", file.category)));
    }
    let function = |name: &str| {
        validate::by_name(name).ok_or_else(|| {
            let known = validate::names().join(", ");
            fault(format!("unknown validator {name:?}; there are: {known}"))
        })
    };
    let validator = match file.validator {
        None if file.pattern.is_none() => {
            return Err(fault("a detector needs a `pattern`, a `validator` or both".into()));
        }
        None => None,
        Some(name) => function(&name).map(|f| Some((name, f)))?,
    };
    let looks = |p: ProseFile| function(&p.validator).map(|validator| prose(p, validator));
    let prose = file.prose.map(looks).transpose()?;
    if file.digits.is_some_and(|n| !LOSING_ZEROS.contains(&n) || validator.is_none()) {
        let (least, most) = (LOSING_ZEROS.start(), LOSING_ZEROS.end());
        return Err(fault(format!("`digits`: {least} to {most} are expected, and a `validator`")));
    }
    if file.pattern.is_none() && file.headers.is_empty() {
        return Err(fault("a detector without a `pattern` needs `headers`".into()));
    }
    let chance = match file.chance {
        None if file.pattern.is_none() => BTreeMap::new(),
        // Whoever gives a shape and nothing else wants what has it listed.
        None => {
            let assumed = if validator.is_none() { OF_A_SHAPE } else { OF_A_CHECK };
            BTreeMap::from([("strict".to_owned(), assumed)])
        }
        Some(Chance::One(p)) => BTreeMap::from([("strict".to_owned(), p)]),
        Some(Chance::PerRung(map)) => map,
    };
    if let Some((rung, p)) = chance.iter().find(|(_, p)| !(0.0..=1.0).contains(*p)) {
        return Err(fault(format!(
            "chance of rung {rung:?} is {p}: a share between 0 and 1 is expected"
        )));
    }
    let expand = |words: Vec<String>| {
        expand(words, lists).map_err(|name| {
            let known = lists.keys().map(String::as_str).collect::<Vec<_>>().join(", @");
            fault(format!("there is no word list {name:?}; there are: @{known}"))
        })
    };
    let (keywords, mut headers) = (expand(file.keywords)?, expand(file.headers)?);
    headers.extend(file.full_headers.iter().cloned());
    let own: HashSet<&str> = keywords.iter().chain(&headers).map(String::as_str).collect();
    let mut against = expand(file.against)?;
    against.retain(|w| !own.contains(w.as_str()));
    Ok(Detector {
        listed: !file.category.starts_with(IMPERSONAL),
        own_words: file.own_words,
        weak_labels: file.weak_labels,
        needs_name: file.needs_name,
        beside: file.beside,
        once: file.once,
        id: file.id,
        name: file.name,
        category: file.category,
        regions: file.regions,
        pattern: file.pattern.as_deref().map(with_capitals),
        digits: file.digits,
        damaged_pattern: file.digits.map(|n| format!(r"[1-9]\d{{{},{}}}", n - 3, n - 2)),
        prose,
        validator,
        chance,
        normal: file.normal,
        keywords,
        abbreviations: file.abbreviations,
        headers,
        weak_headers: file.weak_headers,
        ending_headers: file.ending_headers,
        asking_headers: file.asking_headers,
        full_headers: file.full_headers,
        against,
        against_numbers: file.against_numbers,
        common: file.common,
        separators: file.separators,
        version: file.version,
        prior: file.prior,
        sources: file.sources,
        examples: file.example,
        counters: file.counter,
        origin: origin.to_owned(),
    })
}

/// Puts the words of lists in place of their names, each word once; the name of one that does not exist is the error.
fn expand(words: Vec<String>, lists: &WordLists) -> Result<Vec<String>, String> {
    let mut out: Vec<&String> = Vec::with_capacity(words.len());
    for word in &words {
        match word.strip_prefix('@') {
            Some(name) => out.extend(lists.get(name).ok_or_else(|| word.clone())?),
            None => out.push(word),
        }
    }
    let mut known = HashSet::with_capacity_and_hasher(out.len(), Default::default());
    out.retain(|word| known.insert(word.as_str()));
    Ok(out.into_iter().cloned().collect())
}

fn select(detectors: &mut Vec<Detector>, selection: &Selection) -> Result<()> {
    for id in selection.only.iter().chain(&selection.except) {
        if !detectors.iter().any(|d| &d.id == id) {
            bail!("there is no detector {id:?}; `datakart patterns list` shows all");
        }
    }
    detectors.retain(|d| {
        (selection.only.is_empty() || selection.only.contains(&d.id))
            && !selection.except.contains(&d.id)
    });
    detectors.iter_mut().for_each(|d| d.listed |= selection.only.contains(&d.id));
    Ok(())
}
