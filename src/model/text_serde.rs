//! Serde for types that are written as text and read back by their `FromStr`.

/// Implements `Serialize` by `Display` and `Deserialize` by `FromStr`, with no copy of the text.
macro_rules! text_serde {
    ($type:ident) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::{DeserializeSeed as _, Error as _};

                let expected = concat!("the text of a ", stringify!($type));
                let text =
                    $crate::model::borrowed::TextVisitor(expected).deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    };
}
pub(crate) use text_serde;
