//! What `doorward audit verify` says: a line or two for the operator, and whether the journal is whole.
use super::{Answer, Fault, Kept, Trust, Verified, verify, verify_file};
use crate::db::Store;
use std::path::Path;

/// The outcome: exit code 0 where it is whole, 1 where it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Whether every line holds.
    pub is_whole: bool,
    /// What to print.
    pub lines: Vec<String>,
}

/// Checks the whole store against the data folder's newest checkpoints.
pub async fn audit_store(store: &Store, trust: &Trust, data_dir: &Path) -> Result<Audit, Fault> {
    let kept = Kept::load(data_dir)?;
    Ok(Audit::of(&verify(store, trust, &kept).await?))
}

/// Checks an exported file, offline. Blocking.
pub fn audit_file(path: &Path, trust: &Trust) -> Result<Audit, Fault> {
    if trust.is_empty() {
        return Err(Fault::unreadable(
            path,
            "there is no key to verify it with: name a file like journal.pub by --key",
        ));
    }
    Ok(Audit::of(&verify_file(path, trust)?))
}

impl Audit {
    pub(super) fn of(answer: &Answer) -> Self {
        match answer {
            Answer::Whole(verified) => Self {
                is_whole: true,
                lines: words(verified),
            },
            Answer::Broken(broken) => Self {
                is_whole: false,
                lines: vec![format!("broken: {broken}")],
            },
        }
    }
}

fn words(verified: &Verified) -> Vec<String> {
    let Verified {
        streams,
        events,
        erased,
        left_out,
        checkpoints,
        unproved,
    } = *verified;
    let counted = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let mut told = format!(
        "whole: {} in {}, {} held",
        counted(events, "event", "events"),
        counted(streams, "stream", "streams"),
        counted(checkpoints, "checkpoint", "checkpoints")
    );
    for (n, what) in [
        (erased, "with the personal part erased"),
        (left_out, "left out by the filter of the export"),
    ] {
        if n > 0 {
            told = format!("{told}, {n} {what}");
        }
    }
    let mut lines = vec![told];
    if unproved > 0 {
        lines.push(format!(
            "not yet proved: {}, younger than the newest checkpoint",
            counted(unproved, "event", "events")
        ));
    }
    lines
}
