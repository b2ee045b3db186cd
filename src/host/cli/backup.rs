//! `backup`, and backups that are made before a command writes.

use super::arguments::Arguments;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::output::{Output, visible};
use super::settings::BackupFolder;
use crate::model::ErrorCode;
use crate::storage::{Backup, BackupOnOpen, BackupProgress, SqliteStorage};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use serde::Serialize;
use std::ops::ControlFlow;
use std::path::Path;

#[derive(Serialize)]
struct BackedUp {
    store: String,
    file: String,
    bytes: u64,
}

impl BackedUp {
    fn of(store: &Path, backup: &Backup) -> Self {
        Self {
            store: store.display().to_string(),
            file: backup.path.display().to_string(),
            bytes: backup.bytes,
        }
    }

    fn told(&self) -> String {
        let bytes = HumanBytes(self.bytes);
        format!("backed up to {} ({bytes})", visible(&self.file))
    }
}

/// `backup`. The store is read only: one of an older program is backed up as it is.
pub(super) fn run(store: &Path, output: &Output, file: &Path) -> Result<(), Failure> {
    let (bar, _listening) = begin(output);
    let backup = SqliteStorage::backup_of(store, file, watched(&bar));
    bar.finish_and_clear();
    let backed_up = BackedUp::of(store, &backup?);
    output.answer(&backed_up, || backed_up.told())?;
    Ok(())
}

/// Backs up a store that is about to be written to, if that is wished.
pub(super) fn before_writing(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let BackupFolder::Folder(folder) = &arguments.backup_on_open else {
        return Ok(());
    };
    let mut how = BackupOnOpen::into_folder(folder);
    how.keep = arguments.backup_keep;
    let (bar, _listening) = begin(output);
    let made = how.run(&arguments.store, watched(&bar));
    bar.finish_and_clear();
    match made {
        Ok(Some(backup)) => {
            if output.is_watched() {
                output.progress(&BackedUp::of(&arguments.store, &backup).told());
            }
            Ok(())
        }
        Ok(None) => Ok(()),
        // Without a backup it would be refused as well.
        Err(error) if matches!(error.code(), ErrorCode::NotAStore | ErrorCode::TooNew) => {
            Err(error.into())
        }
        Err(error) => Err(Failure::BackupOnOpen(error)),
    }
}

fn begin(output: &Output) -> (ProgressBar, Interrupt) {
    let bar = if output.is_watched() {
        let style = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} backed up")
            .expect("the template is well formed");
        ProgressBar::new(0).with_style(style)
    } else {
        ProgressBar::hidden()
    };
    (bar, Interrupt::listen())
}

/// Shows how far it is, and ends it when Ctrl-C was pressed.
fn watched(bar: &ProgressBar) -> impl FnMut(BackupProgress) -> ControlFlow<()> + Send + 'static {
    let bar = bar.clone();
    move |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.copied);
        if Interrupt::was_asked_for() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
