//! `import` of a bundle.

use super::arguments::Arguments;
use super::failure::Failure;
use super::import::BundleArguments;
use super::interrupt::Interrupt;
use super::output::{Output, one_line, visible};
use super::source::Source;
use super::store::Store;
use crate::engine::{EngineError, ImportOptions, ImportReport, ImportedProject};
use crate::journal::bundle::{BundleLimits, Reader};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// How much is looked at at once.
const PIECE: usize = 256 << 10;

/// How many projects are shown to people; programs get all.
const SHOWN: usize = 20;

#[derive(Serialize)]
struct Imported {
    /// The file, or stdin.
    file: String,
    #[serde(flatten)]
    report: ImportReport,
}

/// Reads a bundle once for nothing but to refuse it, where a refusal would leave a store behind that
/// wasn't there before.
pub(super) async fn check(
    arguments: &Arguments,
    output: &Output,
    how: &BundleArguments,
    source: &mut Source,
) -> Result<(), Failure> {
    if !source.is_file() || arguments.store.exists() {
        return Ok(());
    }
    let mut reader = Reader::new(how.options().limits);
    read(output, source, "checked", async |compressed, mut piece| {
        if let Some(bytes) = compressed {
            reader.compressed(bytes);
        }
        while reader.read(&mut piece)?.is_some() {}
        Ok(())
    })
    .await?;
    reader.finish().map_err(EngineError::from)?;
    Ok(())
}

/// Puts a bundle's projects into the store, or none of them.
pub(super) async fn import(
    store: &Store,
    output: &Output,
    how: &BundleArguments,
    mut source: Source,
) -> Result<(), Failure> {
    let mut import = store.import(how.options());
    read(output, &mut source, "read", async |compressed, piece| {
        if let Some(bytes) = compressed {
            import.compressed(bytes);
        }
        import.push(piece).await
    })
    .await?;
    let imported = Imported {
        file: source.name().to_owned(),
        report: import.finish().await?,
    };
    output.answer(&imported, || imported.told())?;
    Ok(())
}

/// Gives all that is read, piece by piece, and how much of a compressed file that was made of.
async fn read(
    output: &Output,
    source: &mut Source,
    done: &str,
    take: impl AsyncFnMut(Option<u64>, &[u8]) -> Result<(), EngineError>,
) -> Result<(), Failure> {
    // Whoever waits for a stream has to be ended at once; nothing has been written yet.
    let _listening = source.is_file().then(Interrupt::listen);
    let bar = bar(output, source, done);
    let taken = read_all(source, &bar, take).await;
    bar.finish_and_clear();
    match taken {
        Err(Failure::Cancelled(what)) => Err(Failure::Cancelled(what)),
        // What is wrong with a file that somebody writes to is that.
        taken => source.unchanged().and(taken),
    }
}

async fn read_all(
    source: &mut Source,
    bar: &ProgressBar,
    mut take: impl AsyncFnMut(Option<u64>, &[u8]) -> Result<(), EngineError>,
) -> Result<(), Failure> {
    let mut reading = source.begin()?;
    let mut piece = vec![0; PIECE];
    loop {
        let length = reading.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        take(reading.compressed(), &piece[..length]).await?;
        bar.set_position(reading.taken());
        if Interrupt::was_asked_for() {
            return Err(Failure::Cancelled("import"));
        }
    }
}

fn bar(output: &Output, source: &Source, done: &str) -> ProgressBar {
    if !output.is_watched() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match source.length() {
        Some(length) => (ProgressBar::new(length), "{bar:30} {bytes}/{total_bytes}"),
        None => (ProgressBar::no_length(), "{bytes}"),
    };
    let style = ProgressStyle::with_template(&format!("{template} {done}"));
    bar.with_style(style.expect("the template is well formed"))
}

impl Imported {
    fn told(&self) -> String {
        let report = &self.report;
        let mut lines = vec![format!(
            "imported {} from {}, exported at {} by {}",
            match report.projects.len() {
                1 => "1 project".to_owned(),
                projects => format!("{projects} projects"),
            },
            visible(&self.file),
            report.exported_at,
            visible(report.exported_by.as_str())
        )];
        lines.extend(report.projects.iter().take(SHOWN).map(project));
        if let Some(more @ 1..) = report.projects.len().checked_sub(SHOWN) {
            lines.push(format!("and {more} more"));
        }
        lines.join("\n")
    }
}

fn project(imported: &ImportedProject) -> String {
    let ImportedProject {
        project,
        from,
        revision,
        ..
    } = imported;
    let copy = if project == from {
        String::new()
    } else {
        format!(" (a copy of {from})")
    };
    let name = one_line(imported.name.as_str(), 60);
    format!("project {project}{copy} at revision {revision}: {name}")
}

impl BundleArguments {
    fn options(&self) -> ImportOptions {
        let default = BundleLimits::DEFAULT;
        ImportOptions {
            limits: BundleLimits {
                bytes: self.max_bytes.unwrap_or(default.bytes),
                line_bytes: self.max_line_bytes.unwrap_or(default.line_bytes),
                lines: self.max_lines.unwrap_or(default.lines),
                ratio: self.max_ratio.unwrap_or(default.ratio),
                ..default
            },
            as_copies: self.as_copy,
            revive: self.bring_back,
        }
    }
}
