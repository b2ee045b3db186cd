//! Reading a bundle as its bytes come.

use super::line::Line;
use super::lines::Lines;
use super::section::Section;
use super::{
    BUNDLE_TAG, BundleCounts, BundleError, BundleFault, BundleLimits, BundleOrigin, BundleProject,
};
use crate::journal::Sealed;
use crate::model::{Blob, Digest, Hasher, Project, ProjectId};
use std::collections::BTreeSet;

/// Something that a bundle has, checked as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// It begins.
    Origin(BundleOrigin),
    /// A project begins.
    Project(BundleProject),
    /// The next entry of its journal.
    Entry(Sealed),
    /// A body that its entries need.
    Body(Blob),
    /// The project is whole: its journal ends where it was said to, and every body is there. With
    /// the state at its end.
    Whole(Box<Project>),
    /// The bundle has ended. Until then all may still prove to be worth nothing.
    End(BundleCounts),
}

/// Reads a bundle from pieces of any size, and checks it on the way: its form, every link of the
/// chains, every digest, and the limits.
///
/// ```
/// # use holdpoint::journal::bundle::{BundleError, BundleLimits, Reader, Record};
/// # fn read(pieces: &[&[u8]]) -> Result<u64, BundleError> {
/// let mut reader = Reader::new(BundleLimits::default());
/// for mut piece in pieces.iter().copied() {
///     while let Some(record) = reader.read(&mut piece)? {
///         if let Record::Project(project) = record {
///             println!("{}", project.name);
///         }
///     }
/// }
/// let counts = reader.finish()?;
/// # Ok(counts.entries)
/// # }
/// # assert_eq!(read(&[b""]).unwrap_err().line, 1);
/// ```
#[derive(Debug)]
pub struct Reader {
    limits: BundleLimits,
    lines: Lines,
    hasher: Hasher,
    stage: Stage,
    /// Projects so far.
    seen: BTreeSet<ProjectId>,
    counts: BundleCounts,
    /// A line may end one thing and begin another.
    next: Option<Record>,
    failed: Option<BundleError>,
}

/// Where in a bundle it is.
#[derive(Debug)]
enum Stage {
    Start,
    Between,
    Project(Box<Section>),
    Ended,
}

impl Reader {
    /// Before the first byte.
    #[must_use]
    pub fn new(limits: BundleLimits) -> Self {
        Self {
            limits,
            lines: Lines::new(limits),
            hasher: Hasher::tagged(BUNDLE_TAG),
            stage: Stage::Start,
            seen: BTreeSet::new(),
            counts: BundleCounts::default(),
            next: None,
            failed: None,
        }
    }

    /// Takes from the front of these bytes up to the next record. None: all were taken, and there
    /// has to be more.
    ///
    /// # Errors
    /// [`BundleError`] says where and what. From then on it says so again.
    pub fn read(&mut self, bytes: &mut &[u8]) -> Result<Option<Record>, BundleError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let record = self.next(bytes);
        self.failed = record.as_ref().err().cloned();
        record
    }

    /// Says how many compressed bytes were taken so far, by whoever decompresses them, so that one
    /// that grows beyond measure is refused before it is kept.
    pub fn compressed(&mut self, bytes: u64) {
        self.lines.compressed(bytes);
    }

    /// Bytes so far, decompressed.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.lines.bytes()
    }

    /// What there was so far.
    #[must_use]
    pub const fn counts(&self) -> BundleCounts {
        self.counts
    }

    /// There are no more bytes.
    ///
    /// # Errors
    /// [`BundleError`] if it has not ended: it was cut off.
    pub fn finish(&self) -> Result<BundleCounts, BundleError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let expected = match &self.stage {
            Stage::Ended => return Ok(self.counts),
            _ if self.lines.is_within_a_line() => "a line feed at its end".to_owned(),
            stage => stage.expects(),
        };
        let fault = BundleFault::invalid(expected, "the end of the file");
        Err(fault.at(self.lines.number() + 1))
    }

    fn next(&mut self, bytes: &mut &[u8]) -> Result<Option<Record>, BundleError> {
        if let Some(record) = self.next.take() {
            return Ok(Some(record));
        }
        if matches!(self.stage, Stage::Ended) && !bytes.is_empty() {
            let fault = BundleFault::invalid("nothing after the end", "more bytes");
            return Err(fault.at(self.lines.number() + 1));
        }
        let Some(line) = self.lines.take(bytes)? else {
            return Ok(None);
        };
        let record = self.line(&line);
        // The last line has the digest of those before it.
        self.hasher.update(line.as_bytes()).update(b"\n");
        let record = record.map_err(|fault| fault.at(self.lines.number()))?;
        Ok(Some(record))
    }

    fn line(&mut self, text: &str) -> Result<Record, BundleFault> {
        match (&mut self.stage, Line::read(text)?) {
            (Stage::Start, Line::Origin(origin)) => {
                self.stage = Stage::Between;
                Ok(Record::Origin(origin))
            }
            (Stage::Project(section), Line::Entry { digest, text }) => {
                let sealed = section.entry(digest, text)?;
                self.counts.entries += 1;
                Ok(Record::Entry(sealed))
            }
            (Stage::Project(section), Line::Body { digest, text }) => {
                let blob = section.body(digest, text, &self.limits)?;
                self.counts.bodies += 1;
                Ok(Record::Body(blob))
            }
            (Stage::Between, Line::Project(said)) => self.begin(said),
            (Stage::Between, Line::End(counts, digest)) => self.end(counts, digest),
            (Stage::Project(section), line @ (Line::Project(_) | Line::End(..)))
                if section.is_whole() =>
            {
                let whole = Record::Whole(Box::new(section.end()?));
                self.next = Some(match line {
                    Line::Project(said) => self.begin(said)?,
                    Line::End(counts, digest) => self.end(counts, digest)?,
                    _ => unreachable!("the pattern has these two only"),
                });
                Ok(whole)
            }
            (stage, line) => Err(BundleFault::invalid(stage.expects(), line.name())),
        }
    }

    fn begin(&mut self, said: BundleProject) -> Result<Record, BundleFault> {
        if !self.seen.insert(said.project) {
            let found = format!("{} once more", said.project);
            return Err(BundleFault::invalid("another project", found));
        }
        self.counts.projects += 1;
        self.stage = Stage::Project(Box::new(Section::begin(said.clone())));
        Ok(Record::Project(said))
    }

    fn end(&mut self, said: BundleCounts, digest: Digest) -> Result<Record, BundleFault> {
        let counts = self.counts;
        if said != counts {
            return Err(BundleFault::invalid(counts.to_string(), said.to_string()));
        }
        let expected = self.hasher.finish();
        if digest != expected {
            return Err(BundleFault::invalid(
                format!("the digest of all lines before it, {expected}"),
                digest.to_string(),
            ));
        }
        self.stage = Stage::Ended;
        Ok(Record::End(counts))
    }
}

impl Stage {
    /// What has to come next, in words.
    fn expects(&self) -> String {
        match self {
            Stage::Start => "the first line of a bundle".to_owned(),
            Stage::Between => "a project or the end".to_owned(),
            Stage::Project(section) => section.expects(),
            Stage::Ended => "nothing after the end".to_owned(),
        }
    }
}
