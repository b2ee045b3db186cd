//! What the `IndexedDB` storage rests on: how rexie 0.6.2 (on idb 0.6.5) and
//! Chromium behave, each finding pinned by a test. When one of these fails after
//! an upgrade, the storage has to be read again before the test is changed.
#![cfg(target_family = "wasm")]
#![forbid(unsafe_code)]

#[path = "support/indexeddb_raw.rs"]
mod indexeddb_raw;

use indexeddb_raw::*;
use js_sys::{Array, JsString};
use rexie::{Index, ObjectStore, Rexie, TransactionMode, TransactionResult};
use wasm_bindgen::{JsCast, JsValue, externref_heap_live_count};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{DomException, IdbDatabase, IdbTransactionMode};

wasm_bindgen_test_configure!(run_in_browser);

/// Longer than anything here takes; who isn't done by then will never be.
const LONG: u64 = 400;

// --- how a rexie transaction ends --------------------------------------------

#[wasm_bindgen_test]
async fn done_on_a_failed_request_is_an_error_that_hides_the_cause() {
    // idb takes the event's target, the request, for the transaction.
    let is_useless = |done: rexie::Result<TransactionResult>| {
        use idb::Error::UnexpectedJsType;
        matches!(
            done,
            Err(rexie::Error::IdbError(UnexpectedJsType(
                "IdbTransaction",
                _
            )))
        )
    };
    let rexie = rexie_with(&fresh_name("done"), 1, &["s"]).await.unwrap();
    let (transaction, store) = rexie_write(&rexie, "s");
    store.add(&text("a"), Some(&text("k"))).await.unwrap();
    let second = store.add(&text("b"), Some(&text("k"))).await;
    // The request alone knows, and only for those who await it.
    assert_eq!(name_of(second), "ConstraintError");
    assert!(is_useless(transaction.done().await));

    let (transaction, store) = rexie_write(&rexie, "s");
    store.add(&text("a"), Some(&text("k"))).await.unwrap();
    let failing = [(text("b"), Some(text("k"))), (text("c"), Some(text("l")))];
    assert_eq!(
        name_of(store.add_all(failing.into_iter()).await),
        "AbortError"
    );
    assert!(is_useless(transaction.done().await));
    assert_eq!(count(&rexie, "s").await, 0);
}

#[wasm_bindgen_test]
async fn done_after_the_end_never_resolves() {
    let rexie = rexie_with(&fresh_name("done late"), 1, &["s"])
        .await
        .unwrap();
    let (transaction, store) = rexie_write(&rexie, "s");
    store.put(&text("a"), Some(&text("k"))).await.unwrap();
    sleep(50).await;

    assert_eq!(within(LONG, transaction.done()).await, None);
    assert_eq!(count(&rexie, "s").await, 1);
}

// --- what rexie leaves behind ------------------------------------------------

#[wasm_bindgen_test]
async fn each_opening_leaves_its_closures_behind_and_reading_does_not() {
    const TIMES: u32 = 20;
    let name = fresh_name("left behind");
    let rexie = rexie_with(&name, 1, &["s"]).await.unwrap();
    let before = externref_heap_live_count();
    for _ in 0..TIMES {
        count(&rexie, "s").await;
    }
    let read = externref_heap_live_count();
    assert!(read < before + TIMES, "{before} values, then {read}");
    for _ in 0..TIMES {
        rexie_with(&name, 1, &["s"]).await.unwrap().close();
    }
    let opened = externref_heap_live_count();
    assert!(opened >= read + 2 * TIMES, "{read} values, then {opened}");
}

// --- rexie's puts ------------------------------------------------------------

#[wasm_bindgen_test]
async fn an_unpolled_put_writes_nothing() {
    let rexie = rexie_with(&fresh_name("lazy"), 1, &["s"]).await.unwrap();
    let (transaction, store) = rexie_write(&rexie, "s");
    drop(store.put(&text("a"), Some(&text("k"))));

    assert_eq!(transaction.done().await, Ok(TransactionResult::Committed));
    assert_eq!(count(&rexie, "s").await, 0);
}

