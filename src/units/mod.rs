//! Physical and monetary quantities: types in the program, strings with units in files.
//!
//! A file says `80GB`, `40/s` or `3 USD/Mtok`. A bare number is refused with the list of units
//! that would do. Printing a quantity gives a string that parses back to the same value.

mod duration;
mod fraction;
mod parse;
mod precision;

pub(crate) use duration::print as duration_text;
pub use fraction::Fraction;
pub use precision::Precision;

use parse::{Unit, parse_quantity, print_quantity};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Bytes as a reader sees them: `1.2 GB`.
pub fn amount_of_bytes(bytes: f64) -> String {
    match bytes {
        bytes if bytes < 1e9 => format!("{:.0} MB", (bytes / 1e6).max(1.0)),
        bytes if bytes < 1e13 => format!("{:.1} GB", bytes / 1e9),
        bytes => format!("{:.0} TB", bytes / 1e12),
    }
}

/// Declares a quantity: a newtype over `f64` in its base unit, its units, smallest first, and the
/// words that describe it in an error.
macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $what:literal, $example:literal, [$(($unit:literal, $factor:expr)),+ $(,)?]) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
        pub struct $name(pub f64);

        impl $name {
            const UNITS: &'static [Unit] = &[$(Unit { name: $unit, factor: $factor }),+];
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                parse_quantity(text, Self::UNITS, $what, $example).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&print_quantity(self.0, Self::UNITS))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(parse::QuantityVisitor::new($what, $example, Self::UNITS))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                parse::schema(Self::UNITS, $what, $example)
            }
        }
    };
}

quantity!(
    /// An amount of memory in bytes.
    Bytes, "an amount of memory", "80GB",
    [("B", 1.0), ("kB", 1e3), ("KiB", 1024.0), ("MB", 1e6), ("MiB", 1_048_576.0), ("GB", 1e9),
     ("GiB", 1_073_741_824.0), ("TB", 1e12), ("TiB", 1_099_511_627_776.0)]
);
quantity!(
    /// A bandwidth in bytes per second.
    BytesPerSecond, "a bandwidth", "3.35TB/s",
    [("B/s", 1.0), ("kB/s", 1e3), ("MB/s", 1e6), ("GB/s", 1e9), ("TB/s", 1e12)]
);
quantity!(
    /// Arithmetic throughput in floating-point operations per second.
    FlopsPerSecond, "an arithmetic throughput", "989TFLOP/s",
    [("FLOP/s", 1.0), ("GFLOP/s", 1e9), ("TFLOP/s", 1e12), ("PFLOP/s", 1e15)]
);
quantity!(
    /// A short time in picoseconds, such as what an iteration takes for each of its tokens.
    Picoseconds, "a time", "0.4ns",
    [("ps", 1.0), ("ns", 1e3), ("us", 1e6), ("ms", 1e9), ("s", 1e12)]
);
quantity!(
    /// Electrical power in watts.
    Watts, "a power", "700W",
    [("W", 1.0), ("kW", 1e3), ("MW", 1e6)]
);
quantity!(
    /// A rate of events per second.
    PerSecond, "a rate", "40/s",
    [("/d", 1.0 / 86_400.0), ("/h", 1.0 / 3_600.0), ("/min", 1.0 / 60.0), ("/s", 1.0)]
);
quantity!(
    /// A price in US dollars per accelerator-hour.
    UsdPerHour, "a price per accelerator-hour", "2.95 USD/h",
    [(" USD/h", 1.0)]
);
quantity!(
    /// A price in US dollars per million tokens.
    UsdPerMillionTokens, "a price per token", "0.72 USD/Mtok",
    [(" USD/Mtok", 1.0), (" USD/ktok", 1e3)]
);
quantity!(
    /// A price in US dollars per kilowatt-hour.
    UsdPerKilowattHour, "a price of energy", "0.089 USD/kWh",
    [(" USD/MWh", 1e-3), (" USD/kWh", 1.0)]
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::SimDuration;

    #[test]
    fn parses_with_and_without_a_space() {
        assert_eq!("80GB".parse(), Ok(Bytes(80e9)));
        assert_eq!("80 GB".parse(), Ok(Bytes(80e9)));
        assert_eq!("3USD/Mtok".parse(), Ok(UsdPerMillionTokens(3.0)));
        assert_eq!("0.089 USD/kWh".parse(), Ok(UsdPerKilowattHour(0.089)));
        assert_eq!("2400/h".parse(), Ok(PerSecond(2400.0 / 3600.0)));
        assert_eq!("1e3 W".parse(), Ok(Watts(1000.0)));
    }

    #[test]
    fn refuses_what_is_not_a_quantity() {
        for text in ["80", "GB", "", "-1GB", "nan GB", "inf GB", "80Gb", "1e999GB", "8 0GB"] {
            let error = text.parse::<Bytes>().expect_err(text);
            assert!(error.contains("80GB"), "{text}: {error}");
        }
        assert!("80Gb".parse::<Bytes>().unwrap_err().contains("did you mean `GB`?"));
    }

    #[test]
    fn prints_what_parses_back() {
        for value in [0.0, 1.0, 80e9, 3.35e12, 1.1 * 1e9, 1.0 / 3.0, 12_345.678, 9.9e20] {
            assert_eq!(Bytes(value).to_string().parse(), Ok(Bytes(value)), "{}", Bytes(value));
            assert_eq!(PerSecond(value).to_string().parse(), Ok(PerSecond(value)));
            let price = UsdPerMillionTokens(value);
            assert_eq!(price.to_string().parse(), Ok(price));
        }
        assert_eq!(Bytes(80e9).to_string(), "80GB");
        assert_eq!(PerSecond(40.0).to_string(), "40/s");
        assert_eq!(UsdPerHour(2.95).to_string(), "2.95 USD/h");
        assert_eq!(UsdPerHour(1e37).to_string(), "1e37 USD/h");
        assert_eq!("1e37 USD/h".parse(), Ok(UsdPerHour(1e37)));
    }

    #[test]
    fn durations_are_exact() {
        for (text, nanos) in [
            ("30ms", 30_000_000),
            ("1.5 s", 1_500_000_000),
            ("2h", 7_200_000_000_000),
            ("1w", 604_800_000_000_000),
            ("0.1us", 100),
            ("7ns", 7),
            ("0s", 0),
        ] {
            let duration: SimDuration = text.parse().unwrap();
            assert_eq!(duration.as_nanos(), nanos, "{text}");
            let printed = duration::print(duration);
            assert_eq!(printed.parse::<SimDuration>(), Ok(duration), "{printed}");
        }
        for text in ["30", "-1s", "1 fortnight", "NaN s", "1000000w", ""] {
            assert!(text.parse::<SimDuration>().is_err(), "{text}");
        }
    }
}
