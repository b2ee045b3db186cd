//! The conformance suite: one list of cases, run on every storage, natively and in a browser.
//!
//! The cases are named after the rules of the [contract](holdpoint::storage) that they show. Rule
//! 6 has none of its own: a `Commit` cannot be made before all of it is encoded, and what a storage
//! awaits inside a transaction can't be seen from outside.
//!
//! A storage takes part with a [`Harness`] and one line:
//!
//! ```ignore
//! #[macro_use]
//! mod conformance;
//! mod support;
//!
//! conformance!(MyHarness);
//! ```

#[cfg_attr(target_family = "wasm", path = "platform_web.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "platform_native.rs")]
#[macro_use]
mod platform;

mod append;
pub(crate) mod author;
mod beside;
mod errors;
mod format;
mod lists;
pub(crate) mod observe;
mod outcome;
mod removal;
mod rows;
mod several;
mod text;
mod usage;
mod workers;

pub(crate) use append::*;
pub(crate) use beside::*;
pub(crate) use errors::*;
pub(crate) use format::*;
pub(crate) use lists::*;
pub(crate) use outcome::*;
pub(crate) use removal::*;
pub(crate) use rows::*;
pub(crate) use several::*;
pub(crate) use text::*;
pub(crate) use usage::*;
pub(crate) use workers::*;

use holdpoint::journal::format::StoreFormat;
use holdpoint::storage::{Storage, StorageError};
use platform::together;

/// A store of some kind, made for one case.
pub(crate) trait Harness: Sized {
    /// What the store is opened as.
    type Storage: Storage;

    /// A store that is new and empty.
    async fn new() -> Self;

    /// Opens another connection to it.
    async fn open(&self) -> Result<Self::Storage, StorageError>;

    /// Makes it look as if a program of another version had written it.
    async fn set_format(&self, format: StoreFormat);
}

/// The list. A case that isn't on it is dead code, which clippy refuses.
macro_rules! conformance {
    ($harness:ty) => {
        conformance_tests! {
            $harness,
            rule_01_append_is_atomic,
            rule_01_a_commit_of_several_entries_is_one_append,
            rule_01_several_entries_conflict_as_one,
            rule_01_rows_say_what_the_state_says_after_every_commit,
            rule_01_rows_that_leave_are_gone,
            rule_01_bodies_belong_to_their_project,
            rule_01_a_body_that_is_there_stays_as_it_is,
            rule_02_conflict_writes_nothing,
            rule_02_no_gap,
            rule_02_another_digest_at_the_same_revision_is_another_head,
            rule_02_a_command_is_appended_once,
            rule_02_every_command_of_a_commit_is_looked_for,
            rule_02_a_command_twice_in_one_commit_is_refused,
            rule_02_a_command_id_belongs_to_its_project,
            rule_02_two_connections_create_a_project_and_one_wins,
            rule_02_two_connections_race_200_appends_each,
            rule_02_removal_takes_all_of_a_project_and_nothing_else,
            rule_02_no_revival_after_removal,
            rule_02_removal_on_another_head_removes_nothing,
            rule_02_only_a_commit_that_revives_brings_a_project_back,
            rule_02_an_older_program_reads_and_does_not_write,
            rule_03_reopen_finds_everything,
            rule_04_lost_after_it_took_effect_is_found_and_not_repeated,
            rule_04_lost_before_it_took_effect_is_appended_once,
            rule_04_whichever_operation_is_lost_each_command_is_appended_once,
            rule_04_the_wrapper_counts_what_it_is_told_to_count,
            rule_05_reads_see_every_append_of_another_connection,
            rule_05_entries_come_in_order_and_in_parts,
            rule_05_lists_are_in_order_complete_and_filtered,
            rule_05_pages_join_to_the_whole_list,
            rule_05_pages_join_to_the_whole_list_newest_first,
            rule_05_journals_are_listed_whether_or_not_a_row_is_asked_for,
            rule_05_a_page_goes_on_after_a_place_that_no_row_has,
            rule_05_numbers_beyond_all_that_exist_find_nothing_more,
            rule_05_the_newest_snapshot_at_or_below_is_found,
            rule_05_bodies_come_in_the_order_in_which_they_are_asked_for,
            rule_05_a_commit_of_another_connection_is_hinted_at,
            rule_05_a_watcher_of_a_busy_connection_misses_nothing,
            rule_05_own_commits_and_removals_are_hinted_at,
            rule_07_entries_come_back_byte_for_byte,
            rule_07_bodies_come_back_byte_for_byte,
            rule_07_snapshots_and_leases_come_back_byte_for_byte,
            rule_07_a_journal_full_of_odd_texts_replays,
            rule_07_thousands_of_entries_of_several_projects_come_back_byte_for_byte,
            rule_08_a_snapshot_replaces_the_one_of_its_revision,
            rule_08_nothing_is_kept_for_a_project_that_is_not_there,
            rule_08_write_rows_replaces_all_of_a_projects_rows,
            rule_08_write_rows_writes_nothing_for_a_project_that_is_not_there,
            rule_08_leases_are_compared_by_their_epoch,
            rule_08_two_connections_race_for_a_lease_and_one_wins,
            rule_09_a_dropped_append_happened_whole_or_not_at_all,
            rule_09_several_commits_dropped_happened_whole_or_not_at_all,
            rule_10_a_store_too_new_to_read_is_refused_untouched,
            rule_10_each_kind_of_failure_has_its_code,
            rule_10_what_the_platform_said_is_kept,
            rule_10_the_same_object_works_again_once_the_cause_is_gone,
            rule_11_a_worker_is_alive_to_every_connection_as_long_as_it_shows_it,
            rule_11_a_worker_can_show_itself_again,
            rule_11_a_store_knows_its_own_workers_only,
    rule_12_several_commits_are_there_together, rule_12_projects_that_are_there_go_on_together, rule_12_one_that_is_refused_keeps_all_others_out, rule_12_none_and_two_of_one_project_are_refused, rule_12_two_connections_import_the_same_projects_and_one_wins, rule_12_lost_or_failed_all_of_it_is_there_or_nothing, rule_13_a_store_says_how_much_room_it_takes_up_or_that_it_is_not_known,
        }
    };
}