#[wasm_bindgen_test]
async fn a_put_dropped_under_way_throws_and_aborts_which_done_calls_ok() {
    let rexie = rexie_with(&fresh_name("dropped"), 1, &["s"]).await.unwrap();
    let (transaction, store) = rexie_write(&rexie, "s");
    store.put(&text("a"), Some(&text("k"))).await.unwrap();
    let mut uncaught = Events::of(&web_sys::window().unwrap(), &["error"]);
    poll_once_and_drop(store.put(&text("b"), Some(&text("l")))).await;

    // The listener outlives its closure, throws, and a throw in a request's
    // event aborts: the first put, awaited and acknowledged, is gone as well.
    assert_eq!(transaction.done().await, Ok(TransactionResult::Aborted));
    assert_eq!(uncaught.next().await, "error");
    assert_eq!(count(&rexie, "s").await, 0);
}

#[wasm_bindgen_test]
async fn put_all_hides_which_put_failed_and_why() {
    let name = fresh_name("put_all");
    let unique = ObjectStore::new("s").add_index(Index::new("by", "by").unique(true));
    let builder = Rexie::builder(&name).version(1).add_object_store(unique);
    let rexie = builder.build().await.unwrap();
    let (transaction, store) = rexie_write(&rexie, "s");
    let row = |by: &str, key: &str| (object(&[("by", by.into())]).into(), Some(text(key)));
    let rows = [row("x", "1"), row("x", "2"), row("y", "3")];

    // The second fails for its index; only the third is awaited, and it knows
    // no more than that it went down with the transaction.
    let put = store.put_all(rows.into_iter()).await;
    assert_eq!(name_of(put), "AbortError");
    assert!(transaction.done().await.is_err());
    assert_eq!(count(&rexie, "s").await, 0);
}

#[wasm_bindgen_test]
async fn put_all_that_throws_halfway_commits_its_first_half() {
    let rexie = rexie_with(&fresh_name("half"), 1, &["s"]).await.unwrap();
    let (transaction, store) = rexie_write(&rexie, "s");
    let no_key = JsValue::TRUE;
    let rows = [
        (text("a"), Some(text("1"))),
        (text("b"), Some(no_key)),
        (text("c"), Some(text("3"))),
    ];

    assert_eq!(name_of(store.put_all(rows.into_iter()).await), "DataError");
    assert_eq!(transaction.done().await, Ok(TransactionResult::Committed));
    assert_eq!(count(&rexie, "s").await, 1);
}

// --- rexie's upgrades --------------------------------------------------------

#[wasm_bindgen_test]
async fn an_upgrade_deletes_every_store_that_the_builder_does_not_name() {
    let name = fresh_name("deleting upgrade");
    let rexie = rexie_with(&name, 1, &["kept", "forgotten"]).await.unwrap();
    for store in ["kept", "forgotten"] {
        let (transaction, store) = rexie_write(&rexie, store);
        store.put(&text("a"), Some(&text("k"))).await.unwrap();
        transaction.done().await.unwrap();
    }
    rexie.close();

    let rexie = rexie_with(&name, 2, &["kept"]).await.unwrap();
    assert_eq!(rexie.store_names(), ["kept"]);
    assert_eq!(count(&rexie, "kept").await, 1);
    rexie.close();

    // Naming it again brings back the store, not what was in it.
    let rexie = rexie_with(&name, 3, &["kept", "forgotten"]).await.unwrap();
    assert_eq!(count(&rexie, "forgotten").await, 0);
}

#[wasm_bindgen_test]
async fn without_a_rise_in_version_the_builders_stores_are_ignored() {
    let name = fresh_name("same version");
    // Made by a raw handle that stays open: rexie neither waits nor upgrades.
    let raw = open_raw(&name, 1, &["a"]).await.unwrap();
    let rexie = rexie_with(&name, 1, &["b"]).await.unwrap();
    assert_eq!(rexie.store_names(), ["a"]);

    assert_eq!(put_alone(&raw, "a", "k", &text("v")).await, "complete");
    assert_eq!(count(&rexie, "a").await, 1);
}

