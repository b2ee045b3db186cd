//! Records kept by their id in a persistent ordered map: a copy of the map is a pointer, and
//! changing it copies only the way to what changed.

use imbl::OrdMap;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// A record that says which id it is kept by.
pub trait Keyed {
    /// Its id.
    type Key: Ord + Clone + fmt::Display;

    /// The id of this record.
    fn key(&self) -> &Self::Key;
}

/// Records by their ids.
pub type Records<T> = OrdMap<<T as Keyed>::Key, Arc<T>>;

/// Records by a number that they have. All kinds share one sort, of pairs: each one more would be
/// five kilobytes more to load in a browser.
#[must_use]
pub fn in_order<'a, T>(
    records: impl Iterator<Item = &'a T>,
    number: impl Fn(&T) -> u64,
) -> Vec<&'a T> {
    let records: Vec<&T> = records.collect();
    let mut order: Vec<(u64, usize)> = records
        .iter()
        .map(|record| number(record))
        .zip(0..)
        .collect();
    order.sort_unstable();
    order.into_iter().map(|(_, at)| records[at]).collect()
}

/// Writes the records as an array: their ids are in them.
pub(super) fn serialize<T, S>(records: &Records<T>, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Keyed + Serialize,
    S: Serializer,
{
    let mut array = serializer.serialize_seq(Some(records.len()))?;
    for record in records.values() {
        array.serialize_element(&**record)?;
    }
    array.end()
}

/// Reads the array back; an id that occurs twice is refused. Each record goes where it stays at once:
/// a list of them all in between would be as large as they are.
pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<Records<T>, D::Error>
where
    T: Keyed + Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_seq(RecordsVisitor(Records::<T>::new()))
}

struct RecordsVisitor<T: Keyed>(Records<T>);

impl<'de, T: Keyed + Deserialize<'de>> Visitor<'de> for RecordsVisitor<T> {
    type Value = Records<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Records<T>, A::Error> {
        let Self(mut records) = self;
        while let Some(record) = array.next_element::<Arc<T>>()? {
            let key = record.key().clone();
            if records.insert(key.clone(), record).is_some() {
                return Err(A::Error::custom(format!(
                    "expected each id once, found {key} twice"
                )));
            }
        }
        Ok(records)
    }
}
