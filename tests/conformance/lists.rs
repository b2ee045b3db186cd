//! Rule 5, of rows: lists are complete, in order, and come in parts.

use super::Harness;
use super::author::{Author, checkpoint, create_plan, project_id};
use super::observe::{KINDS, id_of, rows_of, unknown_plan};
use holdpoint::machine::Command;
use holdpoint::model::{PlanId, ProjectId};
use holdpoint::storage::{Cursor, Row, RowKind, RowQuery, Storage};
use std::cmp::Ordering;

pub(crate) async fn rule_05_lists_are_in_order_complete_and_filtered<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let authors = crowd(&storage).await;
    let storage = harness.open().await.unwrap();
    for kind in KINDS {
        let all = rows_of_kind(&authors, kind);
        assert!(all.len() >= 4, "{kind:?}");
        for query in queries(&authors, kind, &all) {
            let expected = expected(&all, &query);
            let page = storage.rows(query.clone()).await.unwrap();
            assert_eq!(page.rows, expected, "{query:?}");
            assert_eq!(page.next, None, "{query:?}");
        }
    }
}

pub(crate) async fn rule_05_pages_join_to_the_whole_list<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    pages_join(&storage, false).await;
}

pub(crate) async fn rule_05_pages_join_to_the_whole_list_newest_first<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    pages_join(&storage, true).await;
}

async fn pages_join<S: Storage>(storage: &S, newest_first: bool) {
    let authors = crowd(storage).await;
    for kind in KINDS {
        let all = rows_of_kind(&authors, kind);
        for query in paged_queries(&authors, kind, newest_first, &all) {
            let expected = expected(&all, &query);
            let whole = expected.len();
            for limit in [
                1,
                2,
                3,
                whole.saturating_sub(1).max(1),
                whole.max(1),
                whole + 1,
            ] {
                let (mut read, mut after) = (Vec::new(), None);
                loop {
                    let query = RowQuery {
                        limit,
                        after,
                        ..query.clone()
                    };
                    let page = storage.rows(query).await.unwrap();
                    assert!(page.rows.len() <= limit);
                    let last = page.rows.last().map(Row::cursor);
                    read.extend(page.rows);
                    assert!(read.len() <= whole, "it goes round in circles");
                    let Some(next) = page.next else { break };
                    assert_eq!(last, Some(next), "it goes on after the last one");
                    after = Some(next);
                }
                assert_eq!(read, expected, "{query:?} by {limit}");
            }
        }
        // Nothing is asked for: nothing comes, and it doesn't go on for ever.
        let none = RowQuery {
            newest_first,
            ..RowQuery::of(kind, 0)
        };
        let page = storage.rows(none).await.unwrap();
        assert_eq!((page.rows, page.next), (Vec::new(), None));
    }
}

pub(crate) async fn rule_05_a_page_goes_on_after_a_place_that_no_row_has<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let authors = crowd(&storage).await;
    for kind in KINDS {
        let all = rows_of_kind(&authors, kind);
        let places = [
            Cursor {
                project: project_id(0),
                number: 7,
            },
            Cursor {
                project: authors[0].id(),
                number: 0,
            },
            Cursor {
                project: authors[0].id(),
                number: 1_000,
            },
            Cursor {
                project: project_id(5),
                number: 2,
            },
            Cursor {
                project: project_id(9_999),
                number: 0,
            },
        ];
        for after in places {
            let projects = [None, Some(authors[0].id()), Some(project_id(9_999))];
            for (project, newest_first) in projects.into_iter().flat_map(both_ways) {
                // With a limit and without one: a storage may read in another way.
                for limit in [all.len() + 1, usize::MAX] {
                    let query = RowQuery {
                        project,
                        newest_first,
                        after: Some(after),
                        ..RowQuery::of(kind, limit)
                    };
                    let mut expected = expected(&all, &query);
                    expected.retain(|row| is_beyond(row, after, newest_first));
                    let page = storage.rows(query.clone()).await.unwrap();
                    assert_eq!(page.rows, expected, "{query:?}");
                }
            }
        }
    }
}

/// Several projects, created in another order than that of their ids, with plans and checkpoints;
/// in two of them they have the same ids.
async fn crowd<S: Storage>(storage: &S) -> Vec<Author> {
    let mut authors = Vec::new();
    for (id, seed) in [(8, 3), (2, 1), (300, 1), (4, 2)] {
        let mut author = Author::furnish(storage, project_id(id), seed).await;
        for request in ["of several", "of more"] {
            author.append(storage, create_plan(request, 2)).await;
        }
        let plan = author.plan();
        author
            .append(storage, Command::CancelPlan { plan, reason: None })
            .await;
        if id == 4 {
            // Above 9, so that numbers are in another order than their texts.
            for n in 0..12 {
                author
                    .append(storage, checkpoint(&format!("number {n}")))
                    .await;
            }
        }
        authors.push(author);
    }
    authors.sort_unstable_by_key(Author::id);
    authors
}