#[wasm_bindgen_test]
async fn a_newer_database_is_refused_as_version_error_and_left_alone() {
    let name = fresh_name("newer");
    rexie_with(&name, 7, &["s", "later"]).await.unwrap().close();

    let error = rexie_with(&name, 1, &["s"]).await.unwrap_err();
    let rexie::Error::IdbError(idb::Error::DomException(exception)) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(exception.name(), "VersionError");
    assert!(exception.message().contains("(1)") && exception.message().contains("(7)"));
    // rexie's own text says nothing; the cause stands in its source.
    assert_eq!(error.to_string(), "idb error");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.starts_with("DOM exception: VersionError: "),
        "{source}"
    );

    let rexie = rexie_with(&name, 7, &[]).await.unwrap();
    assert_eq!(rexie.store_names(), ["later", "s"]);
}

// --- several connections -----------------------------------------------------

#[wasm_bindgen_test]
async fn rexie_closes_itself_for_an_upgrade_and_can_be_opened_again() {
    let name = fresh_name("closes itself");
    let first = rexie_with(&name, 1, &["s"]).await.unwrap();
    let second = rexie_with(&name, 2, &["s"]).await.unwrap();
    assert_eq!(second.version(), Ok(2));

    let transaction = first.transaction(&["s"], TransactionMode::ReadWrite);
    assert_eq!(name_of(transaction.map(|_| ())), "InvalidStateError");
    assert_eq!(name_of(rexie_with(&name, 1, &["s"]).await), "VersionError");

    let again = rexie_with(&name, 2, &["s"]).await.unwrap();
    assert_eq!(count(&again, "s").await, 0);
}

#[wasm_bindgen_test]
async fn a_transaction_under_way_completes_before_the_upgrade() {
    let name = fresh_name("under way");
    let holder = open_raw(&name, 1, &["s"]).await.unwrap();
    close_on_version_change(&holder);
    let transaction = durable_transaction(&holder, &["s"], "strict").unwrap();
    let mut ending = ending(&transaction);
    let store = store_of(&transaction, "s");
    finished(&store.put_with_key(&text("a"), &text("k")).unwrap())
        .await
        .unwrap();
    let opening = ask_to_open(&name, 2, &["s"]);
    // The transaction is still written to after `versionchange` closed the connection.
    let mut requests = 0;
    while holder.transaction_with_str("s").is_ok() {
        finished(&store.get(&text("k")).unwrap()).await.unwrap();
        requests += 1;
        assert!(requests < 100_000, "versionchange never came");
    }
    store.put_with_key(&text("b"), &text("l")).unwrap();

    assert_eq!(ending.next().await, "complete");
    let upgraded: IdbDatabase = finished(&opening).await.unwrap().unchecked_into();
    assert_eq!(get_alone(&upgraded, "s", "l").await, text("b"));
}

#[wasm_bindgen_test]
async fn a_connection_that_stays_open_blocks_an_upgrade_which_only_the_raw_request_tells() {
    let name = fresh_name("blocked");
    let holder = open_raw(&name, 1, &["s"]).await.unwrap();
    let request = ask_to_open(&name, 2, &["s"]);
    let mut events = Events::of(&request, &["blocked", "success", "error"]);
    assert_eq!(events.next().await, "blocked");

    holder.close();
    assert_eq!(events.next().await, "success");
    // `connection` of the request now ignores versionchange in its turn.
    let mut opening = std::pin::pin!(rexie_with(&name, 3, &["s"]));
    assert!(within(LONG, opening.as_mut()).await.is_none());
    connection(&request).close();
    assert_eq!(opening.await.unwrap().version(), Ok(3));
}

#[wasm_bindgen_test]
async fn a_dropped_open_upgrades_all_the_same() {
    let name = fresh_name("dropped open");
    let holder = open_raw(&name, 1, &["s"]).await.unwrap();
    assert!(
        within(LONG, rexie_with(&name, 2, &["other"]))
            .await
            .is_none()
    );
    holder.close();
    sleep(100).await;

    let request = factory().open(&name).unwrap();
    let mut opened = Events::of(&request, &["success", "error"]);
    assert_eq!(opened.next().await, "success");
    let database = connection(&request);
    // "s" is deleted: nobody awaited the upgrade, and it ran all the same. Its
    // connection is open too, with nobody to close it before the collector does.
    assert_eq!(
        database.object_store_names().get(0).as_deref(),
        Some("other")
    );
    assert_eq!(database.object_store_names().length(), 1);
    close_on_version_change(&database);
}

