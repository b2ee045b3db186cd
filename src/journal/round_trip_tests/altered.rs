//! What was altered does not open.

use super::*;

/// The text with the character at a byte changed into another one.
fn with_other_character(text: &str, at: usize, turn: u8) -> String {
    let start = (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .expect("0 is one");
    let found = text[start..].chars().next().expect("it is inside the text");
    let other = if found.is_ascii() {
        char::from(((found as u8) ^ (turn % 127 + 1)) & 0x7f)
    } else {
        char::from(turn & 0x7f)
    };
    format!(
        "{}{other}{}",
        &text[..start],
        &text[start + found.len_utf8()..]
    )
}

/// A digest that differs in one of its 64 digits.
fn with_other_digit(digest: &Digest, at: usize) -> Digest {
    let mut text = digest.to_string().into_bytes();
    text[at] = if text[at] == b'0' { b'1' } else { b'0' };
    String::from_utf8(text)
        .expect("digits")
        .parse()
        .expect("64 digits")
}

#[test]
fn an_entry_with_any_one_byte_changed_does_not_open() {
    let sealed = an_entry();
    assert_eq!(sealed.open(), Ok(sample_entry()));
    for at in 0..sealed.text.len() {
        for turn in [0, 1, 0x1f] {
            let text = with_other_character(&sealed.text, at, turn);
            assert!(
                is_corrupt(
                    Sealed {
                        text: text.into(),
                        ..sealed.clone()
                    }
                    .open()
                ),
                "byte {at}"
            );
        }
        if sealed.text.is_char_boundary(at) {
            let cut = Sealed {
                text: sealed.text[..at].into(),
                ..sealed.clone()
            };
            assert!(is_corrupt(cut.open()), "cut at {at}");
        }
    }
    for at in 0..64 {
        let prev = Sealed {
            prev: with_other_digit(&sealed.prev, at),
            ..sealed.clone()
        };
        assert!(is_corrupt(prev.open()), "prev, digit {at}");
        let digest = Sealed {
            digest: with_other_digit(&sealed.digest, at),
            ..sealed.clone()
        };
        assert!(is_corrupt(digest.open()), "digest, digit {at}");
    }
}

proptest! {
    #[test]
    fn an_altered_entry_does_not_open(
        entry: Entry,
        prev: Digest,
        at: prop::sample::Index,
        turn: u8,
        other: Digest,
        command: CommandId,
    ) {
        let sealed = entry.seal(prev).expect("it can be stored");
        let text = with_other_character(&sealed.text, at.index(sealed.text.len()), turn);
        let mut altered = vec![
            Sealed { text: text.into(), ..sealed.clone() },
            Sealed { text: format!("{} ", sealed.text).into(), ..sealed.clone() },
            Sealed { digest: with_other_digit(&sealed.digest, at.index(64)), ..sealed.clone() },
            Sealed { prev: with_other_digit(&sealed.prev, at.index(64)), ..sealed.clone() },
            Sealed { revision: sealed.revision.next(), ..sealed.clone() },
            Sealed { digest: other, ..sealed.clone() },
        ];
        if command != sealed.command {
            altered.push(Sealed { command, ..sealed.clone() });
        }
        for altered in altered {
            prop_assert!(altered == sealed || is_corrupt(altered.open()), "{altered:?}");
        }
    }

    #[test]
    fn an_altered_snapshot_does_not_open(
        project: Project,
        at: prop::sample::Index,
        turn: u8,
    ) {
        let head = Head { revision: project.revision, digest: Digest::of(b"head") };
        let taken = Snapshot::take(&project, head).expect("it can be stored");
        let text = with_other_character(&taken.text, at.index(taken.text.len()), turn);
        let altered = [
            Snapshot { text: text.into(), ..taken.clone() },
            Snapshot { digest: with_other_digit(&taken.digest, at.index(64)), ..taken.clone() },
            Snapshot { revision: taken.revision.next(), ..taken.clone() },
        ];
        for altered in altered {
            prop_assert!(is_corrupt(altered.open(project.id)), "{altered:?}");
        }
    }
}

#[test]
fn a_chain_takes_the_next_link_only() {
    let entry = |revision: u64, name: &str| {
        let mut entry = sample_entry();
        entry.revision = Revision::new(revision);
        entry.events = vec![Event::ProjectRenamed {
            name: name.parse().expect("a name"),
        }];
        entry
    };
    let first = entry(1, "one")
        .seal(Digest::ZERO)
        .expect("it can be stored");
    let second = entry(2, "two")
        .seal(first.digest)
        .expect("it can be stored");
    let mut chain = Chain::start(ProjectId::from_parts(0, 1));
    assert_eq!(chain.head(), None);
    assert!(is_corrupt(chain.follow(&second)), "the first is missing");
    chain.follow(&first).expect("it is the first");
    let before = chain.project().clone();
    for wrong in [
        first.clone(),
        entry(3, "three")
            .seal(first.digest)
            .expect("it can be stored"),
        entry(2, "two")
            .seal(Digest::ZERO)
            .expect("it can be stored"),
        sealed_text("{", &second),
        Sealed {
            text: "{}".into(),
            ..second.clone()
        },
    ] {
        assert!(chain.follow(&wrong).is_err(), "{wrong:?}");
        assert_eq!(
            (chain.project(), chain.head()),
            (&before, Some(first.head()))
        );
    }
    chain.follow(&second).expect("it is the next");
    assert_eq!(chain.head(), Some(second.head()));
    assert_eq!(chain.into_project().name.as_str(), "two");
}

/// The digest has no key: whoever makes a file can seal what they like. Input never panics.
#[test]
fn a_last_completed_step_that_no_program_writes_does_not_panic() {
    let plan = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let like = an_entry();
    for wrong in [-2, i64::MIN, i64::MAX] {
        let events = format!(
            r#"[{{"type":"plan_created","plan":"{plan}","number":1,"request":{{"inline":"x"}},"settings":{{}},"steps":[]}},{{"type":"plan_reverted","plan":"{plan}","state":"planning","last_completed_step":{wrong},"reversion_count":1}}]"#
        );
        let (before, _) = like.text.split_once("[{").expect("it has events");
        let sealed = sealed_text(&format!("{before}{events}}}"), &like);
        // Refused when it is read, or harmless when it is applied.
        if let Ok(entry) = sealed.open() {
            let mut project = Project::before_creation(ProjectId::from_parts(0, 1));
            entry.apply(&mut project);
            for plan in project.plans.values() {
                let _ = plan.next_step();
            }
        }
    }
}
