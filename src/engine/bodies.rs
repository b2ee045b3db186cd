//! Bodies: one, or many at a time, for one by one a hundred thousand of them would take a browser minutes.

use super::{EngineError, Inner, Result, load};
use crate::model::{BlobRef, Digest, ProjectId};
use crate::storage::{Storage, StorageError, StorageErrorKind};
use std::sync::Arc;

/// How many bodies are read at once.
const COUNT: usize = 256;
/// How many bytes of bodies are read at once, unless one alone has more.
const BYTES: u64 = 8 << 20;

/// Cuts bodies into parts that fit into memory, in their order.
pub(super) fn parts(bodies: &[BlobRef]) -> impl Iterator<Item = &[BlobRef]> {
    let mut left = bodies;
    std::iter::from_fn(move || {
        let (part, rest) = left.split_at(first_part(left));
        left = rest;
        (!part.is_empty()).then_some(part)
    })
}

/// How many of them come first; one at least, if there are any.
fn first_part(bodies: &[BlobRef]) -> usize {
    let mut bytes = 0;
    let fitting = bodies.iter().take(COUNT).take_while(|body| {
        bytes += u64::from(body.bytes);
        bytes <= BYTES
    });
    fitting.count().max(1).min(bodies.len())
}

/// The texts of such a part.
pub(super) async fn texts<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    part: &[BlobRef],
) -> Result<Vec<Arc<str>>> {
    each(inner, project, part).await?.into_iter().collect()
}

/// The texts of bodies, in parts; none for one that was removed for good.
pub(super) async fn unless_redacted<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    bodies: &[BlobRef],
) -> Result<Vec<Option<Arc<str>>>> {
    let mut texts = Vec::with_capacity(bodies.len());
    for part in parts(bodies) {
        for text in each(inner, project, part).await? {
            texts.push(match text {
                Ok(text) => Some(text),
                Err(EngineError::Redacted { .. }) => None,
                Err(error) => return Err(error),
            });
        }
    }
    Ok(texts)
}

/// What became of each body of such a part.
async fn each<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    part: &[BlobRef],
) -> Result<Vec<Result<Arc<str>>>> {
    let digests = part.iter().map(|body| body.digest).collect();
    let found = inner.storage.blobs(project, digests).await?;
    let mut texts = Vec::with_capacity(part.len());
    for (body, found) in part.iter().zip(found) {
        texts.push(text_of(inner, project, body, found).await);
    }
    Ok(texts)
}

pub(super) async fn body<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    body: &BlobRef,
) -> Result<Arc<str>> {
    let found = inner.storage.blob(project, body.digest).await?;
    text_of(inner, project, body, found).await
}

/// The text of a body, if what was found of it is that.
async fn text_of<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    body: &BlobRef,
    found: Option<Vec<u8>>,
) -> Result<Arc<str>> {
    let bytes = match found {
        Some(bytes) => bytes,
        None => look_again(inner, project, body).await?,
    };
    let found = Digest::of(&bytes);
    if found != body.digest {
        return Err(corrupt(body, &format!("one with digest {found}")));
    }
    let text = String::from_utf8(bytes).map_err(|_| corrupt(body, "bytes that are no text"))?;
    Ok(text.into())
}

fn corrupt(body: &BlobRef, found: &str) -> EngineError {
    let expected = format!("expected a body with digest {}", body.digest);
    StorageError::new(
        StorageErrorKind::Corrupt,
        format!("{expected}, found {found}"),
    )
    .into()
}

/// A body that wasn't found, if the project was brought back with it by now; else why it isn't there.
async fn look_again<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    body: &BlobRef,
) -> Result<Vec<u8>> {
    loop {
        let Some(head) = inner.storage.head(project).await? else {
            return Err(load::missing(inner, project).await?);
        };
        if let Some(redacted) = load::redaction(inner, project, &body.digest).await? {
            return Err(redacted);
        }
        if let Some(bytes) = inner.storage.blob(project, body.digest).await? {
            return Ok(bytes);
        }
        if !load::has_moved(inner, project, head).await? {
            return Err(corrupt(body, "none"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(bodies: &[u32]) -> Vec<usize> {
        let body = |(bytes, number): (&u32, u8)| BlobRef {
            digest: Digest::of(&[number]),
            bytes: *bytes,
        };
        let bodies: Vec<_> = bodies.iter().zip((0..=u8::MAX).cycle()).map(body).collect();
        let parts: Vec<_> = parts(&bodies).collect();
        assert_eq!(parts.concat(), bodies, "all of them, in their order");
        parts.iter().map(|part| part.len()).collect()
    }

    #[test]
    fn parts_are_of_so_many_bodies_and_so_many_bytes_at_most() {
        assert!(sizes(&[]).is_empty());
        assert_eq!(sizes(&[7]), [1]);
        assert_eq!(sizes(&[7; 256]), [256]);
        assert_eq!(sizes(&[7; 600]), [256, 256, 88]);
        assert_eq!(sizes(&[1 << 20; 20]), [8, 8, 4]);
        assert_eq!(sizes(&[1, 8 << 20, 1, u32::MAX, 0]), [1, 1, 1, 1, 1]);
        assert_eq!(sizes(&[8 << 20, 0, 1]), [2, 1]);
    }
}