#[wasm_bindgen_test]
async fn a_rexie_dropped_without_close_blocks_upgrades() {
    let name = fresh_name("dropped rexie");
    drop(rexie_with(&name, 1, &["s"]).await.unwrap());

    let request = ask_to_open(&name, 2, &["s"]);
    let mut events = Events::of(&request, &["blocked", "success", "error"]);
    // Its listener for versionchange went with it, and throws.
    assert_eq!(events.next().await, "blocked");
    assert_eq!(within(LONG, events.next()).await, None);
}

#[wasm_bindgen_test]
async fn rexie_and_the_raw_handle_beside_it_both_make_way_for_an_upgrade() {
    let name = fresh_name("beside");
    let rexie = rexie_with(&name, 1, &["s"]).await.unwrap();
    let raw = open_raw(&name, 1, &["s"]).await.unwrap();
    close_on_version_change(&raw);
    let mut told = Events::of(&raw, &["versionchange"]);

    let request = ask_to_open(&name, 2, &["s"]);
    let mut events = Events::of(&request, &["blocked", "success", "error"]);
    assert_eq!(told.next().await, "versionchange");
    assert_eq!(events.next().await, "success");
    connection(&request).close();

    let gone = rexie.transaction(&["s"], TransactionMode::ReadOnly);
    assert_eq!(name_of(gone.map(|_| ())), "InvalidStateError");
    let gone = durable_transaction(&raw, &["s"], "strict");
    assert_eq!(gone.unwrap_err().name(), "InvalidStateError");

    let (rexie, raw) = (
        rexie_with(&name, 2, &["s"]).await.unwrap(),
        open_raw(&name, 2, &["s"]).await.unwrap(),
    );
    assert_eq!(put_alone(&raw, "s", "k", &text("a")).await, "complete");
    assert_eq!(count(&rexie, "s").await, 1);
}

// --- the raw append ----------------------------------------------------------

#[wasm_bindgen_test]
async fn a_transaction_asked_to_be_strict_is_strict() {
    let (_rexie, raw) = journal("durability").await;
    for durability in ["strict", "relaxed", "default"] {
        let transaction = durable_transaction(&raw, &["plans"], durability).unwrap();
        assert_eq!(durability_of(&transaction), durability);
    }
    let plain = raw.transaction_with_str_and_mode("plans", IdbTransactionMode::Readwrite);
    assert_eq!(durability_of(&plain.unwrap()), "default");
}

#[wasm_bindgen_test]
async fn an_append_on_another_head_writes_nothing() {
    let (rexie, raw) = journal("conflict").await;
    let progress = Progress::default();
    let first = append(&raw, &appending(0, "a"), &progress).await;
    assert_eq!(first.unwrap(), Appended::Written(1));

    for stale in [0, 2] {
        let refused = append(&raw, &appending(stale, "b"), &progress).await;
        assert_eq!(refused.unwrap(), Appended::Conflict { found: 1 });
    }
    let repeated = append(&raw, &appending(1, "a"), &progress).await;
    assert_eq!(repeated.unwrap(), Appended::Duplicate { revision: 1 });
    assert_eq!(counts(&rexie).await, [1, 1, 1, 1]);
}

#[wasm_bindgen_test]
async fn two_connections_that_race_lose_and_double_nothing() {
    const EACH: u32 = 100;
    let name = fresh_name("race");
    let rexie = journal_schema(&name).build().await.unwrap();
    let writer = async |writer: &str| {
        let database = open_raw(&name, 1, &[]).await.unwrap();
        let (mut head, mut conflicts) = (0, 0);
        for n in 0..EACH {
            let command = format!("{writer} {n}");
            loop {
                let progress = Progress::default();
                match append(&database, &appending(head, &command), &progress)
                    .await
                    .unwrap()
                {
                    Appended::Written(revision) => {
                        head = revision;
                        break;
                    }
                    Appended::Conflict { found } => (head, conflicts) = (found, conflicts + 1),
                    duplicate @ Appended::Duplicate { .. } => panic!("{duplicate:?}"),
                }
            }
        }
        conflicts
    };
    let conflicts = both(writer("left"), writer("right")).await;
    assert!(conflicts.0 + conflicts.1 > 0, "they did not race");

    let (_transaction, entries) = rexie_write(&rexie, "entries");
    let entries = entries.get_all(None, None).await.unwrap();
    let revisions: Vec<u32> = entries
        .iter()
        .map(|entry| number(&get(entry, "revision")))
        .collect();
    assert_eq!(revisions, (1..=2 * EACH).collect::<Vec<_>>());
    let mut commands: Vec<_> = entries
        .iter()
        .map(|entry| get(entry, "command").as_string())
        .collect();
    commands.sort();
    commands.dedup();
    assert_eq!(commands.len(), revisions.len());
}

