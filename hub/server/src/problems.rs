//! The error catalogue: one code, one status, one page; the same words in API, command line and console.

/// A kind of problem. Its page is `docs/problems/<code>.md`.
#[derive(Debug)]
pub struct ProblemKind {
    /// Stable code, last segment of the problem's type URI.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened, in Romanian.
    pub ro: &'static str,
    /// What happened, in English.
    pub en: &'static str,
}

macro_rules! problems {
    ($($name:ident $code:literal $status:literal $ro:literal $en:literal;)*) => {
        $(
            #[doc = $en]
            pub static $name: ProblemKind = ProblemKind { code: $code, status: $status, ro: $ro, en: $en };
        )*
        /// Every problem there is.
        pub static ALL: &[&ProblemKind] = &[$(&$name),*];
    };
}

problems! {
    MALFORMED_REQUEST "malformed-request" 400 "Cererea nu poate fi citită" "The request cannot be read";
    IDEMPOTENCY_KEY "idempotency-key" 400 "Antetul Idempotency-Key lipsește sau nu are forma cerută" "The Idempotency-Key header is missing or malformed";
    PURPOSE_NEEDED "purpose-needed" 400 "Lipsește scopul sau temeiul legal" "The purpose or the legal basis is missing";
    CLERK_NEEDED "clerk-needed" 400 "Lipsește funcționarul care face pasul" "The clerk who acts is not named";
    UNAUTHENTICATED "unauthenticated" 401 "Nu știm cine întreabă" "Who asks is not known";
    FORBIDDEN "forbidden" 403 "Lipsește dreptul pentru acest pas" "The right for this step is missing";
    NO_LOOKUP_AGREEMENT "no-lookup-agreement" 403 "Niciun acord nu permite această întrebare" "No agreement allows this question";
    NOT_FOUND "not-found" 404 "Nu există" "There is no such thing";
    UNKNOWN_LOOKUP "unknown-lookup" 404 "Registrul nu poate fi întrebat așa ceva" "No such thing can be asked of a register";
    METHOD_NOT_ALLOWED "method-not-allowed" 405 "Metoda nu este permisă aici" "The method is not allowed here";
    IDEMPOTENCY_CONFLICT "idempotency-conflict" 409 "Aceeași cheie a fost folosită pentru alt document" "The same key was used for another document";
    STATE_CONFLICT "state-conflict" 409 "Starea documentului nu permite acest pas" "The document's state does not allow this step";
    STATEMENT_NEEDED "statement-needed" 409 "Mai întâi trebuie spus dacă documentul a ajuns" "It must first be said whether the document arrived";
    CLOSING_REFUSED "closing-refused" 409 "Anul registrului nu poate fi închis acum" "The year of the register cannot be closed now";
    CREDENTIAL_CONFLICT "credential-conflict" 409 "Cheia sau certificatul nu poate fi înregistrat așa" "The key or certificate cannot be registered like this";
    POSSIBLE_DUPLICATE "possible-duplicate" 409 "Documentul pare înregistrat deja" "The document seems to be registered already";
    SECOND_CLERK_NEEDED "second-clerk-needed" 409 "Pasul cere un al doilea funcționar" "The step needs a second clerk";
    NO_NOMENCLATOR "no-nomenclator" 409 "Niciun nomenclator arhivistic nu este în vigoare" "No archival nomenclature is in force";
    ON_HOLD "on-hold" 409 "Dosarul este reținut și nu poate fi distrus" "The dossier is held and cannot be destroyed";
    TERM_NOT_OVER "term-not-over" 409 "Termenul de păstrare nu s-a împlinit" "The retention term is not over";
    CONTENT_ERASED "content-erased" 410 "Conținutul a fost distrus prin selecționare" "The content was destroyed by a selection";
    PAYLOAD_TOO_LARGE "payload-too-large" 413 "Documentul este mai mare decât limita" "The document is larger than the limit";
    UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" 415 "Cererea nu este nici multipart/form-data, nici application/json" "The request is neither multipart/form-data nor application/json";
    UNSUPPORTED_ENCODING "unsupported-encoding" 415 "Cererea este comprimată" "The request is compressed";
    TOO_MANY_REQUESTS "too-many-requests" 429 "Prea multe cereri" "Too many requests";
    REQUEST_TIMEOUT "request-timeout" 408 "Cererea vine prea încet" "The request comes too slowly";
    UNKNOWN_DOCUMENT_TYPE "unknown-document-type" 422 "Tipul de document nu este în catalog" "The document type is not in the catalogue";
    UNKNOWN_DOCUMENT_VERSION "unknown-document-version" 422 "Versiunea tipului de document nu este în catalog" "The version of the document type is not in the catalogue";
    ENCRYPTION_REQUIRED "encryption-required" 422 "Documentul trebuie cifrat pentru destinatarii săi" "The document must be sealed for its recipients";
    INVALID_KEY "invalid-key" 422 "Cheia nu poate fi înregistrată" "The key cannot be registered";
    MALWARE_FOUND "malware-found" 422 "Documentul conține un program dăunător" "The document contains a program that does harm";
    UNKNOWN_UNIT "unknown-unit" 422 "Compartimentul nu este în structura instituției" "The unit is not in the structure of the institution";
    UNKNOWN_RECIPIENT "unknown-recipient" 422 "Un destinatar nu este în director" "A recipient is not in the directory";
    NO_AGREEMENT "no-agreement" 422 "Niciun acord nu permite această transmitere" "No agreement allows this sending";
    AGREEMENT_EXPIRED "agreement-expired" 422 "Acordul nu este în vigoare" "The agreement is not in force";
    PARTS_MISMATCH "parts-mismatch" 422 "Părțile trimise nu sunt cele din plic" "The parts sent are not those of the envelope";
    HASH_MISMATCH "hash-mismatch" 422 "Conținutul unei părți nu are rezumatul din plic" "A part does not have the hash given in the envelope";
    INVALID_CONTENT "invalid-content" 422 "Documentul nu respectă regulile tipului său" "The document breaks the rules of its type";
    INVALID_SETTLEMENT "invalid-settlement" 422 "Acceptarea sau respingerea nu este completă" "The acceptance or rejection is not complete";
    INVALID_ENTRY "invalid-entry" 422 "Înregistrarea nu respectă regulile registrului" "The entry breaks the rules of its register";
    INVALID_REGISTER "invalid-register" 422 "Registrul nu poate fi ținut după această definiție" "The register cannot be kept by this definition";
    INVALID_QUESTION "invalid-question" 422 "Întrebarea nu este completă sau corectă" "The question is not complete or not right";
    UNKNOWN_DOSSIER_CODE "unknown-dossier-code" 422 "Indicativul nu este în nomenclatorul arhivistic" "The dossier code is not in the archival nomenclature";
    INVALID_NOMENCLATOR "invalid-nomenclator" 422 "Nomenclatorul arhivistic are rânduri greșite" "The archival nomenclature has wrong rows";
    INVALID_ARCHIVE_REQUEST "invalid-archive-request" 422 "Cererea către arhivă nu este completă sau corectă" "The request to the archive is not complete or not right";
    INVALID_CREDENTIAL "invalid-credential" 422 "Cheia sau certificatul cerut nu este complet sau corect" "The key or certificate asked for is not complete or not right";
    REGISTER_REFUSED "register-refused" 422 "Registrul a refuzat să răspundă" "The register refused to answer";
    REGISTER_FILE "register-file" 422 "Fișierul registrului nu poate fi preluat" "The register file cannot be taken";
    FOREIGN_FORM "foreign-form" 403 "Cererea nu vine din paginile hubului" "The request does not come from the pages of the hub";
    NOT_YOUR_UNIT "not-your-unit" 403 "Compartimentul nu este al dumneavoastră" "The unit is not yours";
    OWN_ACCOUNT "own-account" 403 "Nimeni nu își schimbă singur drepturile" "Nobody changes the own rights";
    ROLE_NOT_GIVEN "role-not-given" 403 "Rolul nu poate fi dat de dumneavoastră" "The role is not yours to give";
    ACCOUNT_TAKEN "account-taken" 409 "Numele de conectare sau pseudonimul este luat" "The login or the pseudonym is taken";
    APPROVAL_NEEDED "approval-needed" 409 "Pasul cere aprobarea altei persoane" "The step needs the approval of another person";
    OWN_PROPOSAL "own-proposal" 409 "Cine a propus nu poate și aproba" "Who proposed cannot approve";
    INVALID_ROLE "invalid-role" 422 "Rolul nu poate fi definit așa" "The role cannot be defined like this";
    INVALID_ACCOUNT "invalid-account" 422 "Contul nu poate fi făcut sau schimbat așa" "The account cannot be made or changed like this";
    INVALID_APPROVAL "invalid-approval" 422 "Propunerea nu este completă sau corectă" "The proposal is not complete or not right";
    WRONG_UNIT "wrong-unit" 403 "Documentul nu este la acest compartiment" "The document is not with this unit";
    TERM_CONFLICT "term-conflict" 409 "Termenul nu permite acest pas" "The term does not allow this step";
    EXTENSION_REFUSED "extension-refused" 422 "Legea nu permite această prelungire" "The law does not allow this extension";
    NOT_REDIRECTED "not-redirected" 422 "Documentul nu poate fi redirecționat" "The document cannot be redirected";
    VERSION_NEEDED "version-needed" 428 "Lipsește versiunea care se schimbă" "The version to be changed is not named";
    VERSION_CHANGED "version-changed" 412 "Intrarea a fost schimbată între timp" "The entry was changed meanwhile";
    ALREADY_EXISTS "already-exists" 409 "Intrarea există deja" "The entry is there already";
    INVALID_DIRECTORY_ENTRY "invalid-directory-entry" 422 "Intrarea directorului nu respectă regulile" "The entry of the directory breaks its rules";
    INVALID_PERSON "invalid-person" 422 "Datele persoanei nu respectă regulile" "The data of the person break the rules";
    DUPLICATE_PERSON "duplicate-person" 409 "Un identificator este al altei persoane din evidență" "An identifier is that of another person on record";
    INVALID_NOMENCLATURE "invalid-nomenclature" 422 "Nomenclatorul are rânduri greșite" "The nomenclature has wrong rows";
    UNVERIFIED "unverified" 422 "Dovada nu se verifică" "The evidence does not verify";
    UNAVAILABLE "unavailable" 503 "Hubul nu poate păstra nimic acum" "The hub cannot make anything durable now";
    SCAN_UNAVAILABLE "scan-unavailable" 503 "Scanerul de programe dăunătoare nu răspunde" "The scanner for malware does not answer";
    REGISTER_CLOSED "register-closed" 503 "Anul registrului este închis" "The year of the register is closed";
    REGISTER_UNAVAILABLE "register-unavailable" 503 "Registrul nu răspunde acum" "The register does not answer now";
    LOOKUP_INTERRUPTED "lookup-interrupted" 503 "Hubul s-a oprit în timp ce întreba" "The hub stopped while it asked";
    SERVICE_HALTED "service-halted" 503 "Serviciul este oprit: nu se pot emite dovezi" "The service is halted: no evidence can be issued";
    LOCKED_DOWN "locked-down" 503 "Hubul este blocat: nu poate garanta securitatea" "The hub is locked down: it cannot guarantee security";
    UNLOCK_REFUSED "unlock-refused" 409 "Blocarea nu poate fi ridicată așa" "The lock-down cannot be lifted like this";
    DISK_FULL "disk-full" 507 "Hubul nu mai are loc pe disc" "The hub has no room left";
}

/// The kind with this code.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static ProblemKind> {
    ALL.iter().copied().find(|kind| kind.code == code)
}
