//! Instants as SAML writes them: `xs:dateTime` in UTC (SAML Core §1.3.3).

use domain::time::Instant;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How far a peer's clock may be off, in seconds (saml2int asks for three to five minutes).
pub const SKEW_SECONDS: i64 = 180;

/// Writes an instant with milliseconds.
pub fn write(instant: Instant) -> String {
    let utc = instant.utc();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        utc.year(),
        u8::from(utc.month()),
        utc.day(),
        utc.hour(),
        utc.minute(),
        utc.second(),
        utc.millisecond()
    )
}

/// Reads an instant. An offset is understood, a time without any is not: it would mean another
/// instant to every reader.
pub fn read(text: &str) -> Option<Instant> {
    if text.len() > 40 {
        return None;
    }
    let instant = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
    let microseconds = instant.unix_timestamp_nanos() / 1000;
    i64::try_from(microseconds)
        .ok()
        .map(Instant::from_microseconds)
}

#[cfg(test)]
mod unit {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2027-01-15T08:00:00Z", Some(1_800_000_000_000_000))]
    #[case("2027-01-15T08:00:00.25Z", Some(1_800_000_000_250_000))]
    #[case("2027-01-15T10:00:00+02:00", Some(1_800_000_000_000_000))]
    #[case("2027-01-15T08:00:00.123456789Z", Some(1_800_000_000_123_456))]
    #[case("2027-01-15T08:00:00", None)]
    #[case("2027-02-30T08:00:00Z", None)]
    #[case("yesterday", None)]
    fn instants_are_read_in_utc(#[case] text: &str, #[case] expected: Option<i64>) {
        assert_eq!(read(text).map(Instant::microseconds), expected);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let instant = Instant::from_microseconds(1_800_000_000_250_000);
        assert_eq!(write(instant), "2027-01-15T08:00:00.250Z");
        assert_eq!(read(&write(instant)), Some(instant));
    }
}
