//! Writing a bundle.

use super::{BUNDLE_TAG, BUNDLE_VERSION, BundleCounts, BundleOrigin, BundleProject};
use crate::journal::Sealed;
use crate::model::{Actor, Digest, Hasher, Name, ProjectId, Revision, Timestamp};
use serde::Serialize;

/// Makes the lines of a bundle, for whoever takes them: in the order of the form, which is the
/// caller's to keep. Each project is begun, then come its entries, then its bodies in the order of
/// their digests.
#[derive(Debug)]
pub struct Writer {
    lines: Vec<u8>,
    hasher: Hasher,
    counts: BundleCounts,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    HoldpointBundle {
        v: u32,
        exported_at: Timestamp,
        exported_by: &'a Actor,
    },
    Project {
        project: ProjectId,
        revision: Revision,
        digest: Digest,
        name: &'a Name,
    },
    Body {
        digest: Digest,
        text: &'a str,
    },
    End {
        projects: u64,
        entries: u64,
        bodies: u64,
        digest: Digest,
    },
}

impl Writer {
    /// Begins a bundle.
    #[must_use]
    pub fn begin(origin: &BundleOrigin) -> Self {
        let mut writer = Self {
            lines: Vec::new(),
            hasher: Hasher::tagged(BUNDLE_TAG),
            counts: BundleCounts::default(),
        };
        writer.json(&Line::HoldpointBundle {
            v: BUNDLE_VERSION,
            exported_at: origin.exported_at,
            exported_by: &origin.exported_by,
        });
        writer
    }

    /// Begins a project.
    pub fn project(&mut self, project: &BundleProject) {
        self.counts.projects += 1;
        self.json(&Line::Project {
            project: project.project,
            revision: project.head.revision,
            digest: project.head.digest,
            name: &project.name,
        });
    }

    /// The next entry of the project.
    pub fn entry(&mut self, entry: &Sealed) {
        self.counts.entries += 1;
        let begin = format!(r#"{{"type":"entry","digest":"{}","entry":"#, entry.digest);
        let line = [begin.as_bytes(), entry.text.as_bytes(), b"}"];
        self.line(|lines| line.iter().for_each(|part| lines.extend_from_slice(part)));
    }

    /// The next body of the project.
    pub fn body(&mut self, digest: Digest, text: &str) {
        self.counts.bodies += 1;
        self.json(&Line::Body { digest, text });
    }

    /// Ends the bundle.
    pub fn end(&mut self) {
        let BundleCounts {
            projects,
            entries,
            bodies,
        } = self.counts;
        self.json(&Line::End {
            projects,
            entries,
            bodies,
            digest: self.hasher.finish(),
        });
    }

    /// What there was so far.
    #[must_use]
    pub const fn counts(&self) -> BundleCounts {
        self.counts
    }

    /// How many bytes there are to take.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lines.len()
    }

    /// Takes what was written since.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.lines)
    }

    fn json(&mut self, line: &Line<'_>) {
        self.line(|lines| {
            serde_json::to_writer(lines, line).expect("texts and numbers can be written as JSON");
        });
    }

    fn line(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.lines.len();
        write(&mut self.lines);
        self.lines.push(b'\n');
        self.hasher.update(&self.lines[start..]);
    }
}
