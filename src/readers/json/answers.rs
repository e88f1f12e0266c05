//! Questions and their answers, as exports of forms have them: `{"question": "Full name", "answer": "…"}`. What stands
//! under the second key is a value of the field that the first names.

use std::collections::HashMap;

use super::tree::Tree;
use crate::unit::{Sink, SlotId};

/// What a key says of its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// It names what is asked for.
    Question,
    /// It is what is answered.
    Answer,
    Neither,
}

const QUESTIONS: &[&str] = &[
    "question",
    "label",
    "title",
    "prompt",
    "name",
    "key",
    "field",
    "fieldname",
    "field_name",
    "fieldlabel",
    "field_label",
    "attribute",
    "property",
    "questiontext",
    "question_text",
    "displayname",
    "display_name",
    "spørsmål",
    "spørgsmål",
    "fråga",
    "frage",
    "vraag",
    "domanda",
    "pregunta",
    "pergunta",
    "kysymys",
    "pytanie",
    "felt",
    "feld",
    "veld",
    "champ",
    "campo",
];
const ANSWERS: &[&str] = &[
    "answer",
    "value",
    "val",
    "response",
    "text",
    "answertext",
    "answer_text",
    "answervalue",
    "svar",
    "antwort",
    "antwoord",
    "réponse",
    "reponse",
    "risposta",
    "respuesta",
    "resposta",
    "vastaus",
    "odpowiedź",
    "verdi",
    "værdi",
    "värde",
    "wert",
    "waarde",
    "valeur",
    "valor",
    "valore",
];

impl Part {
    /// What a key is.
    pub(super) fn of(key: &[u8]) -> Part {
        let is = |list: &[&str]| list.iter().any(|one| one.as_bytes().eq_ignore_ascii_case(key));
        match key.len() {
            ..3 | 17.. => Part::Neither,
            _ if is(QUESTIONS) => Part::Question,
            _ if is(ANSWERS) => Part::Answer,
            _ => Part::Neither,
        }
    }
}

/// Different questions that are kept in mind; answers to others stay where they are.
const MANY: usize = 256;
/// A longer question names nothing.
const LONG: usize = 60;

/// The questions of a document that name a kind.
#[derive(Default)]
pub(super) struct Answers {
    /// By question, its number, where it names a kind.
    questions: HashMap<Box<[u8]>, Option<u32>>,
    names: Vec<String>,
    /// By the node of an answer and the number of its question.
    slots: HashMap<(u32, u32), SlotId>,
}

impl Answers {
    /// The number of a question, if it names a kind.
    pub(super) fn question(&mut self, text: &[u8], sink: &mut Sink<'_>) -> Option<u32> {
        if text.len() > LONG {
            return None;
        }
        if let Some(known) = self.questions.get(text) {
            return *known;
        }
        if self.questions.len() >= MANY {
            return None;
        }
        let name = std::str::from_utf8(text)
            .ok()
            .map(|name| name.trim().trim_end_matches([':', '?', '*']));
        let name = name.filter(|name| sink.names_field(name));
        let number = name.and_then(|name| {
            self.names.push(name.replace(['.', ' '], "_"));
            u32::try_from(self.names.len() - 1).ok()
        });
        self.questions.insert(text.into(), number);
        number
    }

    /// The slot of the answers below a node to a question.
    pub(super) fn slot(
        &mut self,
        tree: &Tree,
        node: u32,
        question: u32,
        sink: &mut Sink<'_>,
    ) -> SlotId {
        let Answers { names, slots, .. } = self;
        *slots.entry((node, question)).or_insert_with(|| {
            let name = names.get(question as usize).map_or("", String::as_str);
            sink.slot(None, Some(&format!("{}.{name}", tree.path(node))))
        })
    }
}
