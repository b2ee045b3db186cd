//! A clock that was set back: work goes on, and the pause says what it saw.

use super::made::imported_at;
use crate::program::{Place, text};
use holdpoint::model::Timestamp;

#[test]
fn r5_a_clock_that_was_set_back_hinders_nothing_and_a_pause_warns_of_it() {
    let place = Place::new();
    let future: Timestamp = "2199-01-01T00:00:00Z".parse().unwrap();
    let imported = imported_at(&place, "parser-fix.traj", future);
    let report = place.json(&["project", "pause", &imported.project]);
    let warning = report["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|warning| warning["type"] == "clock_went_back")
        .unwrap_or_else(|| panic!("expected a warning: {report}"));
    assert_eq!(warning["previous"], "2199-01-01T00:00:00.000Z");
    assert_eq!(warning["now"], report["paused_at"]);
    // Ages below 0 count as 0: nothing is cold that isn't born yet.
    assert_eq!(report["items_archived"], 0);
    let said = place.text(&["project", "show", &imported.project]);
    assert!(
        said.contains("note: the clock went back, from 2199-"),
        "{said}"
    );

    place.text(&["project", "resume", &imported.project]);
    let played = place.json(&["plan", "run", &imported.plan]);
    assert_eq!(played["state"], "completed");
    assert_eq!(played["steps_completed"], imported.steps);
    let entries = place.history(&imported.project);
    for (entry, revision) in entries.iter().zip(1..) {
        assert_eq!(entry["revision"], revision, "revisions order, times don't");
    }
    assert!(text(&entries[1]["at"]) < text(&entries[0]["at"]));
    place.text(&["plan", "rollback", &imported.plan]);
    let plan = place.plan(&imported.plan);
    assert_eq!(
        plan["progress"]["last_completed_step"], 6,
        "to the newest by its number"
    );
    place.is_sound();
}
