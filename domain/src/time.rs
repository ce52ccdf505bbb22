//! Instants and civil dates, and the arithmetic between them in the network's zone.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

/// A point in time, in UTC, to the microsecond. Written as RFC 3339.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A day of the calendar, without a time and a zone. Written as `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(time::Date);

/// Why a text is not a date or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0} between the years 1900 and 2200")]
pub struct NotATime(&'static str);

const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

impl Instant {
    /// From microseconds since 1970-01-01T00:00:00Z.
    pub fn from_microseconds(microseconds: i64) -> Self {
        Self(microseconds)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn microseconds(self) -> i64 {
        self.0
    }

    /// The same instant as the `time` crate writes it, in UTC.
    pub fn utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// This instant moved by `duration`, held at the ends of representable time.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let moved = i128::from(self.0) + duration.whole_microseconds();
        Self(i64::try_from(moved).unwrap_or(if moved < 0 { i64::MIN } else { i64::MAX }))
    }
}

impl From<OffsetDateTime> for Instant {
    fn from(instant: OffsetDateTime) -> Self {
        Self(i64::try_from(instant.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let wrong = NotATime("an instant such as 2026-01-31T12:00:00Z");
        let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong)?;
        let instant = instant.checked_to_offset(UtcOffset::UTC).ok_or(wrong)?;
        if YEARS.contains(&instant.year()) {
            Ok(instant.into())
        } else {
            Err(wrong)
        }
    }
}

impl Date {
    /// The day of this year, month (1–12) and day of the month, where there is one.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let month = time::Month::try_from(month).ok()?;
        time::Date::from_calendar_date(year, month, day)
            .ok()
            .map(Self)
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The month, 1–12.
    pub fn month(self) -> u8 {
        self.0.month().into()
    }

    /// The day of the month, 1–31.
    pub fn day(self) -> u8 {
        self.0.day()
    }

    /// The same day number `months` later, clamped to the last day of that month.
    #[must_use]
    pub fn plus_months(self, months: u16) -> Self {
        let count = self.0.year() * 12 + i32::from(self.month()) - 1 + i32::from(months);
        let year = count.div_euclid(12);
        let month = u8::try_from(count.rem_euclid(12) + 1).unwrap_or(1);
        (0..4)
            .find_map(|fewer| Self::new(year, month, self.day().saturating_sub(fewer)))
            .unwrap_or(self)
    }

    /// The day `days` later (earlier, where negative).
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        self.0.checked_add(Duration::days(days)).map_or(self, Self)
    }

    /// How many days `later` is after this day.
    pub fn days_until(self, later: Self) -> i64 {
        (later.0 - self.0).whole_days()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.year(),
            self.month(),
            self.day()
        )
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Date {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let wrong = NotATime("a date such as 2026-01-31");
        let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let mut parts = text.splitn(3, '-');
        let mut next = || parts.next().filter(|_| plain);
        let (year, month, day) = (next(), next(), next());
        let date = (|| {
            Self::new(
                year?.parse().ok()?,
                month?.parse().ok()?,
                day?.parse().ok()?,
            )
        })();
        date.filter(|date| YEARS.contains(&date.year()))
            .ok_or(wrong)
    }
}

/// The zone in which the network's civil dates are read, by its IANA name.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    zone: jiff::tz::TimeZone,
}

impl Zone {
    /// The zone of this IANA name, from the data compiled into the program.
    pub fn named(name: &str) -> Option<Self> {
        let zone = jiff::tz::TimeZone::get(name).ok()?;
        Some(Self {
            name: name.to_owned(),
            zone,
        })
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The civil date at `instant`.
    pub fn date(&self, instant: Instant) -> Date {
        let timestamp = jiff::Timestamp::from_microsecond(instant.0).unwrap_or_default();
        let date = self.zone.to_datetime(timestamp).date();
        Date::new(
            i32::from(date.year()),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        )
        .unwrap_or(Date(time::Date::MIN))
    }

    /// 00:00 of `date`: where a text names a date as a start.
    pub fn start_of(&self, date: Date) -> Instant {
        let civil = i16::try_from(date.year())
            .ok()
            .zip(
                i8::try_from(date.month())
                    .ok()
                    .zip(i8::try_from(date.day()).ok()),
            )
            .and_then(|(year, (month, day))| jiff::civil::Date::new(year, month, day).ok());
        let start = civil.and_then(|day| self.zone.to_timestamp(day.at(0, 0, 0, 0)).ok());
        Instant(start.unwrap_or_default().as_microsecond())
    }

    /// 24:00 of `date`: where a period of days or months has `date` as its last day.
    pub fn end_of(&self, date: Date) -> Instant {
        self.start_of(date.plus_days(1))
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

/// A span of time in which something holds: from `from` on, up to but not including `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Window {
    /// The first instant at which it holds.
    pub from: Instant,
    /// The first instant at which it no longer holds; none while no end is known.
    pub until: Option<Instant>,
}

impl Window {
    /// A window with no known end.
    pub fn open_from(from: Instant) -> Self {
        Self { from, until: None }
    }

    /// Whether it holds at `now`.
    pub fn holds_at(&self, now: Instant) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// Ends it at `until`, unless it ends earlier already.
    pub fn close_at(&mut self, until: Instant) {
        self.until = Some(self.until.map_or(until, |earlier| earlier.min(until)));
    }
}

/// Reads a value from its text without copying the text first.
struct FromText<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> de::Visitor<'_> for FromText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! as_text {
    ($($name:ident, $format:literal, $description:literal;)+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(FromText(PhantomData))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format, "description": $description })
            }
        }
    )+};
}

as_text! {
    Instant, "date-time", "An instant in RFC 3339, such as 2026-01-31T12:00:00Z.";
    Date, "date", "A civil date, such as 2026-01-31.";
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        Self::named(&name)
            .ok_or_else(|| de::Error::custom("expected an IANA zone, such as Europe/Helsinki"))
    }
}

impl JsonSchema for Zone {
    fn schema_name() -> Cow<'static, str> {
        "Zone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "An IANA time zone, such as Europe/Helsinki." })
    }
}
