//! Whether the clock can be believed. Pure.

use hub_flow::clock::Timestamp;

/// What is known of the time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// By the machine's clock.
    pub now: Timestamp,
    /// By the machine's clock when the hub started, and the microseconds a clock that cannot be set counted since.
    pub began: (Timestamp, i64),
    /// By the clock of the database server, where it has one of its own.
    pub database: Option<Timestamp>,
    /// Of the newest evidence.
    pub evidence: Timestamp,
}

/// What is wrong with the clock, in words; `limit` in seconds.
pub(super) fn wrong(times: Times, limit: i64) -> Option<String> {
    let seconds = |micros: i64| micros / 1_000_000;
    let (began, counted) = times.began;
    let jumped = seconds(times.now.0 - began.0 - counted);
    let away = times.database.map(|database| seconds(times.now.0 - database.0));
    let behind = seconds(times.evidence.0 - times.now.0);
    if jumped.abs() > limit {
        return Some(format!("it was set by {jumped} s since the hub started"));
    }
    if let Some(away) = away.filter(|away| away.abs() > limit) {
        return Some(format!("it is {away} s from the database's clock"));
    }
    (behind > limit).then(|| format!("it is {behind} s behind the newest evidence"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    #[test]
    fn a_clock_is_believed_within_the_limit_and_not_beyond() {
        let good = Times {
            now: Timestamp(10 * DAY),
            began: (Timestamp(9 * DAY), DAY),
            database: Some(Timestamp(10 * DAY - 30_000_000)),
            evidence: Timestamp(10 * DAY - 1),
        };
        assert_eq!(wrong(good, 120), None);
        assert_eq!(wrong(Times { database: None, ..good }, 120), None);
        let bad = [
            Times { began: (Timestamp(9 * DAY), DAY - 600_000_000), ..good },
            Times { began: (Timestamp(9 * DAY), DAY + 600_000_000), ..good },
            Times { database: Some(Timestamp(10 * DAY + 600_000_000)), ..good },
            Times { evidence: Timestamp(10 * DAY + 600_000_000), ..good },
        ];
        for times in bad {
            assert!(wrong(times, 120).is_some(), "{times:?}");
        }
    }
}
