//! Mistakes in files that people write, in their words: what reads TOML tells types of the program.

use anyhow::Error;

/// What the reader of TOML expects, and what that is in a file.
const EXPECTED: [(&str, &str); 6] = [
    ("expected a sequence", "expected a list, such as [\"…\", \"…\"]"),
    ("expected usize", "expected a whole number, such as 11"),
    ("expected u32", "expected a whole number, such as 2"),
    ("expected f64", "expected a number, such as 0.01"),
    ("expected a boolean", "expected true or false"),
    ("expected a string", "expected a text in quotes"),
];

/// A mistake with its place, as people write such files.
pub fn told(e: &toml::de::Error) -> Error {
    let words = EXPECTED.iter().fold(e.to_string(), |text, (from, to)| text.replace(from, to));
    Error::msg(words)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_type_is_told_with_what_to_write() {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only the mistakes are looked at")]
        struct File {
            headers: Option<Vec<String>>,
            digits: Option<usize>,
        }
        for (text, says) in
            [("headers = \"a\"", "[\"…\", \"…\"]"), ("digits = \"a\"", "whole number")]
        {
            let said = told(&toml::from_str::<File>(text).unwrap_err()).to_string();
            assert!(said.contains(says) && said.contains("line 1"), "{said}");
        }
    }
}