fn rows_of_kind(authors: &[Author], kind: RowKind) -> Vec<Row> {
    let is_of_kind = |row: &Row| {
        kind == match row {
            Row::Project(_) => RowKind::Projects,
            Row::Plan(_) => RowKind::Plans,
            Row::Checkpoint(_) => RowKind::Checkpoints,
        }
    };
    authors
        .iter()
        .flat_map(rows_of)
        .filter(is_of_kind)
        .collect()
}

/// Every filter alone and with every other.
fn queries(authors: &[Author], kind: RowKind, all: &[Row]) -> Vec<RowQuery> {
    let projects = [None, Some(authors[0].id()), Some(project_id(9_999))];
    // The first plan is in two projects, the second one has checkpoints as well.
    let plans = authors[0].plans_ever();
    let own = authors[2]
        .state()
        .checkpoints
        .values()
        .find_map(|checkpoint| checkpoint.plan);
    let plans = [None, Some(plans[0]), own, Some(unknown_plan())];
    let id = id_of(&all[0]);
    let starts = [
        None,
        Some(String::new()),
        Some(id[..1].to_owned()),
        Some(id[..20].to_owned()),
        Some(id.clone()),
        Some(format!("{id}0")),
        Some("ZZ".to_owned()),
        // None of these stands for any other character.
        Some("%".to_owned()),
        Some(format!("{}_", &id[..25])),
        Some("*".to_owned()),
        Some("?".to_owned()),
        Some("[0-9]".to_owned()),
        Some("'".to_owned()),
    ];
    let mut queries = Vec::new();
    for project in projects {
        for plan in plans {
            for id_starts_with in &starts {
                for (unfinished, newest_first) in [false, true].into_iter().flat_map(both_ways) {
                    queries.push(RowQuery {
                        kind,
                        project,
                        plan,
                        id_starts_with: id_starts_with.clone(),
                        unfinished,
                        newest_first,
                        after: None,
                        limit: usize::MAX,
                    });
                }
            }
        }
    }
    queries
}

/// Every filter alone and some together, for lists that are read in parts.
fn paged_queries(
    authors: &[Author],
    kind: RowKind,
    newest_first: bool,
    all: &[Row],
) -> Vec<RowQuery> {
    let project = Some(authors[1].id());
    let plan = Some(authors[0].first_plan());
    // Those that begin so are several.
    let start = Some(id_of(&all[0])[..1].to_owned());
    let own = authors[1]
        .state()
        .checkpoints
        .values()
        .find_map(|checkpoint| checkpoint.plan);
    let filters = [
        (None, None, None, false),
        (project, None, None, false),
        (None, plan, None, false),
        (None, own, None, false),
        (project, own, None, false),
        (None, None, None, true),
        (project, None, None, true),
        (None, plan, None, true),
        (None, None, start.clone(), false),
        (project, None, start.clone(), false),
        (None, plan, start.clone(), true),
        (project, own, start, true),
    ];
    let query = |(project, plan, id_starts_with, unfinished)| RowQuery {
        project,
        plan,
        id_starts_with,
        unfinished,
        newest_first,
        ..RowQuery::of(kind, 0)
    };
    filters.map(query).into()
}

/// With each of the two orders.
fn both_ways<T: Copy>(what: T) -> [(T, bool); 2] {
    [(what, false), (what, true)]
}

/// The whole list that a query asks for, of all rows in their order.
fn expected(all: &[Row], query: &RowQuery) -> Vec<Row> {
    let rows = all.iter().filter(|row| wanted(row, query)).cloned();
    if query.newest_first {
        rows.rev().collect()
    } else {
        rows.collect()
    }
}

/// Whether a row comes after a place. Of a project the number says nothing.
fn is_beyond(row: &Row, after: Cursor, newest_first: bool) -> bool {
    let place = row.cursor();
    let place = match row {
        Row::Project(_) => place.project.cmp(&after.project),
        Row::Plan(_) | Row::Checkpoint(_) => place.cmp(&after),
    };
    place
        == if newest_first {
            Ordering::Less
        } else {
            Ordering::Greater
        }
}

/// What the query's documentation says, in the plainest way.
fn wanted(row: &Row, query: &RowQuery) -> bool {
    let (project, plan, unfinished): (ProjectId, Option<PlanId>, bool) = match row {
        Row::Project(row) => (row.project, None, true),
        Row::Plan(row) => (row.project, Some(row.plan), row.is_unfinished()),
        Row::Checkpoint(row) => (row.project, row.plan, true),
    };
    query.project.is_none_or(|of| of == project)
        && (query.plan.is_none() || query.plan == plan)
        && query
            .id_starts_with
            .as_ref()
            .is_none_or(|start| id_of(row).starts_with(start))
        && (unfinished || !query.unfinished)
}
