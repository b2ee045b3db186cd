//! Names found in a table: the fields of records, the variants of enums.
//!
//! Derived code compares a name with each that it knows, once more for every type. It takes a number
//! as well: the place in the table of names that it hands out anyway. So one piece of code looks
//! names up for all types, which makes the module for browsers a good deal smaller; and since fields
//! mostly come in the order in which they were written, it mostly looks once.
//!
//! Numbers count fields, tables name their aliases too: so there must be none. Nor is there a variant
//! for all `other` names.

use super::borrowed::TextVisitor;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use std::fmt;

type Names = &'static [&'static str];

/// The rest of an object, read as a record with these fields.
pub(crate) struct Fields<A> {
    object: A,
    names: Names,
    /// The place of the field that comes next, unless it was left out.
    next: usize,
}

impl<A> Fields<A> {
    pub(crate) const fn of(object: A, names: Names) -> Self {
        Self {
            object,
            names,
            next: 0,
        }
    }
}

/// A key of the object.
enum Key<E> {
    /// The place of its field.
    Known(usize),
    /// It is no field: what is to be said of it, if that isn't allowed.
    Unknown(E),
}

impl<'de, A: MapAccess<'de>> Fields<A> {
    /// Once for all records, not once for each.
    fn next_key(&mut self) -> Result<Option<Key<A::Error>>, A::Error> {
        let Some(key) = self.object.next_key_seed(TextVisitor("a key"))? else {
            return Ok(None);
        };
        Ok(Some(match place(self.names, &key, self.next) {
            Some(at) => {
                self.next = at + 1;
                Key::Known(at)
            }
            None => Key::Unknown(A::Error::unknown_field(&key, self.names)),
        }))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        match self.next_key()? {
            None => Ok(None),
            Some(Key::Known(at)) => known(seed, at).map(Some),
            Some(Key::Unknown(error)) => unknown(seed, error).map(Some),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.object.next_value_seed(seed)
    }
}

/// Reads the name of a variant, and gives its place among these names.
pub(crate) struct VariantName(pub(crate) Names);

impl<'de> DeserializeSeed<'de> for VariantName {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for VariantName {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("variant identifier")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        place_of_variant(self.0, name)
    }
}

/// The place of the variant of this name.
pub(crate) fn place_of_variant<E: Error>(names: Names, name: &str) -> Result<usize, E> {
    place(names, name, 0).ok_or_else(|| E::unknown_variant(name, names))
}

/// Where the name is in the table: there most likely, or anywhere.
fn place(names: Names, name: &str, likely: usize) -> Option<usize> {
    if names.get(likely) == Some(&name) {
        return Some(likely);
    }
    names.iter().position(|known| *known == name)
}

/// What has this place among the names of a type.
pub(crate) fn known<'de, S, E>(seed: S, at: usize) -> Result<S::Value, E>
where
    S: DeserializeSeed<'de>,
    E: Error,
{
    seed.deserialize(Place(at)).map_err(|NoPlace| not_taken())
}

/// Types that take any name take any number, and the others no number that is too large.
fn unknown<'de, S: DeserializeSeed<'de>, E>(seed: S, error: E) -> Result<S::Value, E> {
    seed.deserialize(Place(usize::MAX)).map_err(|NoPlace| error)
}

#[cold]
fn not_taken<E: Error>() -> E {
    E::custom("expected a type that takes the places of its own names")
}

/// A name, given as its place.
struct Place(usize);

impl<'de> Deserializer<'de> for Place {
    type Error = NoPlace;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NoPlace> {
        visitor.visit_u64(self.0 as u64)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

/// There is nothing at that place.
#[derive(Debug)]
struct NoPlace;

impl Error for NoPlace {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

impl std::error::Error for NoPlace {}

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no such place")
    }
}
