//! The loop that makes copies for keeping (PDF/A) of archived documents, or writes down why there is none.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hub_conversion::{Absent, Bounds, Converter, NotConverted};
use hub_flow::archive::filing::{self, CopyEnded, MadeCopy, ToCopy};
use hub_flow::db::DbError;
use hub_flow::hub::Hub;
use hub_flow::log::Lease;
use hub_vault::{Source, VaultError};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// From one look to the next, where there is nothing to do.
const EVERY: Duration = Duration::from_secs(2);
/// Documents of one look.
const TAKEN: i64 = 8;
/// Most bytes of a document that is converted.
const CONVERTED: u64 = 128 << 20;
/// What failed in passing is tried again after so many seconds.
const SOON: i64 = 3_600;
/// What needs a program is tried again after so many seconds: somebody may install it.
const LATER: i64 = 7 * 86_400;

/// Makes copies until told to stop; what is under way then is taken up again at the next start.
pub(crate) async fn run(hub: Arc<Hub>, lease: Arc<Lease>, scratch: PathBuf, mut stop: watch::Receiver<bool>) {
    let converter = Converter::find(&scratch, Bounds::default(), 1).await;
    if let Err(absent) = &converter {
        tracing::warn!(%absent, "archived documents get no copies for keeping");
    }
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        let turn = tokio::select! {
            turn = pass(&hub, &lease, converter.as_ref()) => turn,
            _ = stop.changed() => return,
        };
        match turn {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "no copies are made now; trying again"),
        }
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
    }
}

/// One look; answers whether there may be more at once.
async fn pass(hub: &Hub, lease: &Lease, converter: Result<&Converter, &Absent>) -> Result<bool, DbError> {
    if !lease.hold(&hub.db, hub.clock.now()).await? {
        return Ok(false);
    }
    let due = filing::copies_due(&hub.db, hub.clock.now(), TAKEN).await?;
    let more = !due.is_empty();
    for of in due {
        let ended = copy(hub, converter, of).await;
        let verb = Arc::new(ended.clone());
        hub.db.write(&verb, ended).await?;
    }
    Ok(more)
}

/// Makes the copy of a document; its bytes are in the vault when this returns.
async fn copy(hub: &Hub, converter: Result<&Converter, &Absent>, of: ToCopy) -> CopyEnded {
    let at = hub.clock.now();
    let mut ended = CopyEnded {
        of,
        copy: None,
        reason: "copied",
        told: String::new(),
        kept: false,
        software: converter.map_or_else(|_| String::new(), |found| found.tools().software.clone()),
        again: None,
        at,
    };
    let bytes = match hub.vault.read_all(&ended.of.sha256, CONVERTED).await {
        Ok(bytes) => Ok(bytes),
        Err(VaultError::TooLarge { .. }) => Err(NotConverted::TooLarge),
        Err(error) => Err(NotConverted::Unavailable(error.to_string())),
    };
    let made = match (bytes, converter) {
        (Err(why), _) => Err(why),
        (Ok(_), Err(absent)) => Err(NotConverted::Absent(absent.program)),
        (Ok(bytes), Ok(converter)) => {
            let signed = bytes.windows(SIGNED.len()).any(|window| window == SIGNED);
            converter.archival(&ended.of.id.to_string(), &bytes).await.map(|copy| (copy, signed))
        }
    };
    let made = match made {
        Ok((made, signed)) => match hub.vault.put(Source::Bytes(Bytes::from(made.bytes.clone()))).await {
            Ok(kept) => Ok((made, signed, kept)),
            Err(error) => Err(NotConverted::Unavailable(error.to_string())),
        },
        Err(why) => Err(why),
    };
    match made {
        Ok((made, signed, kept)) => {
            let id = hub.ids.uuid(at);
            ended.copy = Some(MadeCopy { id, size: kept.size, sha256: kept.address });
            ended.told = format!(
                "copie PDF/A-2b făcută cu {} la {}; SHA-256 al originalului {}, al copiei {}{}",
                made.software,
                at.to_romanian(),
                hex::encode(made.source_sha256),
                hex::encode(made.sha256),
                if signed { "; copia nu poartă semnătura, care rămâne la original" } else { "" }
            );
            ended.software = made.software;
        }
        Err(why) => {
            let (reason, kept, again) = finding(&why);
            ended.reason = reason;
            ended.kept = kept;
            ended.told = told(&why);
            ended.again = again.map(|seconds| at.plus_seconds(seconds));
        }
    }
    ended
}

/// What a signed PDF has (ISO 32000-1, 12.8.1).
const SIGNED: &[u8] = b"/ByteRange";

/// The word of why there is no copy, whether that is fine, and after how many seconds it is tried again.
const fn finding(why: &NotConverted) -> (&'static str, bool, Option<i64>) {
    match why {
        NotConverted::Unsupported => ("unsupported", true, None),
        NotConverted::Pdf(_) => ("pdfa_already", true, None),
        NotConverted::Absent(_) => ("no_program", false, Some(LATER)),
        NotConverted::Encrypted => ("protected", false, None),
        NotConverted::Broken(_) => ("damaged", false, None),
        NotConverted::TooLarge => ("too_large", false, None),
        NotConverted::TimedOut { .. } => ("timed_out", false, Some(LATER)),
        NotConverted::Crashed(_) => ("failed", false, Some(LATER)),
        NotConverted::NothingWritten => ("not_loaded", false, None),
        NotConverted::WrongCopy(_) => ("wrong_copy", false, None),
        NotConverted::Unavailable(_) => ("unavailable", false, Some(SOON)),
    }
}

fn told(why: &NotConverted) -> String {
    match why {
        NotConverted::Unsupported => "fără copie: formatul se păstrează așa cum este".to_owned(),
        NotConverted::Pdf(_) => "fără copie: documentul se declară deja PDF/A".to_owned(),
        NotConverted::Absent(program) => format!("fără copie: programul {program} nu este instalat"),
        NotConverted::Encrypted => "fără copie: documentul este protejat cu parolă".to_owned(),
        NotConverted::Broken(said) => format!("fără copie: documentul este stricat ({said})"),
        NotConverted::TooLarge => "fără copie: documentul este prea mare pentru conversie".to_owned(),
        NotConverted::TimedOut { seconds } => format!("fără copie: conversia nu s-a încheiat în {seconds} s"),
        NotConverted::Crashed(said) => format!("fără copie: programul a căzut ({said})"),
        NotConverted::NothingWritten => "fără copie: programul nu a putut încărca documentul".to_owned(),
        NotConverted::WrongCopy(said) => format!("fără copie: ce a ieșit nu este PDF/A-2b ({said})"),
        NotConverted::Unavailable(said) => format!("fără copie deocamdată: {said}"),
    }
}
