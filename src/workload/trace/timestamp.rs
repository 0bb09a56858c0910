//! Instants in traces, read exactly to the nanosecond.

use super::super::TimestampFormat;

const NANOS_PER_SECOND: u64 = 1_000_000_000;
const SECONDS_PER_DAY: u64 = 86_400;

impl TimestampFormat {
    /// Nanoseconds since the format's origin, 1970 for dates; `None` when `text` is not an instant
    /// in this format, is before the origin, or is after 2554.
    pub(super) fn parse(self, text: &[u8]) -> Option<u64> {
        match self {
            Self::DateTime => date_time(text),
            Self::Seconds => decimal(text, 9),
            Self::Milliseconds => decimal(text, 6),
            Self::Microseconds => decimal(text, 3),
            Self::Nanoseconds => decimal(text, 0),
        }
    }
}

/// `YYYY-MM-DD HH:MM:SS`, then up to nine decimals, then perhaps an offset from UTC; `T` may replace
/// the space.
fn date_time(text: &[u8]) -> Option<u64> {
    let (date, time) = text.split_at_checked(10)?;
    let &[y0, y1, y2, y3, b'-', mo0, mo1, b'-', d0, d1] = date else { return None };
    let (clock, rest) = time.split_at_checked(9)?;
    let &[b' ' | b'T' | b't', h0, h1, b':', mi0, mi1, b':', s0, s1] = clock else { return None };
    let year = digits(&[y0, y1, y2, y3])?;
    let (month, day) = (digits(&[mo0, mo1])?, digits(&[d0, d1])?);
    let (hour, minute, second) = (digits(&[h0, h1])?, digits(&[mi0, mi1])?, digits(&[s0, s1])?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let zone = rest.iter().position(|byte| !matches!(byte, b'.' | b'0'..=b'9'));
    let (fraction, zone) = rest.split_at(zone.unwrap_or(rest.len()));
    let days = days_since_1970(year, month, day)?;
    let seconds = days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    let seconds = seconds.checked_add_signed(-seconds_east(zone.trim_ascii())?)?;
    seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(subsecond_nanos(fraction)?)
}

/// By how many seconds a clock is ahead of UTC; without an offset it shows UTC.
///
/// `Z`, `UTC` or `GMT`, in any case, or a sign and hours, with or without minutes and a colon between them.
fn seconds_east(zone: &[u8]) -> Option<i64> {
    let names: [&[u8]; 4] = [b"", b"Z", b"UTC", b"GMT"];
    if names.iter().any(|name| zone.eq_ignore_ascii_case(name)) {
        return Some(0);
    }
    let (sign, hours, minutes) = match *zone {
        [sign, h0, h1] => (sign, [h0, h1], [b'0', b'0']),
        [sign, h0, h1, m0, m1] | [sign, h0, h1, b':', m0, m1] => (sign, [h0, h1], [m0, m1]),
        _ => return None,
    };
    let (hours, minutes) = (digits(&hours)?, digits(&minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 3600 + minutes * 60) as i64;
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

/// The value of a run of at most 19 decimal digits.
fn digits(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit().then(|| value * 10 + u64::from(byte - b'0'))
    })
}

/// Nothing, or a point and one to nine digits.
fn subsecond_nanos(text: &[u8]) -> Option<u64> {
    match text {
        [] => Some(0),
        [b'.', decimals @ ..] if (1..=9).contains(&decimals.len()) => {
            Some(digits(decimals)? * 10u64.pow(9 - decimals.len() as u32))
        }
        _ => None,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar; `None` for dates that are none, or
/// are earlier.
///
/// After H. Hinnant, "chrono-compatible low-level date algorithms": years start in March, so that
/// the leap day comes last, and months have 153 days in every five.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn days_in(year: u64, month: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A decimal number, such as `1.5` or `2e-3`, times 10^`power`, rounded half up to a whole number.
///
/// Exact: digits are summed as integers, never as a binary fraction.
fn decimal(text: &[u8], power: i32) -> Option<u64> {
    let (mantissa, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&text[..at], exponent(&text[at + 1..])?),
        None => (text, 0),
    };
    let mantissa = mantissa.strip_prefix(b"+").unwrap_or(mantissa);
    let (whole, fraction) = match mantissa.iter().position(|&byte| byte == b'.') {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &[][..]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value: u128 = 0;
    for byte in whole.iter().chain(fraction) {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u128::from(byte - b'0'))?;
    }
    let power = power + exponent - i32::try_from(fraction.len()).ok()?;
    let nanos = if power >= 0 {
        if value == 0 { 0 } else { value.checked_mul(10u128.checked_pow(power.unsigned_abs())?)? }
    } else {
        match 10u128.checked_pow(power.unsigned_abs()) {
            Some(divisor) => value / divisor + u128::from(value % divisor >= divisor / 2),
            None => 0,
        }
    };
    u64::try_from(nanos).ok()
}

/// A power of ten of at most three digits.
fn exponent(text: &[u8]) -> Option<i32> {
    let (sign, size) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    if !(1..=3).contains(&size.len()) {
        return None;
    }
    Some(sign * digits(size)? as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(format: TimestampFormat, text: &str) -> Option<u64> {
        format.parse(text.as_bytes())
    }

    #[test]
    fn dates_are_exact() {
        let date = |text| parse(TimestampFormat::DateTime, text);
        assert_eq!(date("1970-01-01 00:00:00"), Some(0));
        // `date -u -d '2023-11-16 18:15:46' +%s` prints 1700158546.
        assert_eq!(date("2023-11-16 18:15:46.6805900"), Some(1_700_158_546_680_590_000));
        assert_eq!(date("2023-11-16T18:15:46.6805900Z"), Some(1_700_158_546_680_590_000));
        assert_eq!(date("2023-11-16 18:15:46.123456789"), Some(1_700_158_546_123_456_789));
        assert_eq!(date("2024-02-29 00:00:00"), Some(1_709_164_800_000_000_000));
        assert_eq!(date("2000-03-01 00:00:00.5"), Some(951_868_800_500_000_000));
    }

    /// All ways of ISO 8601 and of data-frame libraries to say how far a clock is from UTC;
    /// `date -u -d '2024-05-10 00:00:00+02:00' +%s` prints 1715292000.
    #[test]
    fn offsets_move_the_instant() {
        let utc = 1_715_299_200_009_930_000_i64;
        let hour = 3_600_000_000_000;
        for (zone, east) in [
            ("", 0),
            ("Z", 0),
            ("z", 0),
            (" UTC", 0),
            (" Z", 0),
            ("+00:00", 0),
            ("+0000", 0),
            ("+00", 0),
            ("-00:00", 0),
            (" +00:00", 0),
            ("+02:00", 2 * hour),
            (" +0200", 2 * hour),
            ("+02", 2 * hour),
            ("-05:30", -5 * hour - hour / 2),
            ("-0530", -5 * hour - hour / 2),
            ("+14:00", 14 * hour),
        ] {
            for between in [" ", "T", "t"] {
                let text = format!("2024-05-10{between}00:00:00.009930{zone}");
                assert_eq!(
                    parse(TimestampFormat::DateTime, &text),
                    Some((utc - east) as u64),
                    "{text}"
                );
            }
        }
        let whole = parse(TimestampFormat::DateTime, "2024-05-10 00:00:00+02:00");
        assert_eq!(whole, Some(1_715_292_000_000_000_000));
        let early = parse(TimestampFormat::DateTime, "1970-01-01 00:00:00-01:00");
        assert_eq!(early, Some(3_600_000_000_000));
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut days = 0;
        for year in 1970..2554 {
            for month in 1..=12 {
                for day in 1..=days_in(year, month) {
                    assert_eq!(days_since_1970(year, month, day), Some(days));
                    days += 1;
                }
            }
        }
    }

    #[test]
    fn refuses_what_is_not_a_date() {
        for text in [
            "",
            "2023-11-16",
            "2023-11-16 18:15",
            "2023-11-16 18:15:46.",
            "2023-11-16 18:15:46.1234567890",
            "2023-11-16 18:15:46,5",
            "2023-11-31 18:15:46",
            "2023-02-29 18:15:46",
            "2023-13-01 18:15:46",
            "2023-00-01 18:15:46",
            "2023-11-16 24:15:46",
            "2023-11-16 18:60:46",
            "2023-11-16 18:15:60",
            "1969-12-31 23:59:59",
            "9999-01-01 00:00:00",
            "2023-11-16 18:15:46+1:00",
            "2023-11-16 18:15:46+24:00",
            "2023-11-16 18:15:46+01:60",
            "2023-11-16 18:15:46+010",
            "2023-11-16 18:15:46 01:00",
            "2023-11-16 18:15:46 CET",
            "2023-11-16 18:15:46ZZ",
            "2023-11-16 18:15:46.5.5",
            "2023-11-16  18:15:46",
            "1970-01-01 00:59:59+01:00",
            "２023-11-16 18:15:46",
        ] {
            assert_eq!(parse(TimestampFormat::DateTime, text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_exact() {
        use TimestampFormat::{Microseconds, Milliseconds, Nanoseconds, Seconds};
        for (format, text, nanos) in [
            (Seconds, "0", 0),
            // As a double this would end in …208.
            (Seconds, "1700158546.680590007", 1_700_158_546_680_590_007),
            (Seconds, "0.1", 100_000_000),
            (Seconds, ".5", 500_000_000),
            (Seconds, "5.", 5_000_000_000),
            (Seconds, "1e-3", 1_000_000),
            (Seconds, "1.5E+2", 150_000_000_000),
            (Seconds, "0.00000000149999", 1),
            (Seconds, "0.0000000015", 2),
            (Seconds, "1e-300", 0),
            (Seconds, "0e300", 0),
            (Milliseconds, "27482.25", 27_482_250_000),
            (Microseconds, "+7", 7_000),
            (Nanoseconds, "18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse(format, text), Some(nanos), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        for text in
            ["", ".", "-1", "1e", "e5", "1e1e1", "1.2.3", "abc", "nan", "1_0", "1e30", "1 2"]
        {
            assert_eq!(parse(TimestampFormat::Seconds, text), None, "{text}");
        }
    }
}
