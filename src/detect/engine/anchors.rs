//! Anchors: `^…$` around a pattern, as many write it, asks for what is added anyway. In what is searched a value stands
//! between others and has no end of its own, so with its anchors such a pattern would never match.

use anyhow::{Result, bail};
use regex_syntax::hir::{Hir, HirKind, Look};

/// A pattern without the anchors at its ends.
///
/// # Errors
/// One that stands between parts of it.
pub fn without_anchors(hir: Hir) -> Result<Hir> {
    match hir.properties().look_set().contains_anchor() {
        true => strip(&hir, true, true),
        false => Ok(hir),
    }
}

/// The same of a part; whether nothing stands before it, and behind it.
fn strip(hir: &Hir, is_first: bool, is_last: bool) -> Result<Hir> {
    if !hir.properties().look_set().contains_anchor() {
        return Ok(hir.clone());
    }
    Ok(match hir.kind() {
        HirKind::Look(look) if is_first && is_start(*look) || is_last && is_end(*look) => {
            Hir::empty()
        }
        HirKind::Capture(capture) => strip(&capture.sub, is_first, is_last)?,
        HirKind::Repetition(repetition) if repetition.max == Some(1) => {
            let mut repetition = repetition.clone();
            repetition.sub = Box::new(strip(&repetition.sub, is_first, is_last)?);
            Hir::repetition(repetition)
        }
        HirKind::Alternation(list) => {
            let parts = list.iter().map(|part| strip(part, is_first, is_last));
            Hir::alternation(parts.collect::<Result<_>>()?)
        }
        HirKind::Concat(list) => {
            let is_nothing =
                |parts: &[Hir]| parts.iter().all(|p| p.properties().maximum_len() == Some(0));
            let part = |(at, part)| {
                let (before, behind) = (&list[..at], &list[at + 1..]);
                strip(part, is_first && is_nothing(before), is_last && is_nothing(behind))
            };
            Hir::concat(list.iter().enumerate().map(part).collect::<Result<_>>()?)
        }
        _ => bail!(
            "`pattern`: ^ and $ (\\A, \\z) can stand at its ends only, where they ask for what is added anyway: that no \
             word goes on there"
        ),
    })
}

fn is_start(look: Look) -> bool {
    matches!(look, Look::Start | Look::StartLF | Look::StartCRLF)
}

fn is_end(look: Look) -> bool {
    matches!(look, Look::End | Look::EndLF | Look::EndCRLF)
}
