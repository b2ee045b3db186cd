//! R12, R71: who listens hears of every commit, in order, once; and holds up nobody.

use super::author::{Author, pause, rename, resume};
#[cfg(not(target_family = "wasm"))]
use super::given::request;
use super::given::{Disk, refused, wait};
use holdpoint::engine::{Committed, Notice, QUEUE_LENGTH, Subscription};
use holdpoint::machine::{Command, InitialStatus};
use holdpoint::model::Revision;
use patience::next_within;

on_every_disk![
    ; awaited:
    r12_a_listener_hears_commits_of_its_own_engine_in_order_each_once,
    r71_a_listener_hears_commits_of_another_engine_in_order_each_once,
    #[cfg(not(target_family = "wasm"))]
    r71_commits_of_two_engines_are_heard_in_the_order_of_the_journal,
    r12_a_command_that_changes_nothing_is_not_heard,
    r12_a_listener_of_one_project_hears_of_no_other,
    r12_a_listener_that_is_never_read_holds_up_nothing,
    #[cfg(not(target_family = "wasm"))]
    r12_a_listener_that_panics_holds_up_nothing,
    r12_a_listener_that_was_dropped_holds_up_nothing,
    r12_a_listener_that_is_too_slow_is_told_how_much_it_missed,
    r53_a_delete_is_heard,
    r53_a_delete_by_another_engine_is_heard,
    r12_a_listener_ends_with_its_engine,
];

/// Waiting for a notice, but not for ever.
pub(crate) mod patience {
    use futures_timer::Delay;
    use holdpoint::engine::{Notice, Subscription};
    use std::future::{Future as _, poll_fn};
    use std::pin::pin;
    use std::task::Poll;
    use std::time::Duration;

    /// The next notice; none if it doesn't come.
    pub(crate) async fn next_within(listener: &mut Subscription, seconds: u64) -> Option<Notice> {
        let mut end = pin!(Delay::new(Duration::from_secs(seconds)));
        let mut next = pin!(listener.next());
        poll_fn(|context| match next.as_mut().poll(context) {
            Poll::Ready(notice) => Poll::Ready(notice),
            Poll::Pending => end.as_mut().poll(context).map(|()| None),
        })
        .await
    }
}

/// Long enough for any machine.
const PATIENCE: u64 = 30;
/// Long enough for something that comes to have come.
const A_WHILE: u64 = 1;

pub(crate) async fn next(listener: &mut Subscription) -> Notice {
    next_within(listener, PATIENCE)
        .await
        .expect("a notice comes")
}

async fn committed(listener: &mut Subscription) -> Committed {
    match next(listener).await {
        Notice::Committed(committed) => committed,
        other => panic!("{other:?} is no commit"),
    }
}

pub(crate) async fn hears(listener: &mut Subscription, revisions: impl IntoIterator<Item = u64>) {
    for revision in revisions {
        assert_eq!(committed(listener).await.revision.get(), revision);
    }
}

pub(crate) async fn hears_no_more(listener: &mut Subscription) {
    assert_eq!(next_within(listener, A_WHILE).await, None);
}

async fn r12_a_listener_hears_commits_of_its_own_engine_in_order_each_once<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let mut listener = wait(author.engine.subscribe(Some(author.project))).unwrap();
    let mut other = wait(author.engine.subscribe(None)).unwrap();
    author.furnish();
    author.done(pause());
    let newest = author.state().revision;
    for listener in [&mut listener, &mut other] {
        let history = wait(author.engine.history(author.project, Revision::FIRST, 1000)).unwrap();
        for entry in &history {
            let heard = committed(listener).await;
            assert_eq!(
                (heard.project, heard.revision),
                (author.project, entry.revision)
            );
            assert_eq!((heard.at, &heard.actor), (entry.at, &entry.actor));
            assert_eq!(heard.command, entry.command.id);
            assert_eq!(*heard.events, *entry.events);
        }
        assert_eq!(history.last().unwrap().revision, newest);
        hears_no_more(listener).await;
    }
}

async fn r71_a_listener_hears_commits_of_another_engine_in_order_each_once<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let engine = disk.engine();
    let known = wait(engine.project(author.project)).unwrap().revision.get();
    let mut listener = wait(engine.subscribe(Some(author.project))).unwrap();
    let mut every = wait(engine.subscribe(None)).unwrap();
    for n in 0..20 {
        author.done(rename(&format!("name {n}")));
    }
    for listener in [&mut listener, &mut every] {
        hears(listener, known + 1..=known + 20).await;
        hears_no_more(listener).await;
    }
    // Heard without anybody asking; asking afterwards gives the same state.
    assert_eq!(
        wait(engine.project(author.project)).unwrap(),
        author.state()
    );
    author.done(pause());
    hears(&mut listener, [known + 21]).await;
}

