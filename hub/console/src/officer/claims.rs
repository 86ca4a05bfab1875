//! A verdict, claim by claim: what was compared, what came of it, and why it matters.

use serde_json::Value;

use crate::fault::Fault;
use crate::list::Tone;
use crate::visit::Visit;

/// A claim as the page shows it.
pub(super) struct Claim {
    /// Its kind: `complete`, `seal` …
    pub kind: String,
    /// What is claimed.
    pub name: String,
    /// The file or evidence it is about.
    pub about: String,
    /// Whether it is proven.
    pub status: String,
    /// The same as a colour.
    pub tone: Tone,
    /// What was compared, and what came of it.
    pub reason: String,
    /// Who proves it.
    pub by: String,
    /// Why it matters.
    pub why: String,
}

/// The verdict.
pub(super) struct Verdict {
    /// `proven`, `partial` or `failed`.
    pub outcome: String,
    /// When it was made.
    pub at: String,
    /// The claims, those that fail first.
    pub claims: Vec<Claim>,
}

impl Verdict {
    /// The verdict on a pack that was made just now for one side: what is still under way, or concerns other recipients, is
    /// not in it, and nothing is wrong with what is.
    pub(super) fn of_one_side(mut self, visit: &Visit) -> Self {
        for claim in self.claims.iter_mut().filter(|claim| claim.kind == "complete" && claim.tone == Tone::Bad) {
            claim.tone = Tone::Warn;
            visit.say("nu este tot aici", "not all of it is here").clone_into(&mut claim.status);
            let why = visit.say(
                "pachetul cuprinde ce privește instituția dumneavoastră până acum",
                "the package holds what concerns your institution up to now",
            );
            claim.reason = format!("{}; {why}", claim.reason);
        }
        if self.outcome == "failed" && !self.claims.iter().any(|claim| claim.tone == Tone::Bad) {
            "partial".clone_into(&mut self.outcome);
        }
        self
    }

    /// The verdict in a word.
    pub(super) fn word<'a>(&self, visit: &'a Visit) -> &'a str {
        match self.outcome.as_str() {
            "proven" => visit.say("dovedit", "proven"),
            "partial" => visit.say("în parte", "in part"),
            _ => visit.say("greșit", "wrong"),
        }
    }

    /// The verdict in a sentence.
    pub(super) fn sentence<'a>(&self, visit: &'a Visit) -> &'a str {
        match self.outcome.as_str() {
            "proven" => visit.say("Tot ce se afirmă este dovedit.", "Everything that is claimed is proven."),
            "partial" => visit.say(
                "Nimic nu este greșit. Ce nu a putut fi verificat este spus mai jos.",
                "Nothing is wrong. What could not be checked is said below.",
            ),
            _ => visit.say(
                "NU SE VERIFICĂ. Cel puțin o afirmație este greșită: nu vă bazați pe acest fișier.",
                "DOES NOT VERIFY. At least one claim is wrong: do not rely on this file.",
            ),
        }
    }

    /// How it stands.
    pub(super) fn tone(&self) -> Tone {
        match self.outcome.as_str() {
            "proven" => Tone::Good,
            "partial" => Tone::Warn,
            _ => Tone::Bad,
        }
    }
}

/// Romanian and English.
type Both = (&'static str, &'static str);

