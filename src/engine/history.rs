//! Looking for entries: who did what when, in pages.

use super::logged::Logged as _;
use super::{Engine, EngineError, Inner, Result, load};
use crate::journal::{Entry, Head, JournalError, Sealed};
use crate::machine::{Event, EventKind};
use crate::model::{Actor, Digest, InvalidInput, PlanId, ProjectId, Revision, Timestamp};
use crate::storage::Storage;
use serde::Serialize;
use std::sync::Arc;

/// How many entries are read at once.
const PART: u64 = 512;

/// Which entries of a project are looked for. All that is given has to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Those with an event that [is about](Event::plans) this plan.
    pub plan: Option<PlanId>,
    /// Those of this actor.
    pub actor: Option<Actor>,
    /// Those with an event of one of these kinds; none named: of any.
    pub kinds: Vec<EventKind>,
    /// Those made at this time or later, by the clock of whoever made them. Clocks go back: times
    /// say nothing of the order.
    pub from: Option<Timestamp>,
    /// Those made before this time.
    pub until: Option<Timestamp>,
    /// Those after this revision.
    pub after: Option<Revision>,
    /// Those before this revision.
    pub before: Option<Revision>,
    /// The newest first.
    pub newest_first: bool,
    /// At most so many; at least 1.
    pub limit: usize,
}

impl HistoryQuery {
    /// How many entries are looked at for one page, at most: so that no page takes long, however
    /// rare what it looks for.
    pub const LOOKED_AT: u64 = 5_000;

    /// All entries from the first on, at most so many in a page.
    #[must_use]
    pub const fn of(limit: usize) -> Self {
        Self {
            plan: None,
            actor: None,
            kinds: Vec::new(),
            from: None,
            until: None,
            after: None,
            before: None,
            newest_first: false,
            limit,
        }
    }

    /// The same from where a page ended.
    #[must_use]
    pub const fn going_on(mut self, next: Revision) -> Self {
        if self.newest_first {
            self.before = Some(next);
        } else {
            self.after = Some(next);
        }
        self
    }

    fn check(&self) -> std::result::Result<(), InvalidInput> {
        if self.limit == 0 {
            return Err(InvalidInput::malformed("limit", "1 or more", "0"));
        }
        match (self.from, self.until) {
            (Some(from), Some(until)) if from > until => Err(InvalidInput::malformed(
                "until",
                format!("a time that is not before {from}"),
                &until.to_string(),
            )),
            _ => Ok(()),
        }
    }

    /// Whether it leaves out any between its ends.
    fn is_filtered(&self) -> bool {
        self.plan.is_some()
            || self.actor.is_some()
            || !self.kinds.is_empty()
            || self.from.is_some()
            || self.until.is_some()
    }

    fn asks_for(&self, entry: &Entry) -> bool {
        let has = |wanted: &dyn Fn(&Event) -> bool| entry.events.iter().any(wanted);
        (self.actor.as_ref()).is_none_or(|actor| *actor == entry.actor)
            && self.from.is_none_or(|from| from <= entry.at)
            && self.until.is_none_or(|until| entry.at < until)
            && (self.kinds.is_empty() || has(&|event| self.kinds.contains(&event.kind())))
            && (self.plan).is_none_or(|plan| has(&|event| event.plans().contains(&plan)))
    }
}

/// A part of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryPage {
    /// The entries, in the order that was asked for. There may be none though more come later: a
    /// page ends too when [so many](HistoryQuery::LOOKED_AT) have been looked at.
    pub entries: Vec<FoundEntry>,
    /// Where to [go on](HistoryQuery::going_on): after this revision, or before it with the newest
    /// first. None: that was all.
    pub next: Option<Revision>,
}

/// An entry with its digest, which ties it to all before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundEntry {
    /// BLAKE3(tag ‖ digest of the entry before ‖ the entry's text).
    pub digest: Digest,
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
}

impl<S: Storage> Engine<S> {
    /// Entries of a project that a query asks for, page by page: who did what when. Each is checked
    /// as [`history`](Self::history) does; no state is loaded.
    ///
    /// # Errors
    /// `INVALID_INPUT` if the query makes no sense, and as [`project`](Self::project).
    pub async fn find_entries(
        &self,
        project: ProjectId,
        query: &HistoryQuery,
    ) -> Result<HistoryPage> {
        find(&self.inner, project, query)
            .await
            .logged("find_entries", project)
    }
}