#[cfg(not(target_family = "wasm"))]
async fn r71_commits_of_two_engines_are_heard_in_the_order_of_the_journal<D: Disk>() {
    let disk = D::new();
    let author = Author::new(disk.engine());
    let project = author.project;
    let engines = [disk.engine(), disk.engine()];
    let mut listeners = engines.each_ref().map(|engine| {
        wait(engine.project(project)).unwrap();
        wait(engine.subscribe(Some(project))).unwrap()
    });
    std::thread::scope(|scope| {
        for (worker, engine) in (1..).zip(&engines) {
            scope.spawn(move || {
                for n in 0..30 {
                    let wanted = request(worker * 1000 + n, rename(&format!("{worker}: {n}")));
                    wait(engine.submit(project, wanted)).unwrap();
                }
            });
        }
    });
    for listener in &mut listeners {
        hears(listener, 2..=61).await;
        hears_no_more(listener).await;
    }
}

async fn r12_a_command_that_changes_nothing_is_not_heard<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.done(pause());
    let mut listener = wait(author.engine.subscribe(Some(author.project))).unwrap();
    author.done(pause());
    let told = wait(
        author
            .engine
            .execute(author.project, Command::CompleteProject),
    );
    assert_eq!(refused(told), "PROJECT_PAUSED");
    wait(author.engine.preview(author.project, resume())).unwrap();
    author.done(resume());
    hears(&mut listener, [3]).await;
    hears_no_more(&mut listener).await;
}

async fn r12_a_listener_of_one_project_hears_of_no_other<D: Disk>() {
    let disk = D::new();
    let mut one = Author::new(disk.engine());
    let mut other = Author::numbered(one.engine.clone(), 500, InitialStatus::Active);
    let mut listener = wait(one.engine.subscribe(Some(one.project))).unwrap();
    let mut every = wait(one.engine.subscribe(None)).unwrap();
    other.done(rename("other"));
    one.done(rename("one"));
    assert_eq!(committed(&mut listener).await.project, one.project);
    hears_no_more(&mut listener).await;
    for project in [other.project, one.project] {
        assert_eq!(committed(&mut every).await.project, project);
    }
}

async fn r12_a_listener_that_is_never_read_holds_up_nothing<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let _never_read = wait(author.engine.subscribe(Some(author.project))).unwrap();
    let mut read = wait(author.engine.subscribe(Some(author.project))).unwrap();
    for n in 0..100 {
        author.done(rename(&format!("{n}")));
    }
    hears(&mut read, 2..=101).await;
}

#[cfg(not(target_family = "wasm"))]
async fn r12_a_listener_that_panics_holds_up_nothing<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let mut panics = wait(author.engine.subscribe(Some(author.project))).unwrap();
    let mut read = wait(author.engine.subscribe(Some(author.project))).unwrap();
    let thread = std::thread::spawn(move || {
        let heard = wait(panics.next());
        panic!("on purpose, having heard {}", heard.is_some());
    });
    author.done(rename("heard"));
    assert!(thread.join().is_err());
    author.done(rename("goes on"));
    hears(&mut read, 2..=3).await;
    assert_eq!(author.state().name.as_str(), "goes on");
}

async fn r12_a_listener_that_was_dropped_holds_up_nothing<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let dropped = wait(author.engine.subscribe(Some(author.project))).unwrap();
    let mut read = wait(author.engine.subscribe(None)).unwrap();
    author.done(rename("heard by both"));
    drop(dropped);
    author.done(rename("heard by one"));
    hears(&mut read, 2..=3).await;
    drop(read);
    author.done(rename("heard by none"));
    let mut late = wait(author.engine.subscribe(Some(author.project))).unwrap();
    author.done(rename("heard by a late one"));
    hears(&mut late, [5]).await;
}

async fn r12_a_listener_that_is_too_slow_is_told_how_much_it_missed<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let mut slow = wait(author.engine.subscribe(Some(author.project))).unwrap();
    let commits = QUEUE_LENGTH as u64 + 30;
    for n in 0..commits {
        author.done(rename(&format!("{n}")));
    }
    let Notice::Missed { count } = next(&mut slow).await else {
        panic!("it has missed some");
    };
    assert!(count > 0 && count < commits, "{count}");
    hears(&mut slow, 2 + count..=1 + commits).await;
    hears_no_more(&mut slow).await;
    author.done(rename("in time"));
    hears(&mut slow, [2 + commits]).await;
}

async fn r53_a_delete_is_heard<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let project = author.project;
    let mut listener = wait(author.engine.subscribe(Some(project))).unwrap();
    author.done(rename("soon gone"));
    author.done(Command::DeleteProject);
    hears(&mut listener, [2]).await;
    assert_eq!(next(&mut listener).await, Notice::Removed { project });
    hears_no_more(&mut listener).await;
}

async fn r53_a_delete_by_another_engine_is_heard<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let project = author.project;
    let engine = disk.engine();
    wait(engine.project(project)).unwrap();
    let mut listener = wait(engine.subscribe(Some(project))).unwrap();
    author.done(Command::DeleteProject);
    assert_eq!(next(&mut listener).await, Notice::Removed { project });
    hears_no_more(&mut listener).await;
}

async fn r12_a_listener_ends_with_its_engine<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let mut listener = wait(author.engine.subscribe(Some(author.project))).unwrap();
    author.done(rename("the last"));
    drop(author);
    assert!(matches!(listener.next().await, Some(Notice::Committed(_))));
    assert_eq!(listener.next().await, None);
}
