//! Time-stamps given beside the files they are about.

use hub_signatures::time_stamp::{TimeStamp, TimeStampError};
use hub_signatures::trust::Trust;

use super::Bench;
use super::seal::{Uses, judge_stamp};
use crate::claim::{Claim, Kind, Status};
use crate::exhibits::File;
use crate::romanian;

pub(super) fn judge(bench: &Bench<'_>, uses: &mut Uses) -> Vec<Claim> {
    bench.exhibits.tokens.iter().map(|token| claim(bench, token, uses)).collect()
}

fn claim(bench: &Bench<'_>, token: &File<'_>, uses: &mut Uses) -> Claim {
    let mut objects = bench.exhibits.evidences.iter().chain(&bench.exhibits.payloads).peekable();
    if objects.peek().is_none() {
        let (ro, en) = ("datele marcate nu au fost date", "the stamped data was not given");
        return Claim::not_checked(Kind::TimeStamp, token.name, ro, en);
    }
    let mut refused = TimeStampError::Imprint;
    for object in objects {
        match TimeStamp::verify(token.bytes, object.bytes, &Trust::IntegrityOnly) {
            Ok(stamp) => {
                return judge_stamp(bench, Kind::TimeStamp, token.name, &stamp, uses).0.detail("data", object.name);
            }
            Err(TimeStampError::Imprint) => {}
            Err(error) => refused = error,
        }
    }
    Claim::with(Kind::TimeStamp, token.name, Status::Failed, romanian::of_time_stamp(&refused))
}
