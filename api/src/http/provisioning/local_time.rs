//! Times as MPASSid-hallintapalvelu writes them: date and time in Finland, without a zone.

use domain::time::Instant;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The zone of the format. It is the format's own and not the network's.
const ZONE: &str = "Europe/Helsinki";

fn zone() -> TimeZone {
    // Compiled into the program; a test reads it.
    TimeZone::get(ZONE).unwrap_or(TimeZone::UTC)
}

/// The instant as the format writes it, such as `2025-01-31T14:00:00`.
pub(super) fn local(instant: Instant) -> String {
    let timestamp = Timestamp::from_microsecond(instant.microseconds()).unwrap_or_default();
    zone().to_datetime(timestamp).to_string()
}

/// A time of the format, or one with a zone (RFC 3339). A time that exists twice is the earlier of
/// the two and one that does not exist is moved back: then nothing counts as known that may not be.
pub(super) fn read(text: &str) -> Option<Instant> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(Instant::from_microseconds(timestamp.as_microsecond()));
    }
    let (_, time) = text.split_once('T')?;
    if time.contains(|letter: char| !letter.is_ascii_digit() && !matches!(letter, ':' | '.')) {
        return None;
    }
    let civil: DateTime = text.parse().ok()?;
    let timestamp = zone().to_ambiguous_timestamp(civil).earlier().ok()?;
    Some(Instant::from_microseconds(timestamp.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::winter("2025-01-31T14:00:00", Some("2025-01-31T12:00:00Z"))]
    #[case::summer("2025-07-01T15:00:00.5", Some("2025-07-01T12:00:00.5Z"))]
    #[case::without_seconds("2025-07-01T15:00", Some("2025-07-01T12:00:00Z"))]
    #[case::twice("2025-10-26T03:30:00", Some("2025-10-26T00:30:00Z"))]
    #[case::never("2025-03-30T03:30:00", Some("2025-03-30T00:30:00Z"))]
    #[case::zoned("2025-01-31T14:00:00Z", Some("2025-01-31T14:00:00Z"))]
    #[case::offset("2025-01-31T14:00+03:00", Some("2025-01-31T11:00:00Z"))]
    #[case::day("2025-01-31", None)]
    #[case::words("yesterday", None)]
    #[case::zone_in_brackets("2025-01-31T14:00:00[Europe/Paris]", None)]
    fn times_are_read(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(read(text), expected.map(domain::testing::instant));
    }

    #[test]
    fn times_are_written_in_finland() {
        let written = |text| local(domain::testing::instant(text));
        assert_eq!(written("2025-01-31T12:00:00Z"), "2025-01-31T14:00:00");
        assert_eq!(written("2025-07-01T12:00:00.25Z"), "2025-07-01T15:00:00.25");
    }
}
