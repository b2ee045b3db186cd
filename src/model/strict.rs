//! Reading JSON strictly: where a record is expected, only an object will do.
//!
//! Serde's derived code reads records from arrays too, which nothing here is ever written as. Not
//! asking for that makes the module for browsers a good deal smaller, and so does looking all names
//! up in one place (`fields.rs`).

use super::fields::{Fields, VariantName, known};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use std::fmt;

/// Reads a text that is one JSON value.
///
/// # Errors
/// What was expected, and what was found where.
pub(crate) fn from_json<'de, T: Deserialize<'de>>(text: &'de str) -> serde_json::Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Strict(&mut json))?;
    json.end()?;
    Ok(value)
}

/// One of serde's parts, with all that comes out of it strict too.
struct Strict<T>(T);

macro_rules! as_before {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(visitor)
        }
    )+};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    as_before! {
        deserialize_any deserialize_ignored_any deserialize_identifier
        deserialize_bool deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_unit
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(RecordVisitor { visitor, fields })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Strict(visitor))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_seq(ArrayVisitor(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(OptionVisitor(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = EnumVisitor { visitor, variants };
        self.0.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, visitor)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Strict(map))
    }
}

struct RecordVisitor<V> {
    visitor: V,
    fields: &'static [&'static str],
}

impl<'de, V: Visitor<'de>> Visitor<'de> for RecordVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Fields::of(Strict(map), self.fields))
    }
}

struct ArrayVisitor<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for ArrayVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Strict(array))
    }
}

struct OptionVisitor<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for OptionVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Strict(deserializer))
    }
}

struct EnumVisitor<V> {
    visitor: V,
    variants: &'static [&'static str],
}

impl<'de, V: Visitor<'de>> Visitor<'de> for EnumVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Variants {
            access,
            names: self.variants,
        })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(deserializer))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }
}

struct Variants<A> {
    access: A,
    names: &'static [&'static str],
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Variants<A> {
    type Error = A::Error;
    type Variant = Strict<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let (at, contents) = self.access.variant_seed(VariantName(self.names))?;
        Ok((known(seed, at)?, Strict(contents)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Strict(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, ArrayVisitor(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let visitor = RecordVisitor { visitor, fields };
        self.0.struct_variant(fields, visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Record {
        number: u64,
        #[serde(default)]
        inner: Option<Inner>,
        #[serde(default)]
        list: Vec<Inner>,
        #[serde(default)]
        map: BTreeMap<String, Inner>,
        #[serde(default)]
        pair: Option<(u32, Inner)>,
        #[serde(default)]
        form: Option<Form>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Inner {
        text: String,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    enum Form {
        Word,
        Wrapped(Inner),
        Named { inner: Inner },
        Pair(u32, Inner),
    }

    #[test]
    fn what_serde_writes_is_read_as_serde_reads_it() {
        let inner = r#"{"text":"ä\n\"b\""}"#;
        for fields in [
            String::new(),
            format!(r#","inner":{inner},"list":[{inner},{inner}]"#),
            format!(r#","inner":null,"map":{{"a":{inner},"b\n":{inner}}}"#),
            format!(r#","pair":[1,{inner}],"form":"Word""#),
            format!(r#","form":{{"Wrapped":{inner}}}"#),
            format!(r#","form":{{"Named":{{"inner":{inner}}}}}"#),
            format!(r#","form":{{"Pair":[7,{inner}]}}"#),
        ] {
            let text = format!(r#"{{"number":1{fields}}}"#);
            let read: Record = from_json(&text).unwrap();
            assert_eq!(read, serde_json::from_str(&text).unwrap(), "{text}");
        }
    }

    #[test]
    fn an_array_is_no_record_however_deep() {
        for fields in [
            "[1]",
            r#"{"number":1,"inner":["x"]}"#,
            r#"{"number":1,"list":[["x"]]}"#,
            r#"{"number":1,"map":{"a":["x"]}}"#,
            r#"{"number":1,"pair":[1,["x"]]}"#,
            r#"{"number":1,"form":{"Wrapped":["x"]}}"#,
            r#"{"number":1,"form":{"Named":[{"text":"x"}]}}"#,
            r#"{"number":1,"form":{"Named":{"inner":["x"]}}}"#,
            r#"{"number":1,"form":{"Pair":[7,["x"]]}}"#,
        ] {
            let error = from_json::<Record>(fields).unwrap_err().to_string();
            assert!(
                error.contains("invalid type: sequence"),
                "{fields}: {error}"
            );
        }
    }

    #[test]
    fn other_faults_are_told_as_serde_tells_them() {
        for wrong in [
            "",
            "{",
            r#"{"number":1} 2"#,
            r#"{"number":-1}"#,
            r#"{"number":1,"number":2}"#,
            r#"{"other":1}"#,
            r#"{"inner":{"text":5}}"#,
            r#"{"number":1,"form":"Other"}"#,
            "{}",
        ] {
            let error = from_json::<Record>(wrong).unwrap_err();
            let expected = serde_json::from_str::<Record>(wrong).unwrap_err();
            assert_eq!(error.to_string(), expected.to_string(), "{wrong}");
        }
    }
}
