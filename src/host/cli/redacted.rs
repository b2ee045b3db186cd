//! Texts that are removed for good.

use super::failure::Failure;
use super::output::{Output, visible};
use super::store::Store;
use crate::machine::{Command, Outcome};
use crate::model::ProjectId;
use crate::views::RedactionView;

/// Removes a text for good.
pub(super) async fn removed(
    store: &Store,
    output: &Output,
    project: ProjectId,
    command: Command,
) -> Result<(), Failure> {
    let receipt = store.execute(project, command).await?;
    output.answer(&receipt, || match &receipt.outcome {
        Outcome::BodyRedacted { digest } => {
            format!("the text with digest {digest} is removed for good")
        }
        other => unreachable!("a text was removed, found {other:?}"),
    })?;
    Ok(())
}

/// What became of a text that was removed for good.
pub(super) fn redaction_text(redaction: &RedactionView) -> String {
    let reason = redaction.reason.as_ref();
    let reason = reason.map(|reason| format!(": {}", visible(reason.as_str())));
    format!(
        "removed for good by {} at {}{}",
        visible(redaction.by.as_str()),
        redaction.at,
        reason.unwrap_or_default()
    )
}