async fn find<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    query: &HistoryQuery,
) -> Result<HistoryPage> {
    query.check()?;
    loop {
        let Some(head) = inner.storage.head(project).await? else {
            return Err(load::missing(inner, project).await?);
        };
        match find_up_to(inner, project, query, head).await {
            Err(EngineError::Journal { .. }) if load::has_moved(inner, project, head).await? => {}
            found => return found,
        }
    }
}

async fn find_up_to<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    query: &HistoryQuery,
    head: Head,
) -> Result<HistoryPage> {
    let mut first = query.after.map_or(0, Revision::get).saturating_add(1);
    let mut last = query.before.map_or(head.revision, load::before);
    last = last.min(head.revision);
    let mut last = last.get();
    let end = if query.newest_first { first } else { last };
    let mut page = HistoryPage {
        entries: Vec::new(),
        next: None,
    };
    let mut left = HistoryQuery::LOOKED_AT;
    // Where nothing is left out, no more is read than the page holds.
    let most = match u64::try_from(query.limit) {
        Ok(limit) if !query.is_filtered() => PART.min(limit),
        _ => PART,
    };
    // The end of the part that is next to the one that comes.
    let mut edge = None;
    while first <= last {
        let count = (last - first + 1).min(most).min(left);
        let begin = if query.newest_first {
            last - count + 1
        } else {
            first
        };
        let part = Part::read(inner, project, head, begin, count).await?;
        part.check_edge(project, edge, query.newest_first)?;
        let mut found = part.entries;
        if query.newest_first {
            found.reverse();
            (last, edge) = (begin - 1, Some(part.prev));
        } else {
            (first, edge) = (begin + count, Some(part.digest));
        }
        left -= count;
        for found in found {
            let revision = found.entry.revision;
            if query.asks_for(&found.entry) {
                page.entries.push(found);
                if page.entries.len() == query.limit {
                    page.next = (revision.get() != end).then_some(revision);
                    return Ok(page);
                }
            }
        }
        if left == 0 && first <= last {
            let looked_at = if query.newest_first { begin } else { first - 1 };
            page.next = Some(Revision::new(looked_at));
            return Ok(page);
        }
    }
    Ok(page)
}

/// Entries that follow each other.
struct Part {
    entries: Vec<FoundEntry>,
    begin: Revision,
    /// The digest that the first one names.
    prev: Digest,
    /// The last one's.
    digest: Digest,
}

impl Part {
    /// So many entries from a revision on, which are known to exist.
    async fn read<S: Storage>(
        inner: &Arc<Inner<S>>,
        project: ProjectId,
        head: Head,
        begin: u64,
        count: u64,
    ) -> Result<Self> {
        let begin = Revision::new(begin);
        let after = load::before(begin);
        let limit = usize::try_from(count).unwrap_or(usize::MAX);
        let sealed = inner.storage.entries(project, after, limit).await?;
        let entries = load::opened(project, after, &sealed)?;
        let (Some(first), Some(last), true) =
            (sealed.first(), sealed.last(), sealed.len() == limit)
        else {
            let reached = sealed.last().map(Sealed::head);
            return Err(load::not_the_end(project, head, reached));
        };
        Ok(Self {
            begin,
            prev: first.prev,
            digest: last.digest,
            entries: (sealed.iter().zip(entries))
                .map(|(sealed, entry)| FoundEntry {
                    digest: sealed.digest,
                    entry,
                })
                .collect(),
        })
    }

    /// Checks that it follows the part before it, or leads to the one after it.
    fn check_edge(&self, project: ProjectId, edge: Option<Digest>, is_before: bool) -> Result<()> {
        let own = if is_before { self.digest } else { self.prev };
        let Some(edge) = edge.filter(|edge| *edge != own) else {
            return Ok(());
        };
        let (expected, found) = if is_before {
            ("an entry that leads to digest", "one with")
        } else {
            ("an entry after digest", "one after")
        };
        let error = JournalError::corrupt(
            self.begin,
            format!("{expected} {edge}"),
            format!("{found} {own}"),
        );
        Err(EngineError::Journal { project, error })
    }
}