/// Claim, its name and why it matters, in both languages.
const KINDS: [(&str, Both, Both); 20] = [
    (
        "package",
        ("Pachetul este întreg", "The package is whole"),
        ("Niciun fișier nu a fost scos sau înlocuit.", "No file was taken out or replaced."),
    ),
    (
        "integrity",
        ("Semnătura: documentul este neschimbat", "Signature: the document is unchanged"),
        ("O singură literă schimbată ar rupe semnătura.", "A single changed letter would break the signature."),
    ),
    (
        "form",
        ("Forma dovezii", "Form of the evidence"),
        ("O dovadă conformă se citește oriunde în Uniune.", "Conforming evidence can be read anywhere in the Union."),
    ),
    (
        "seal",
        ("Sigiliul: cine a sigilat", "Seal: who sealed it"),
        (
            "Numai serviciul de livrare poate atesta ce s-a întâmplat (eIDAS art. 44).",
            "Only the delivery service can attest what happened (eIDAS art. 44).",
        ),
    ),
    (
        "seal-validity",
        ("Certificatul sigiliului era valabil", "The seal's certificate was valid"),
        (
            "Un sigiliu pus cu un certificat expirat nu are prezumția legii.",
            "A seal made with an expired certificate has no presumption of law.",
        ),
    ),
    (
        "revocation",
        ("Certificatul nu era revocat", "The certificate was not revoked"),
        ("O cheie pierdută poate sigila orice.", "A lost key can seal anything."),
    ),
    (
        "time-stamp",
        ("Marca temporală", "Time-stamp"),
        (
            "O autoritate străină de hub a văzut dovada la această oră (eIDAS art. 41).",
            "An authority apart from the hub saw the evidence at this time (eIDAS art. 41).",
        ),
    ),
    (
        "log",
        ("Înscrisă în jurnalul public", "Included in the public log"),
        (
            "Dovada nu poate fi ștearsă sau făcută mai târziu fără să se vadă.",
            "The evidence cannot be removed or made later unseen.",
        ),
    ),
    (
        "witness",
        ("Martorii jurnalului", "Witnesses of the log"),
        ("Alții decât hubul au văzut același jurnal.", "Others than the hub saw the same log."),
    ),
    (
        "head",
        ("Capul jurnalului este semnat", "The head of the log is signed"),
        ("Jurnalul răspunde pentru tot ce cuprinde.", "The log answers for all it holds."),
    ),
    (
        "head-time-stamp",
        ("Marca temporală a jurnalului", "Time-stamp of the log"),
        ("Arată de când jurnalul cuprinde dovada.", "It shows since when the log holds the evidence."),
    ),
    (
        "head-consistency",
        ("Jurnalul nu a fost rescris", "The log was not rewritten"),
        ("Două istorii diferite ar ieși la iveală.", "Two different histories would come to light."),
    ),
    (
        "record",
        ("Păstrarea pe termen lung (RFC 4998)", "Long-term preservation (RFC 4998)"),
        ("Dovada rămâne bună și după ce algoritmii îmbătrânesc.", "The evidence stays good when algorithms grow old."),
    ),
    (
        "content",
        ("Amprenta conținutului", "Hash of the content"),
        ("Documentul predat este cel trimis.", "The document delivered is the one sent."),
    ),
    (
        "chain",
        ("Lanțul: același mesaj", "Chain: the same message"),
        ("Dovezile spun o singură poveste.", "The evidence tells one story."),
    ),
    (
        "gapless",
        ("Registrul nu are goluri", "The register has no gaps"),
        ("Niciun număr nu a fost sărit sau ascuns.", "No number was skipped or hidden."),
    ),
    (
        "links",
        ("Lanțul numerelor", "Chain of numbers"),
        ("O înregistrare schimbată ar rupe lanțul.", "A changed entry would break the chain."),
    ),
    (
        "statement",
        ("Declarația sigilată a registrului", "Sealed statement of the register"),
        ("Numerele sunt cele declarate de hub.", "The numbers are those the hub stated."),
    ),
    (
        "closing",
        ("Închiderea anului", "Closing of the year"),
        ("Anul a fost închis cu aceste numere.", "The year was closed with these numbers."),
    ),
    (
        "complete",
        ("Numerele de registru și pașii sunt compleți", "Register numbers and steps are complete"),
        ("Nicio dovadă obligatorie nu lipsește.", "No obligatory evidence is missing."),
    ),
];

/// Reads a verdict as the API tells it.
pub(super) fn read(visit: &Visit, told: &Value) -> Verdict {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut claims: Vec<Claim> = told["claims"].as_array().into_iter().flatten().map(|one| claim(visit, one)).collect();
    claims.sort_by_key(|one| one.tone != Tone::Bad);
    Verdict { outcome: text(&told["verdict"]), at: text(&told["checked_at"]), claims }
}

fn claim(visit: &Visit, told: &Value) -> Claim {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = text(&told["claim"]);
    let known = KINDS.iter().find(|(held, ..)| *held == kind);
    let (status, tone) = match told["status"].as_str() {
        Some("proven") => (visit.say("dovedit", "proven"), Tone::Good),
        Some("failed") => (visit.say("NU SE VERIFICĂ", "DOES NOT VERIFY"), Tone::Bad),
        _ => (visit.say("neverificat", "not checked"), Tone::Warn),
    };
    Claim {
        name: known.map_or_else(|| kind.clone(), |(_, (ro, en), _)| visit.say(ro, en).to_owned()),
        about: text(&told["about"]),
        status: status.to_owned(),
        tone,
        reason: text(&told["reason"][visit.language.as_str()]),
        by: text(&told["by"]),
        why: known.map_or_else(String::new, |(_, _, (ro, en))| visit.say(ro, en).to_owned()),
        kind,
    }
}

/// Has a file verified. Answers the verdict, also where it fails; and why there is none where the file cannot be read.
///
/// # Errors
/// The hub cannot answer.
pub(super) async fn of(
    visit: &Visit,
    (media_type, file): (&str, bytes::Bytes),
) -> Result<Result<Verdict, Fault>, Fault> {
    let ask = visit.post("/v1/verify").form(&visit.person.form_token).body(media_type, file);
    match ask.value().await {
        Ok(told) => Ok(Ok(read(visit, &told))),
        Err(fault) if fault.document["verdict"].is_object() => Ok(Ok(read(visit, &fault.document["verdict"]))),
        Err(fault) if fault.status.is_client_error() => Ok(Err(fault)),
        Err(fault) => Err(fault),
    }
}