#[wasm_bindgen_test]
async fn an_append_dropped_after_its_puts_is_committed_all_the_same() {
    let (rexie, raw) = journal("dropped append").await;
    // Dropped once it has asked: nothing is written.
    let progress = Progress::default();
    poll_once_and_drop(append(&raw, &appending(0, "a"), &progress)).await;
    assert_eq!(*progress.borrow(), "asked");
    assert_eq!(counts(&rexie).await, [0; 4]);

    // Dropped once it has put: all is written, though nobody was told.
    let progress = Progress::default();
    let arguments = appending(0, "a");
    {
        let mut under_way = std::pin::pin!(append(&raw, &arguments, &progress));
        std::future::poll_fn(|context| {
            let polled = under_way.as_mut().poll(context);
            assert!(polled.is_pending());
            match *progress.borrow() {
                "put" => std::task::Poll::Ready(()),
                _ => std::task::Poll::Pending,
            }
        })
        .await;
    }
    assert_eq!(counts(&rexie).await, [1; 4]);
}

// --- failures inside a transaction -------------------------------------------

#[wasm_bindgen_test]
async fn adding_an_existing_key_aborts_everything_while_putting_replaces() {
    let database = open_raw(&fresh_name("add"), 1, &["s"]).await.unwrap();
    put_alone(&database, "s", "k", &text("old")).await;
    let transaction = durable_transaction(&database, &["s"], "strict").unwrap();
    let mut events = Events::of(&transaction, &["error", "abort", "complete"]);
    let store = store_of(&transaction, "s");
    store.put_with_key(&text("other"), &text("l")).unwrap();
    let failing = store.add_with_key(&text("new"), &text("k")).unwrap();
    let later = store.put_with_key(&text("later"), &text("m")).unwrap();

    assert_eq!(
        finished(&failing).await.unwrap_err().name(),
        "ConstraintError"
    );
    // Not yet known to the transaction, whose error comes with its abort.
    assert!(transaction.error().is_none());
    assert_eq!(events.next().await, "error");
    // One for each request that goes down with it, bubbling up.
    assert_eq!(events.next().await, "error");
    assert_eq!(events.next().await, "abort");
    assert_eq!(transaction.error().unwrap().name(), "ConstraintError");
    assert_eq!(later.error().unwrap().unwrap().name(), "AbortError");
    assert_eq!(get_alone(&database, "s", "k").await, text("old"));
    assert!(get_alone(&database, "s", "l").await.is_undefined());

    assert_eq!(
        put_alone(&database, "s", "k", &text("new")).await,
        "complete"
    );
    assert_eq!(get_alone(&database, "s", "k").await, text("new"));
}

#[wasm_bindgen_test]
async fn an_explicit_abort_takes_everything_back_and_gives_no_error() {
    let database = open_raw(&fresh_name("abort"), 1, &["s"]).await.unwrap();
    put_alone(&database, "s", "k", &text("old")).await;
    let transaction = durable_transaction(&database, &["s"], "strict").unwrap();
    let mut ending = ending(&transaction);
    let store = store_of(&transaction, "s");
    finished(&store.put_with_key(&text("new"), &text("k")).unwrap())
        .await
        .unwrap();
    finished(&store.put_with_key(&text("new"), &text("l")).unwrap())
        .await
        .unwrap();
    transaction.abort().unwrap();

    assert_eq!(ending.next().await, "abort");
    assert!(transaction.error().is_none());
    assert_eq!(get_alone(&database, "s", "k").await, text("old"));
    assert!(get_alone(&database, "s", "l").await.is_undefined());
}

