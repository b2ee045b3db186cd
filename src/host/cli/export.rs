//! `export`.

use super::arguments::Arguments;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::output::{Output, visible};
use super::source::STREAM;
use super::store::Store;
use crate::engine::{Export, ExportProgress, ExportScope};
use crate::storage::{NewFile, SqliteStorage};
use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use serde::Serialize;
use std::ffi::OsStr;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// The file, which must not be there yet. -: stdout, on which nothing else is said then.
    file: PathBuf,
    /// The projects' ids, or how they begin; none: every project.
    #[arg(value_name = "PROJECT")]
    projects: Vec<String>,
    /// Compress it; by itself if the file's name ends with .gz.
    #[arg(long, conflicts_with = "no_gzip")]
    gzip: bool,
    /// Don't compress it, whatever its name is.
    #[arg(long)]
    no_gzip: bool,
}

impl ExportArguments {
    fn is_to_stdout(&self) -> bool {
        self.file.as_os_str() == STREAM
    }

    fn is_compressed(&self) -> bool {
        let extension = self.file.extension().and_then(OsStr::to_str);
        let is_named_so = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        self.gzip || is_named_so && !self.no_gzip
    }
}

#[derive(Serialize)]
struct Exported {
    store: String,
    file: String,
    gzip: bool,
    /// Of the file.
    file_bytes: u64,
    projects: u64,
    entries: u64,
    bodies: u64,
    /// Uncompressed.
    bytes: u64,
}

pub(super) async fn run(
    store: &Store,
    arguments: &Arguments,
    output: &Output,
    how: &ExportArguments,
) -> Result<(), Failure> {
    if how.is_to_stdout() {
        if how.is_compressed() && std::io::stdout().is_terminal() {
            let why = "compressed bytes are nothing for a terminal: name a file, or redirect them";
            return Err(Failure::Usage(why.to_owned()));
        }
        let export = begin(store, how).await?;
        let mut sink = Sink::to(std::io::stdout().lock(), how.is_compressed());
        // Whoever waits for a reader has to be ended at once; there is nothing to clean up.
        write_all(export, output, &mut sink).await?;
        sink.finish()?;
        return Ok(());
    }
    let target = NewFile::at(&how.file, &arguments.store)?;
    let export = begin(store, how).await?;
    let listening = Interrupt::listen();
    let unfinished = target.begin(&arguments.store)?;
    let file = std::fs::OpenOptions::new()
        .append(true)
        .open(unfinished.file())
        .map_err(|error| unfinished.failed(error))?;
    let mut sink = Sink::to(file, how.is_compressed());
    let written = write_all(export, output, &mut sink).await;
    let (progress, file_bytes) = match written {
        Ok(progress) => (
            progress,
            sink.finish().map_err(|error| unfinished.failed(error))?,
        ),
        // Of the file, not of an answer.
        Err(Failure::Output(error)) => return Err(unfinished.failed(error).into()),
        Err(failure) => return Err(failure),
    };
    let path = unfinished.finish()?;
    drop(listening);
    let exported = Exported::of(&arguments.store, &path, how, progress, file_bytes);
    output.answer(&exported, || exported.told())?;
    Ok(())
}

async fn begin(store: &Store, how: &ExportArguments) -> Result<Export<SqliteStorage>, Failure> {
    let mut projects = Vec::with_capacity(how.projects.len());
    for project in &how.projects {
        projects.push(store.find_project(project).await?);
    }
    let scope = if projects.is_empty() {
        ExportScope::Store
    } else {
        ExportScope::Projects(projects)
    };
    Ok(store.export(scope).await?)
}

async fn write_all(
    mut export: Export<SqliteStorage>,
    output: &Output,
    sink: &mut Sink<impl Write>,
) -> Result<ExportProgress, Failure> {
    let bar = bar(output, export.progress());
    let written = async {
        while let Some(piece) = export.next().await? {
            sink.write(&piece)?;
            bar.set_position(export.progress().entries);
            if Interrupt::was_asked_for() {
                return Err(Failure::Cancelled("export"));
            }
        }
        Ok(())
    };
    let written = written.await;
    bar.finish_and_clear();
    written.map(|()| export.progress())
}

fn bar(output: &Output, begun: ExportProgress) -> ProgressBar {
    if !output.is_watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} entries exported")
        .expect("the template is well formed");
    ProgressBar::new(begun.entries_in_all).with_style(style)
}

/// Where a bundle is written to.
enum Sink<W: Write> {
    Plain(Counted<W>),
    Compressed(GzEncoder<Counted<W>>),
}

impl<W: Write> Sink<W> {
    fn to(to: W, is_compressed: bool) -> Self {
        let to = Counted { to, bytes: 0 };
        if is_compressed {
            Sink::Compressed(GzEncoder::new(to, Compression::default()))
        } else {
            Sink::Plain(to)
        }
    }

    fn write(&mut self, piece: &[u8]) -> std::io::Result<()> {
        match self {
            Sink::Plain(to) => to.write_all(piece),
            Sink::Compressed(encoder) => encoder.write_all(piece),
        }
    }

    /// How many bytes there are now.
    fn finish(self) -> std::io::Result<u64> {
        let mut to = match self {
            Sink::Plain(to) => to,
            Sink::Compressed(encoder) => encoder.finish()?,
        };
        to.flush()?;
        Ok(to.bytes)
    }
}

struct Counted<W> {
    to: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let length = self.to.write(bytes)?;
        self.bytes += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

impl Exported {
    fn of(
        store: &Path,
        path: &Path,
        how: &ExportArguments,
        progress: ExportProgress,
        file_bytes: u64,
    ) -> Self {
        Self {
            store: store.display().to_string(),
            file: path.display().to_string(),
            gzip: how.is_compressed(),
            file_bytes,
            projects: progress.projects,
            entries: progress.entries,
            bodies: progress.bodies,
            bytes: progress.bytes,
        }
    }

    fn told(&self) -> String {
        let projects = match self.projects {
            1 => "1 project".to_owned(),
            projects => format!("{projects} projects"),
        };
        let bytes = HumanBytes(self.file_bytes);
        format!("exported {projects} to {} ({bytes})", visible(&self.file))
    }
}
