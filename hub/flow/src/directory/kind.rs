//! The kinds of entries, their words in the database and in addresses.

/// A kind of entry of the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An institution.
    Party,
    /// A program that speaks for one.
    System,
    /// A way to reach one.
    Channel,
    /// Who may send what to whom.
    Agreement,
    /// Which unit handles what.
    Competence,
    /// Who may ask which register.
    LookupAgreement,
    /// A way to ask a register.
    LookupChannel,
    /// A system documents are fetched from.
    Source,
    /// A register of an institution.
    Register,
    /// A unit of an institution.
    Unit,
    /// A post in a unit.
    Post,
    /// Who holds a post.
    Staff,
    /// Who stands in for whom.
    Delegation,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::Party,
        Self::System,
        Self::Channel,
        Self::Agreement,
        Self::Competence,
        Self::LookupAgreement,
        Self::LookupChannel,
        Self::Source,
        Self::Register,
        Self::Unit,
        Self::Post,
        Self::Staff,
        Self::Delegation,
    ];

    /// The word in the database and in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::System => "system",
            Self::Channel => "channel",
            Self::Agreement => "agreement",
            Self::Competence => "competence",
            Self::LookupAgreement => "lookup_agreement",
            Self::LookupChannel => "lookup_channel",
            Self::Source => "source",
            Self::Register => "register",
            Self::Unit => "unit",
            Self::Post => "post",
            Self::Staff => "staff",
            Self::Delegation => "delegation",
        }
    }

    /// The word in addresses: many of them.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Party => "parties",
            Self::System => "systems",
            Self::Channel => "channels",
            Self::Agreement => "agreements",
            Self::Competence => "competences",
            Self::LookupAgreement => "lookup-agreements",
            Self::LookupChannel => "lookup-channels",
            Self::Source => "sources",
            Self::Register => "registers",
            Self::Unit => "units",
            Self::Post => "posts",
            Self::Staff => "staff",
            Self::Delegation => "delegations",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Party => "instituția",
            Self::System => "sistemul",
            Self::Channel => "canalul",
            Self::Agreement => "acordul",
            Self::Competence => "regula de competență",
            Self::LookupAgreement => "acordul de interogare",
            Self::LookupChannel => "canalul de interogare",
            Self::Source => "sursa",
            Self::Register => "registrul",
            Self::Unit => "compartimentul",
            Self::Post => "postul",
            Self::Staff => "încadrarea",
            Self::Delegation => "înlocuirea",
        }
    }

    /// The kind of a stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The kind of a word in an address.
    #[must_use]
    pub fn of_plural(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.plural() == word)
    }

    /// Whether ids are unique within an institution only, so that both make up the stored id: `party/id`.
    #[must_use]
    pub const fn is_within_party(self) -> bool {
        matches!(self, Self::Register | Self::Unit | Self::Post | Self::Staff | Self::Delegation)
    }
}
