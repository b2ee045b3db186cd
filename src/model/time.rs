//! Moments in time: UTC, milliseconds, RFC 3339 with `Z`.

use super::InvalidInput;
use super::text_serde::text_serde;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use std::fmt;
use std::str::FromStr;

/// A moment: milliseconds since 1970-01-01 UTC, up to the end of the year 9999.
///
/// Written as RFC 3339 in UTC with milliseconds: `2026-11-20T18:35:52.000Z`. Times inform;
/// they never order anything, since clocks go back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The first moment that can be written: 1970-01-01T00:00:00.000Z.
    pub const EPOCH: Timestamp = Timestamp(0);
    /// The last moment that can be written: 9999-12-31T23:59:59.999Z.
    pub const LATEST: Timestamp = Timestamp(253_402_300_799_999);

    /// The moment this many milliseconds after 1970.
    ///
    /// # Errors
    /// When it lies before 1970 or after the year 9999.
    pub fn from_milliseconds(milliseconds: i64) -> Result<Self, InvalidInput> {
        let time = Self::from_milliseconds_clamped(milliseconds);
        if time.0 == milliseconds {
            Ok(time)
        } else {
            Err(InvalidInput::malformed(
                "time",
                "a moment from 1970 to 9999",
                &format!("{milliseconds} ms since 1970"),
            ))
        }
    }

    /// The moment this many milliseconds after 1970, or the nearest that can be written.
    #[must_use]
    pub fn from_milliseconds_clamped(milliseconds: i64) -> Self {
        Self(milliseconds.clamp(Self::EPOCH.0, Self::LATEST.0))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn milliseconds(self) -> i64 {
        self.0
    }

    /// This moment moved by so many milliseconds, or the nearest that can be written.
    #[must_use]
    pub fn plus_milliseconds(self, milliseconds: i64) -> Self {
        Self::from_milliseconds_clamped(self.0.saturating_add(milliseconds))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = DateTime::<Utc>::from_timestamp_millis(self.0)
            .expect("the type holds 1970 to 9999 only, which chrono can write");
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl FromStr for Timestamp {
    type Err = InvalidInput;

    /// Reads any RFC 3339 time; other offsets are turned into UTC, finer parts than
    /// milliseconds are dropped.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(time) = as_written(text.as_bytes()) {
            return Ok(time);
        }
        DateTime::parse_from_rfc3339(text)
            .ok()
            .and_then(|time| Self::from_milliseconds(time.timestamp_millis()).ok())
            .ok_or_else(|| {
                InvalidInput::malformed(
                    "time",
                    "an RFC 3339 time from 1970 to 9999, like 2026-11-20T18:35:52.000Z",
                    text,
                )
            })
    }
}

text_serde!(Timestamp);

/// Reads the one form that is ever written: a replay reads a time or two for each entry, and the
/// general parser is ten times slower.
fn as_written(text: &[u8]) -> Option<Timestamp> {
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        mo1,
        mo2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        mi1,
        mi2,
        b':',
        s1,
        s2,
        b'.',
        ms1,
        ms2,
        ms3,
        b'Z',
    ] = text
    else {
        return None;
    };
    let number = |digits: &[&u8]| {
        digits.iter().try_fold(0_u32, |number, digit| {
            digit
                .is_ascii_digit()
                .then(|| number * 10 + u32::from(**digit - b'0'))
        })
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    let time = NaiveDate::from_ymd_opt(year, number(&[mo1, mo2])?, number(&[d1, d2])?)?
        .and_hms_milli_opt(
            number(&[h1, h2])?,
            number(&[mi1, mi2])?,
            number(&[s1, s2])?,
            number(&[ms1, ms2, ms3])?,
        )?;
    Timestamp::from_milliseconds(time.and_utc().timestamp_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc_with_milliseconds() {
        let time: Timestamp = "2024-02-29T23:59:59.9996+02:00".parse().unwrap();
        assert_eq!(time.to_string(), "2024-02-29T21:59:59.999Z");
        assert_eq!(Timestamp::LATEST.to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn the_written_form_is_read_like_the_general_parser_reads_it() {
        for text in [
            "1970-01-01T00:00:00.000Z",
            "2024-02-29T23:59:59.999Z",
            "9999-12-31T23:59:59.999Z",
        ] {
            let general = DateTime::parse_from_rfc3339(text)
                .unwrap()
                .timestamp_millis();
            assert_eq!(as_written(text.as_bytes()).unwrap().milliseconds(), general);
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
        for wrong in [
            "2023-02-29T00:00:00.000Z",
            "2024-13-01T00:00:00.000Z",
            "2024-01-01T24:00:00.000Z",
            "2024-01-0xT00:00:00.000Z",
            "1969-12-31T23:59:59.999Z",
        ] {
            assert_eq!(as_written(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_out_of_range_is_refused() {
        for wrong in [
            "",
            "yesterday",
            "1969-12-31T23:59:59.999Z",
            "2024-02-30T00:00:00Z",
            "10000-01-01T00:00:00Z",
        ] {
            assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
        }
        assert!(Timestamp::from_milliseconds(-1).is_err());
    }
}
