use jiff::civil::date;

use super::super::{BuiltIn, Grant, Held, Permission, PermissionSet, Who, grants_of_system};
use super::*;

fn clerk(grant: Grant) -> Principal {
    let who = Who::Person { account: "7".to_owned(), pseudonym: "F7".to_owned(), unit: None };
    let grants = Held::built_in(grant).into_iter().collect();
    Principal { who, party: "primaria".to_owned(), grants, narrowed_to: None }
}

fn asked(permission: Permission, scope: Scope<'_>) -> Asked<'_> {
    Asked { permission, scope, today: date(2026, 11, 22) }
}

const PETITIONS: Scope<'static> =
    Scope { register: Some("petitii"), unit: Some("registratura"), dossier_group: None, document_type: None };

#[test]
fn what_no_role_holds_is_refused_and_what_one_holds_is_not() {
    let clerk = clerk(Grant::of("clerk", "primaria"));
    let table = [
        (Permission::RegistersEnter, true),
        (Permission::RegistersRead, true),
        (Permission::RegistersApprove, false),
        (Permission::RegistersDefine, false),
        (Permission::HubOversee, false),
        (Permission::GrantsManage, false),
    ];
    for (permission, may) in table {
        let decision = allows(&clerk, &asked(permission, PETITIONS));
        assert_eq!(decision.is_allowed(), may, "{permission}: {decision:?}");
        if !may {
            assert_eq!(decision, Decision::Refused(Refusal::NotGranted), "{permission}");
        }
    }
}

#[test]
fn a_role_in_one_institution_is_none_in_another() {
    let stranger = clerk(Grant::of("clerk", "alta-primarie"));
    let decision = allows(&stranger, &asked(Permission::RegistersRead, PETITIONS));
    assert_eq!(decision, Decision::Refused(Refusal::NotGranted));
    assert!(!stranger.holds(Permission::RegistersRead));
}

#[test]
fn a_narrowed_grant_holds_only_where_it_says() {
    let narrowed = |change: fn(&mut Grant)| {
        let mut grant = Grant::of("clerk", "primaria");
        change(&mut grant);
        clerk(grant)
    };
    let petitions = narrowed(|grant| grant.registers = vec!["petitii".to_owned()]);
    let registry = narrowed(|grant| grant.units = vec!["registratura".to_owned()]);
    let letters = narrowed(|grant| grant.document_types = vec!["letter".to_owned()]);
    let dossiers = narrowed(|grant| grant.dossier_groups = vec!["II".to_owned()]);
    let at = |register| Scope { register: Some(register), ..Scope::default() };
    let unit = |unit| Scope { unit: Some(unit), ..Scope::default() };
    let group = |code| Scope { dossier_group: Some(code), ..Scope::default() };
    let kind = |kind| Scope { document_type: Some(kind), ..Scope::default() };
    let table = [
        (&petitions, Permission::RegistersRead, at("petitii"), true),
        (&petitions, Permission::RegistersRead, at("general"), false),
        // Where it is not said where, a narrowed grant does not hold.
        (&petitions, Permission::RegistersRead, Scope::default(), false),
        // What is done in no register is not narrowed by one.
        (&petitions, Permission::DirectoryRead, Scope::default(), true),
        (&registry, Permission::RegistersRead, unit("registratura"), true),
        (&registry, Permission::RegistersRead, unit("urbanism"), false),
        (&letters, Permission::MessagesSend, kind("letter"), true),
        (&letters, Permission::MessagesSend, kind("social-aid"), false),
        (&dossiers, Permission::ArchiveDossiersRead, group("II/B/3"), true),
        (&dossiers, Permission::ArchiveDossiersRead, group("II"), true),
        (&dossiers, Permission::ArchiveDossiersRead, group("III/A"), false),
    ];
    for (who, permission, scope, may) in table {
        let decision = allows(who, &asked(permission, scope));
        assert_eq!(decision.is_allowed(), may, "{permission} in {scope:?}: {decision:?}");
        assert!(may || matches!(decision, Decision::Refused(Refusal::Elsewhere { .. })), "{decision:?}");
        assert!(allows_somewhere(who, &asked(permission, Scope::default())).is_allowed());
    }
}

#[test]
fn a_grant_holds_from_its_first_to_its_last_day() {
    let table = [
        (None, None, true),
        (Some(date(2026, 11, 22)), Some(date(2026, 11, 22)), true),
        (Some(date(2026, 11, 23)), None, false),
        (None, Some(date(2026, 11, 21)), false),
    ];
    for (valid_from, valid_to, may) in table {
        let who = clerk(Grant { valid_from, valid_to, ..Grant::of("clerk", "primaria") });
        let decision = allows(&who, &asked(Permission::RegistersRead, PETITIONS));
        assert_eq!(decision.is_allowed(), may, "{valid_from:?} to {valid_to:?}");
        assert!(may || decision == Decision::Refused(Refusal::NotInForce { from: valid_from, to: valid_to }));
    }
}

#[test]
fn one_grant_that_holds_is_enough_and_the_nearest_refusal_is_told() {
    let mut who = clerk(Grant { valid_to: Some(date(2020, 1, 1)), ..Grant::of("clerk", "primaria") });
    let narrowed = Grant { registers: vec!["general".to_owned()], ..Grant::of("clerk", "primaria") };
    who.grants.extend(Held::built_in(narrowed));
    let decision = allows(&who, &asked(Permission::RegistersRead, PETITIONS));
    assert!(matches!(&decision, Decision::Refused(Refusal::Elsewhere { holds_in, .. }) if holds_in == &["general"]));
    who.grants.extend(Held::built_in(Grant::of("archivist", "primaria")));
    assert!(allows(&who, &asked(Permission::RegistersRead, PETITIONS)).is_allowed());
}

#[test]
fn a_narrowed_credential_gives_no_more_than_it_names_and_no_more_than_was_granted() {
    let mut who = clerk(Grant::of("clerk", "primaria"));
    who.narrowed_to = Some([Permission::RegistersRead, Permission::HubOversee].into_iter().collect());
    assert!(allows(&who, &asked(Permission::RegistersRead, PETITIONS)).is_allowed());
    let entering = allows(&who, &asked(Permission::RegistersEnter, PETITIONS));
    assert_eq!(entering, Decision::Refused(Refusal::Credential));
    let operating = allows(&who, &asked(Permission::HubOversee, PETITIONS));
    assert_eq!(operating, Decision::Refused(Refusal::NotGranted));
}

#[test]
fn a_system_holds_what_its_entry_names_and_never_what_is_of_people_or_of_the_hub() {
    let system = |operations: Option<&[Permission]>, operator| Principal {
        who: Who::System { id: "s".to_owned() },
        party: "primaria".to_owned(),
        grants: grants_of_system("primaria", operations, operator),
        narrowed_to: None,
    };
    let may = |who: &Principal, permission| allows(who, &asked(permission, Scope::default())).is_allowed();
    let whole = system(None, false);
    for permission in Permission::ALL {
        assert_eq!(may(&whole, *permission), BuiltIn::PartnerSystem.holds(*permission), "{permission}");
    }
    assert!(may(&whole, Permission::RelayDispatch));
    assert!(!may(&whole, Permission::SystemsResume));
    assert!(!may(&whole, Permission::GrantsManage));
    let narrow = system(Some(&[Permission::MessagesSend, Permission::LockDownLift]), false);
    assert!(may(&narrow, Permission::MessagesSend));
    assert!(!may(&narrow, Permission::MessagesRead));
    assert!(!may(&narrow, Permission::LockDownLift));
    assert!(may(&system(None, true), Permission::SystemsResume));
}

#[test]
fn texts_are_unique_and_read_back_and_every_permission_is_held_by_a_role() {
    let texts: std::collections::BTreeSet<_> = Permission::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(texts.len(), Permission::ALL.len());
    for permission in Permission::ALL {
        assert_eq!(Permission::parse(permission.as_str()), Some(*permission));
        assert!(BuiltIn::ALL.iter().any(|role| role.holds(*permission)), "nobody holds {permission}");
        assert!(PermissionSet::NONE.with(*permission).iter().eq([*permission]));
    }
    for role in BuiltIn::ALL {
        assert_eq!(BuiltIn::parse(role.as_str()), Some(role));
        assert!(role.permissions().iter().count() > 0, "{role:?} may nothing");
    }
}
