//! What a line says.

use super::{BUNDLE_VERSION, BundleCounts, BundleFault, BundleOrigin, BundleProject};
use crate::journal::Head;
use crate::model::{
    Actor, Digest, InvalidInput, Name, ProjectId, Revision, Timestamp, from_json, misread,
};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// How each line begins.
const TYPE: &str = r#"{"type":""#;

/// A line, read.
#[derive(Debug)]
pub(super) enum Line<'a> {
    Origin(BundleOrigin),
    Project(BundleProject),
    Entry { digest: Digest, text: &'a str },
    Body { digest: Digest, text: String },
    End(BundleCounts, Digest),
}

impl<'a> Line<'a> {
    pub(super) fn read(line: &'a str) -> Result<Self, BundleFault> {
        let rest = line.strip_prefix(TYPE);
        let kind = rest.and_then(|rest| rest.split_once('"'));
        match kind {
            Some(("holdpoint_bundle", _)) => origin(line),
            Some(("project", _)) => project(line),
            Some(("entry", rest)) => entry(rest),
            Some(("body", _)) => body(line),
            Some(("end", _)) => end(line),
            _ => Err(malformed(
                "a line of a bundle that says its type first",
                line,
            )),
        }
    }

    /// As it is named in messages.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Line::Origin(_) => "another first line",
            Line::Project(_) => "a project",
            Line::Entry { .. } => "an entry",
            Line::Body { .. } => "a body",
            Line::End(..) => "the end",
        }
    }
}

/// The type that a line begins with, which was looked at already.
type Said = IgnoredAny;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OriginForm {
    #[serde(rename = "type")]
    _said: Said,
    #[serde(rename = "v")]
    _version: Said,
    exported_at: Timestamp,
    exported_by: Actor,
}

/// Whatever else a first line says in another version.
#[derive(Deserialize)]
struct VersionForm {
    v: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectForm {
    #[serde(rename = "type")]
    _said: Said,
    project: ProjectId,
    revision: Revision,
    digest: Digest,
    name: Name,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyForm {
    #[serde(rename = "type")]
    _said: Said,
    digest: Digest,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndForm {
    #[serde(rename = "type")]
    _said: Said,
    projects: u64,
    entries: u64,
    bodies: u64,
    digest: Digest,
}

/// Reads a line that is an object with these fields and no others.
fn form<'a, T: Deserialize<'a>>(line: &'a str) -> Result<T, BundleFault> {
    from_json(line).map_err(|error| misread("the line", line, &error).into())
}

fn origin(line: &str) -> Result<Line<'_>, BundleFault> {
    let VersionForm { v } = form(line)?;
    if v > BUNDLE_VERSION {
        return Err(BundleFault::TooNew {
            known: BUNDLE_VERSION,
            found: format!("version {v}"),
        });
    }
    if v != BUNDLE_VERSION {
        let expected = format!("a bundle of version {BUNDLE_VERSION}");
        return Err(BundleFault::invalid(expected, format!("version {v}")));
    }
    let OriginForm {
        exported_at,
        exported_by,
        ..
    } = form(line)?;
    Ok(Line::Origin(BundleOrigin {
        exported_at,
        exported_by,
    }))
}

fn project(line: &str) -> Result<Line<'_>, BundleFault> {
    let ProjectForm {
        project,
        revision,
        digest,
        name,
        ..
    } = form(line)?;
    if revision < Revision::FIRST {
        return Err(BundleFault::invalid(
            "a journal with an entry",
            format!("one that ends at revision {revision}"),
        ));
    }
    Ok(Line::Project(BundleProject {
        project,
        head: Head { revision, digest },
        name,
    }))
}

/// By its bytes, not as JSON: the entry's own are needed as they are.
fn entry(rest: &str) -> Result<Line<'_>, BundleFault> {
    let parts = rest
        .strip_prefix(r#","digest":""#)
        .and_then(|rest| rest.split_once(r#"","entry":"#))
        .and_then(|(digest, rest)| Some((digest, rest.strip_suffix('}')?)));
    let Some((digest, text)) = parts else {
        return Err(malformed(
            r#""digest", then "entry" and nothing else"#,
            rest,
        ));
    };
    let digest = digest.parse()?;
    Ok(Line::Entry { digest, text })
}

fn body(line: &str) -> Result<Line<'_>, BundleFault> {
    let BodyForm { digest, text, .. } = form(line)?;
    Ok(Line::Body { digest, text })
}

fn end(line: &str) -> Result<Line<'_>, BundleFault> {
    let EndForm {
        projects,
        entries,
        bodies,
        digest,
        ..
    } = form(line)?;
    let counts = BundleCounts {
        projects,
        entries,
        bodies,
    };
    Ok(Line::End(counts, digest))
}

fn malformed(expected: &str, found: &str) -> BundleFault {
    InvalidInput::malformed("line", expected, found).into()
}