// --- what must not be awaited ------------------------------------------------

#[wasm_bindgen_test]
async fn a_transaction_does_not_outlive_an_await_of_something_foreign() {
    let database = open_raw(&fresh_name("inactive"), 1, &["s"]).await.unwrap();
    let transaction = durable_transaction(&database, &["s"], "strict").unwrap();
    let store = store_of(&transaction, "s");
    finished(&store.put_with_key(&text("a"), &text("k")).unwrap())
        .await
        .unwrap();
    sleep(50).await;

    let late = dom(store.put_with_key(&text("b"), &text("l")).unwrap_err());
    assert_eq!(late.name(), "TransactionInactiveError");
    // What came before the await is committed: half of what was meant.
    assert_eq!(get_alone(&database, "s", "k").await, text("a"));
}

// --- errors ------------------------------------------------------------------

#[wasm_bindgen_test]
async fn errors_are_dom_exceptions_with_a_name_and_a_message() {
    let database = open_raw(&fresh_name("errors"), 1, &["s"]).await.unwrap();
    let transaction = durable_transaction(&database, &["s"], "strict").unwrap();
    let store = store_of(&transaction, "s");
    let function = js_sys::Function::new_no_args("");
    let missing = JsValue::from_str("missing");
    let errors: [(&str, DomException); 4] = [
        ("DataError", dom(store.get(&JsValue::TRUE).unwrap_err())),
        (
            "DataCloneError",
            dom(store.put_with_key(&function, &text("k")).unwrap_err()),
        ),
        (
            "NotFoundError",
            dom(database
                .transaction_with_str_sequence(&Array::of1(&missing))
                .unwrap_err()),
        ),
        (
            "InvalidAccessError",
            dom(database
                .transaction_with_str_sequence(&Array::new())
                .unwrap_err()),
        ),
    ];
    for (name, error) in errors {
        assert_eq!(error.name(), name);
        assert!(!error.message().is_empty(), "{name} has a message");
    }
}

// --- text --------------------------------------------------------------------

#[wasm_bindgen_test]
async fn text_comes_back_exactly_but_rust_cannot_hold_a_lone_surrogate() {
    let database = open_raw(&fresh_name("text"), 1, &["s"]).await.unwrap();
    let texts = [
        "",
        "\0",
        "a\0b",
        "\r\n\n\r",
        "e\u{301}",
        "\u{e9}",
        "👩‍👩‍👧‍👦",
        "\u{feff}bom",
        "\u{2028}",
    ];
    for value in texts {
        put_alone(&database, "s", "k", &text(value)).await;
        assert_eq!(
            get_alone(&database, "s", "k").await.as_string().as_deref(),
            Some(value)
        );
    }

    let lone = JsString::from_char_code(&[0x61, 0xd83d, 0x62]);
    put_alone(&database, "s", "k", &lone).await;
    let back: JsString = get_alone(&database, "s", "k").await.unchecked_into();
    assert!(back == lone, "JavaScript keeps it");
    assert!(!back.is_valid_utf16());
    assert_eq!(
        back.as_string(),
        Some("a\u{fffd}b".to_owned()),
        "Rust replaces it in silence"
    );
}

// --- the command index -------------------------------------------------------

#[wasm_bindgen_test]
async fn the_unique_index_refuses_a_second_entry_of_one_command() {
    let (rexie, raw) = journal("unique").await;
    append(&raw, &appending(0, "a"), &Progress::default())
        .await
        .unwrap();
    let transaction = durable_transaction(&raw, &["entries"], "strict").unwrap();
    let mut ending = ending(&transaction);
    let entry = object(&[
        ("project", "p".into()),
        ("revision", 2.into()),
        ("command", "a".into()),
    ]);
    let put = store_of(&transaction, "entries").put(&entry).unwrap();

    assert_eq!(finished(&put).await.unwrap_err().name(), "ConstraintError");
    assert_eq!(ending.next().await, "abort");
    assert_eq!(count(&rexie, "entries").await, 1);
}
